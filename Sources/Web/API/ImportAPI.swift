import Formats
import Hummingbird
import NIOCore
import Rules
import Store

/// Lists in bulk: one comes in, is merged slice by slice, is watched, and is taken back.
enum ImportAPI {
    /// How a list is written and packed is found out from its first bytes; the type only says that it is a list.
    static let mediaTypes =
        ScrubAPI.mediaTypes + [
            "text/plain", "text/tab-separated-values", "application/json", "application/gzip", "application/zip",
            "application/octet-stream",
        ]

    static func routes(_ streams: Streams) -> [Route] {
        let watchers = Streams(StreamLimits(streamsMax: importWatchersMax))
        return [
            Route(
                .post, "/v1/imports", .key([.import]), body: .stream(mediaTypes: mediaTypes),
                query: ImportRequest.parameters, ImportPages.receive
            ) { call async throws(Problem) in try await ImportUpload.answer(call, streams) },
            Route(.get, "/v1/imports", .key([.import]), ImportPages.list) { call async throws(Problem) in
                try await list(call)
            },
            Route(.get, "/v1/imports/{id}", .key([.import]), ImportPages.show) { call async throws(Problem) in
                let record = try await record(call)
                return .json(200) { record.write(to: &$0) }
            },
            Route(.get, "/v1/imports/{id}/events", .key([.import]), ImportPages.events) {
                call async throws(Problem) in try await ImportEvents.answer(call, watchers)
            },
            Route(.get, "/v1/imports/{id}/rows", .key([.import]), query: ["verdict", "as"], ImportPages.rows) {
                call async throws(Problem) in try await rows(call)
            },
            Route(.post, "/v1/imports/{id}/undo", .key([.import]), ImportPages.undo) { call async throws(Problem) in
                try await undo(call)
            },
        ]
    }

    /// The import that the path names.
    static func record(_ call: Call) async throws(Problem) -> ImportRecord {
        let text = call.parameters["id"] ?? ""
        guard let id = ImportID(parsing: text) else { throw unknown }
        return try await record(id, call)
    }

    static func record(_ id: ImportID, _ call: Call) async throws(Problem) -> ImportRecord {
        let access = try call.access()
        do throws(StoreError) {
            guard let record = try await call.store.importRecord(id, by: access) else {
                throw StoreError.importState("")
            }
            return record
        } catch .importState {
            throw unknown
        } catch {
            throw Problem(error)
        }
    }

    private static let unknown = Problem(.unknownImport, "This key knows no such import; GET /v1/imports lists them.")

    private static func list(_ call: Call) async throws(Problem) -> Answer {
        let access = try call.access()
        let records: [ImportRecord]
        do throws(StoreError) { records = try await call.store.imports(by: access) } catch { throw Problem(error) }
        return .json(200) { writer in
            writer.key("imports")
            writer.beginArray()
            for record in records {
                writer.beginObject()
                record.write(to: &writer)
                writer.endObject()
            }
            writer.endArray()
        }
    }

    private static func undo(_ call: Call) async throws(Problem) -> Answer {
        let access = try call.access()
        let before = try await record(call)
        do throws(StoreError) { try await call.store.undoImport(before, by: access) } catch { throw Problem(error) }
        let record = try await record(call)
        return .json(202) { record.write(to: &$0) }
    }

    // MARK: Rows

    /// How the verdicts are written.
    enum Form: String, CaseIterable { case csv, ndjson }

    private static func rows(_ call: Call) async throws(Problem) -> Answer {
        let verdicts = ImportVerdict.allCases.map(\.rawValue).joined(separator: ", ")
        let verdict = try call.parsed("verdict", verdicts) { ImportVerdict(rawValue: $0) }
        let form = try call.parsed("as", "csv, ndjson") { Form(rawValue: $0) } ?? .csv
        let record = try await record(call)
        let (store, access) = (call.store, try call.access())
        var answer = Answer(200, ScrubAPI.mediaType(of: form == .csv ? .csv : .ndjson), [])
        answer.stream = { writer in
            if form == .csv { try await writer.write(ByteBuffer(string: "line,verdict,reason,duplicate-of\n")) }
            var last: ImportPlace?
            while true {
                let page: [ImportVerdictRow]
                do {
                    page = try await store.importVerdicts(of: record, only: verdict, after: last, by: access)
                } catch {
                    throw StreamCut(cause: "\(error)")
                }
                try await writer.write(ByteBuffer(bytes: text(of: page, form)))
                guard let end = page.last?.place, page.count == importVerdictsPerPageMax else { return }
                last = end
            }
        }
        return answer
    }

    private static func text(of rows: [ImportVerdictRow], _ form: Form) -> [UInt8] {
        switch form {
        case .csv:
            var writer = CSVWriter(lineEnding: .lf)
            for row in rows {
                writer.row([
                    row.place.description, row.verdict.rawValue, row.reason ?? "", row.duplicateOf?.description ?? "",
                ])
            }
            return writer.bytes
        case .ndjson:
            var bytes: [UInt8] = []
            for row in rows {
                var writer = JSONWriter()
                writer.beginObject()
                writer.member("file", row.place.file)
                writer.member("line", row.place.line)
                writer.member("verdict", row.verdict.rawValue)
                writer.member("reason", row.reason)
                writer.key("duplicate-of")
                if let place = row.duplicateOf { writer.value(place.description) } else { writer.null() }
                writer.endObject()
                bytes += writer.bytes + [0x0A]
            }
            return bytes
        }
    }
}

extension ImportRecord {
    /// Writes the members of an import as the API answers it.
    func write(to writer: inout JSONWriter) {
        writer.member("id", id.description)
        writer.member("kind", kind.rawValue)
        writer.member("state", state.rawValue)
        writer.member("name", name)
        writer.member("source", source)
        writer.member("collected", collectedAt)
        writer.member("begun-at", createdAt)
        writer.member("begun-by", createdBy)
        writer.member("finished-at", finishedAt)
        writer.member("failure", failure)
        writer.member("same-as", sameAs?.description)
        writer.key("understood")
        if let guess { writer.raw(Array(guess.utf8)) } else { writer.null() }
        writer.member("lines", lines)
        writer.member("done", counts.total)
        writer.key("counts")
        writer.beginObject()
        for verdict in ImportVerdict.allCases {
            writer.key(named: verdict.rawValue)
            writer.value(counts[verdict])
        }
        writer.endObject()
        writer.member("taken-back", takenBack)
        writer.member("left", leftBehind)
    }
}
