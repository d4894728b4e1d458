public import Rules

/// Puts the verdicts behind the rows: `eligible, reason, ground, until`.
public struct ScrubWriter: Sendable {
    /// How the four are written.
    enum Style: Sendable {
        case csv(delimiter: UInt8, lineEnd: [UInt8])
        case ndjson
    }

    let style: Style

    init(_ style: Style) { self.style = style }

    /// Appends the rows of a page with their verdicts, which are as many as the page has addresses.
    ///
    /// A row without a verdict of its own is never eligible, and so is one for which there is none at all.
    public func append(_ page: ScrubPage, _ verdicts: some Sequence<Verdict>, to bytes: inout [UInt8]) {
        let bytesPerAnswer = 72
        bytes.reserveCapacity(bytes.count + page.byteCount + page.rowCount * bytesPerAnswer)
        var verdicts = verdicts.makeIterator()
        var start = 0
        page.leads.withUnsafeBufferPointer { leads in
            for (end, kind) in zip(page.ends, page.kinds) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: leads[start..<end]))
                start = end
                switch kind {
                case .asked:
                    if let verdict = verdicts.next() {
                        answer(verdict, to: &bytes)
                    } else {
                        refuse(ScrubColumns.invalidRow, to: &bytes)
                    }
                case .invalidAddress: refuse(ScrubColumns.invalidAddress, to: &bytes)
                case .invalidRow: refuse(ScrubColumns.invalidRow, to: &bytes)
                }
            }
        }
    }

    private func answer(_ verdict: Verdict, to bytes: inout [UInt8]) {
        switch style {
        case .csv(let delimiter, let lineEnd):
            append(verdict.isEligible ? "true" : "false", to: &bytes)
            bytes.append(delimiter)
            append(verdict.reason.code, to: &bytes)
            bytes.append(delimiter)
            if let ground = verdict.ground { append(ground.id.text, to: &bytes) }
            bytes.append(delimiter)
            verdict.until?.append(to: &bytes)
            bytes.append(contentsOf: lineEnd)
        case .ndjson:
            append(verdict.isEligible ? #""eligible":true,"reason":""# : #""eligible":false,"reason":""#, to: &bytes)
            append(verdict.reason.code, to: &bytes)
            if let ground = verdict.ground {
                append(#"","ground":""#, to: &bytes)
                append(ground.id.text, to: &bytes)
                append(#"","until":"#, to: &bytes)
            } else {
                append(#"","ground":null,"until":"#, to: &bytes)
            }
            if let until = verdict.until {
                bytes.append(Byte.quote)
                until.append(to: &bytes)
                append("\"}\n", to: &bytes)
            } else {
                append("null}\n", to: &bytes)
            }
        }
    }

    private func refuse(_ reason: String, to bytes: inout [UInt8]) {
        switch style {
        case .csv(let delimiter, let lineEnd):
            append("false", to: &bytes)
            bytes.append(delimiter)
            append(reason, to: &bytes)
            bytes.append(delimiter)
            bytes.append(delimiter)
            bytes.append(contentsOf: lineEnd)
        case .ndjson:
            append(#""eligible":false,"reason":""#, to: &bytes)
            append(reason, to: &bytes)
            append("\",\"ground\":null,\"until\":null}\n", to: &bytes)
        }
    }

    /// Our own words need no quotes and no escapes: codes and names of a policy are letters, digits and hyphens.
    private func append(_ word: String, to bytes: inout [UInt8]) {
        var word = word
        word.withUTF8 { bytes.append(contentsOf: $0) }
    }
}
