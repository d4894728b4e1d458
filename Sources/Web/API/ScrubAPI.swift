import Formats
import Hummingbird
import NIOCore
import Rules
import Store

/// The question of a whole list: rows in, the same rows out with their verdicts, while the list is still coming.
enum ScrubAPI {
    static let csvMediaTypes = ["text/csv"]
    static let ndjsonMediaTypes = ["application/x-ndjson", "application/ndjson", "application/jsonl"]
    static let mediaTypes = csvMediaTypes + ndjsonMediaTypes
    static let parameters = ["purpose", "topic", "at", "column", "delimiter", "header"]

    static func routes(_ streams: Streams) -> [Route] {
        [
            Route(
                .post, "/v1/scrub", .key([.check]), body: .stream(mediaTypes: mediaTypes), query: parameters,
                ScrubPages.scrub
            ) { call async throws(Problem) in try await scrub(call, streams) }
        ]
    }

    private static func scrub(_ call: Call, _ streams: Streams) async throws(Problem) -> Answer {
        guard let stream = call.stream else { throw .ours("a stream without a body") }
        guard !stream.isOfOldProtocol else {
            throw Problem(
                .protocolVersion,
                "The answer is written while it is made, and its end shows in the chunks of HTTP/1.1; ask with that.")
        }
        let order = try ScrubOrder(call, stream)
        guard let place = streams.place(for: try call.access().controller.id) else {
            throw Problem(
                .tooManyStreams,
                "\(streams.underWay) streams are under way; send the same request again later.")
        }
        var reader = ScrubReader(order.options)
        let isRead = try await begin(&reader, stream)
        guard let flow = ScrubFlow(reader, isRead: isRead) else { throw .ours("a list whose opening is not known") }
        let access = try call.access()
        let answering = Answering(
            store: call.store, terms: order.terms, access: access, stream: stream, flow: flow, place: place,
            pace: StreamPace(seconds: streams.limits.stallSecondsMax))
        var answer = Answer(200, mediaType(of: order.options.output), [])
        answer.stream = { writer in try await answering.run(&writer) }
        return answer
    }

    static func mediaType(of format: ScrubFormat) -> String {
        switch format {
        case .csv: "text/csv; charset=utf-8"
        case .ndjson: ndjsonMediaTypes[0]
        }
    }

    /// Reads until it is known how the answer begins, so that a list that cannot be taken is refused and not answered.
    ///
    /// Whether all of it was read.
    private static func begin(_ reader: inout ScrubReader, _ stream: BodyStream) async throws(Problem) -> Bool {
        let start = ContinuousClock.now
        while reader.opening == nil {
            let piece: [UInt8]?
            do { piece = try await stream.upload.next() } catch {
                throw Problem(.malformedRequest, "The body breaks off or is not framed as HTTP says.")
            }
            do throws(ScrubListError) {
                guard let piece else {
                    try reader.finish()
                    return true
                }
                try reader.feed(piece)
            } catch {
                throw Problem(.invalidList, error.description)
            }
            guard ContinuousClock.now - start <= .seconds(requestBodySecondsMax) else {
                throw Problem(.requestTimeout, "The list must begin within \(requestBodySecondsMax) seconds.")
            }
        }
        return false
    }
}

/// A stream that is being answered. Whoever holds it holds the stream's place.
private struct Answering: Sendable {
    let store: Store
    let terms: CheckTerms
    let access: Access
    let stream: BodyStream
    let flow: ScrubFlow
    let place: Streams.Place
    let pace: StreamPace

    /// Writes the answer as far as it goes. Throws a ``StreamCut`` where that is not to its end.
    func run(_ writer: inout any ResponseBodyWriter) async throws {
        do {
            try await pace.watch(cut: stream.cut) {
                try await flow.run(
                    read: {
                        let piece = try await stream.upload.next()
                        pace.move(piece?.count ?? 0)
                        return piece
                    },
                    ask: { try await store.scrub($0, terms, by: access, clock: stream.clock) },
                    write: { texts in try await send(texts, to: &writer) })
            }
        } catch {
            throw cut(error)
        }
    }

    private func send(_ texts: [[UInt8]], to writer: inout any ResponseBodyWriter) async throws {
        for text in texts {
            try await writer.write(ByteBuffer(bytes: text))
            pace.move(text.count)
        }
    }

    private func cut(_ error: any Error) -> StreamCut {
        if pace.isStalled { return StreamCut(cause: "it stood still for too long") }
        switch error {
        case ScrubFailure.store(let error): return StreamCut(cause: error.description)
        case ScrubFailure.fault(let fault): return StreamCut(cause: "the policy has changed: \(fault.kind)")
        case is ScrubFlow.Miscount: return StreamCut(cause: "another number of verdicts than addresses")
        default: return StreamCut(cause: "the client went away, or the server stops")
        }
    }
}

extension CheckFault {
    /// What it is, without words of the client.
    fileprivate var kind: String {
        switch self {
        case .unknownName(let name): name.what == .purpose ? "no such purpose" : "no such topic"
        case .notSendable: "the purpose is a record"
        case .inThePast: "at is past"
        case .noPolicy: "no policy is in effect"
        }
    }
}
