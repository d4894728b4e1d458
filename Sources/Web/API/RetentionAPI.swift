import Formats
import Rules
import Store

/// What falls due, and what was swept.
enum RetentionAPI {
    static let routes = [
        Route(.get, "/v1/retention/sweeps", .key([.subject]), query: ["limit"], RetentionPages.sweeps) {
            call async throws(Problem) in try await sweeps(call)
        }
    ]

    static let sweepsMax = 100
    static let sweepsStandard = 10

    private static func sweeps(_ call: Call) async throws(Problem) -> Answer {
        let limit = try number("limit", in: call, 1...sweepsMax, standard: sweepsStandard)
        let access = try call.access()
        let runs: [SweepRun]
        do throws(StoreError) {
            runs = try await call.store.sweepRuns(limit: limit, by: access)
        } catch {
            throw Problem(error)
        }
        return .json(200) { writer in
            writer.key("sweeps")
            writer.beginArray()
            for run in runs {
                writer.beginObject()
                writer.member("sweep", run.id)
                writer.member("policy", run.policy)
                writer.member("started-at", run.startedAt)
                writer.member("finished-at", run.finishedAt)
                writer.member("looked", run.looked)
                writer.member("erased", run.erased)
                writer.key("grounds")
                writer.raw(Array(run.grounds.utf8))
                writer.member("digest", run.digest)
                writer.endObject()
            }
            writer.endArray()
        }
    }

    private static func number(
        _ name: String, in call: Call, _ range: ClosedRange<Int>, standard: Int
    ) throws(Problem) -> Int {
        guard let text = call.query[name] else { return standard }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), range.contains(number)
        else {
            throw Problem(
                .invalidParameter, "“\(name)” is a whole number from \(range.lowerBound) to \(range.upperBound).",
                parameter: name)
        }
        return number
    }
}
