import Formats
import Rules
import Store

/// What falls due, and what was swept.
enum RetentionAPI {
    static let routes = [
        Route(.get, "/v1/retention/forecast", .key([.subject]), query: ["months"], RetentionPages.forecast) {
            call async throws(Problem) in try await forecast(call)
        },
        Route(.get, "/v1/retention/sweeps", .key([.subject]), query: ["limit"], RetentionPages.sweeps) {
            call async throws(Problem) in try await sweeps(call)
        },
    ]

    static let sweepsMax = 100
    static let sweepsStandard = 10

    private static func forecast(_ call: Call) async throws(Problem) -> Answer {
        let months = try number("months", in: call, 1...Forecast.monthsMax, standard: Forecast.monthsStandard)
        let access = try call.access()
        let forecast: Forecast
        do throws(StoreError) {
            forecast = try await call.store.forecast(months: months, by: access)
        } catch {
            throw Problem(error)
        }
        return .json(200) { writer in
            writer.member("at", forecast.at)
            writer.member("reckoning", forecast.isPending)
            write(forecast.overdue, "overdue", to: &writer)
            writer.key("months")
            writer.beginArray()
            for month in forecast.months {
                writer.beginObject()
                writer.member("month", month.name)
                writer.member("total", month.total)
                write(month.counts, "grounds", to: &writer)
                writer.endObject()
            }
            writer.endArray()
            writer.member("later", forecast.later)
            writer.member("without-clock", forecast.unlimited)
        }
    }

    private static func write(_ counts: [Forecast.Count], _ name: StaticString, to writer: inout JSONWriter) {
        writer.key(name)
        writer.beginArray()
        for count in counts {
            writer.beginObject()
            writer.member("ground", count.ground)
            writer.member("count", count.count)
            writer.endObject()
        }
        writer.endArray()
    }

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
