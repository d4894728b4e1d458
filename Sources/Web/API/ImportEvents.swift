import Formats
import Hummingbird
import NIOCore
import Rules
import Store

/// The progress of an import as server-sent events, until it is over.
enum ImportEvents {
    static let mediaType = "text/event-stream"

    static func answer(_ call: Call, _ watchers: Streams) async throws(Problem) -> Answer {
        let record = try await ImportAPI.record(call)
        guard let place = watchers.place(for: try call.access().controller.id) else {
            throw Problem(.tooManyStreams, "\(watchers.underWay) imports are being watched; ask again later.")
        }
        let watch = Watch(store: call.store, access: try call.access(), record: record, place: place)
        var answer = Answer(200, mediaType, [])
        answer.stream = { writer in try await watch.run(&writer) }
        return answer
    }

    /// Whoever holds it holds the watcher's place.
    private struct Watch: Sendable {
        let store: Store
        let access: Access
        let record: ImportRecord
        let place: Streams.Place

        func run(_ writer: inout any ResponseBodyWriter) async throws {
            let start = ContinuousClock.now
            var record = record
            while true {
                try await writer.write(ByteBuffer(bytes: event(record)))
                if record.state.isOver || ContinuousClock.now - start > .seconds(importWatchSecondsMax) { return }
                try await Task.sleep(for: .milliseconds(importWatchPauseMilliseconds))
                do {
                    guard let next = try await store.importRecord(record.id, by: access) else { return }
                    record = next
                } catch {
                    throw StreamCut(cause: "\(error)")
                }
            }
        }

        private func event(_ record: ImportRecord) -> [UInt8] {
            var json = JSONWriter()
            json.beginObject()
            record.write(to: &json)
            json.endObject()
            let name = record.state.isOver ? "over" : "progress"
            return Array("event: \(name)\ndata: ".utf8) + json.bytes + Array("\n\n".utf8)
        }
    }
}
