import Foundation
import Rules

/// The machine's clock, which is the database's too.
func systemNow() -> Instant {
    Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
}
