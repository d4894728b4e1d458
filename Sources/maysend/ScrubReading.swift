import Formats
import Rules
import Store
import Work

/// A list that is read: its beginning, until it is known how it is written, and the rest as it is wanted.
struct ScrubReading: Sendable {
    let input: InputFile
    private(set) var reader = ScrubReader(ScrubOptions(input: .csv, output: .csv))
    private(set) var options = ScrubOptions(input: .csv, output: .csv)
    /// What has been read.
    private var beginning: [UInt8] = []
    private(set) var isRead = false

    init(_ input: InputFile) { self.input = input }

    /// Reads until it is known how the list is written; a list that cannot be taken is a ``Failure``.
    mutating func begin(_ shape: ScrubShape, list: String) async throws {
        do {
            guard let first = try await input.nextPiece() else { throw ScrubListError.empty }
            beginning = first
            options = shape.options(first)
            reader = ScrubReader(options)
            try reader.feed(first)
            while reader.opening == nil {
                guard let piece = try await input.nextPiece() else {
                    isRead = true
                    try reader.finish()
                    break
                }
                beginning += piece
                try reader.feed(piece)
            }
        } catch let error as ReadFailure {
            throw Failure("\(list): \(error.reason)")
        } catch let error as ScrubListError {
            throw Failure("\(list): \(error.words)", hint: error.hint)
        }
        // What was found out need not be found out again, and cannot be found to be another.
        if let dialect = reader.dialect {
            (options.delimiter, options.encoding) = (dialect.delimiter, dialect.encoding)
            if options.header == .guess { options.header = .firstRow }
        }
    }

    /// All of the list, piece by piece, from its first byte on.
    var pieces: @Sendable () async throws -> [UInt8]? {
        let rest = Rest(beginning, isRead ? nil : input)
        return { try await rest.next() }
    }

    private actor Rest {
        private var beginning: [UInt8]?
        private let input: InputFile?

        init(_ beginning: [UInt8], _ input: InputFile?) { (self.beginning, self.input) = (beginning, input) }

        func next() async throws -> [UInt8]? {
            if let first = beginning {
                beginning = nil
                return first
            }
            return try await input?.nextPiece()
        }
    }
}

extension ScrubListError {
    /// For a terminal.
    var words: String { description }

    var hint: String? {
        switch self {
        case .headerMissing: "--no-header says that there is none."
        case .columnNotFound, .columnAmbiguous, .columnUnknown: "--column names it, by heading or as #3."
        case .columnTwice: "--format csv does without."
        case .packed(.gzip): "gunzip -c LIST.gz | maysend scrub - does it."
        case .empty, .headerBroken, .columnTaken, .packed: nil
        }
    }
}

extension Failure {
    static let noOpening = Failure("the list has no beginning")
}

extension Operator {
    /// Answers the list from the database.
    func answer(_ reading: ScrubReading, _ terms: CheckTerms, _ write: ([UInt8]) throws -> Void) async throws {
        try requireKnown(terms)
        guard let flow = ScrubFlow(reading.reader, isRead: reading.isRead) else { throw Failure.noOpening }
        let (store, access, input) = (store, access, reading.input)
        do {
            try await flow.run(
                read: { try await input.nextPiece() },
                ask: { try await store.scrub($0, terms, by: access, clock: Machine.now) },
                write: { texts in for text in texts { try write(text) } })
        } catch ScrubFailure.store(let error) {
            throw Failure(error)
        } catch ScrubFailure.fault(let fault) {
            throw Failure(fault)
        } catch let error as ReadFailure {
            throw Failure("the list \(error.reason)")
        }
    }

    /// Throws where the policy does not know the words, so that a wrong question is an error also of an empty list.
    private func requireKnown(_ terms: CheckTerms) throws {
        if let at = terms.at, at < Machine.now() {
            throw Failure(CheckFault.inThePast(asked: at, now: Machine.now()))
        }
        do {
            let question = try Question(purpose: terms.purpose, topic: terms.topic, address: .named, under: policy)
            if question.purpose.kind == .record { throw Failure(CheckFault.notSendable(terms.purpose)) }
        } catch let error as UnknownName {
            throw Failure(error)
        }
    }
}

extension RemoteScrub {
    /// Has the server answer the list.
    func answer(_ reading: ScrubReading, _ terms: CheckTerms, _ write: ([UInt8]) throws -> Void) async throws {
        do {
            try await run(terms, of: reading.options, read: reading.pieces, write: { try write($0) })
        } catch let error as RemoteScrubError {
            throw Failure(error)
        } catch let error as ReadFailure {
            throw Failure("the list \(error.reason)")
        }
    }
}

extension Failure {
    init(_ error: RemoteScrubError) {
        switch error {
        case .noURL: self.init("--url is no URL")
        case .unreachable: self.init("the server does not answer", hint: "See that --url names it.")
        case .refused(let status, let detail): self.init("the server refuses (\(status)): \(detail)")
        case .brokenOff:
            self.init(
                "the server cut the answer off, so it is not whole",
                hint:
                    "Its log says why: the database was away, the key was revoked or the policy changed. Run it again.")
        }
    }
}
