import Foundation

/// What came back, and the little that these tests read of it.
struct Reply: Sendable {
    let status: Int
    let body: [UInt8]

    /// Whether the verdict in that place of a batch, or the only one, says that the message may go; nil where there is none.
    func isEligible(_ place: Int = 0) -> Bool? {
        guard status == 200 else { return nil }
        return body.withUnsafeBytes { bytes in
            var start = 0
            for _ in 0...place {
                guard let found = offset(of: "\"eligible\":", in: bytes, from: start) else { return nil }
                start = found + "\"eligible\":".utf8.count
            }
            return start < bytes.count ? bytes[start] == UInt8(ascii: "t") : nil
        }
    }

    /// How many verdicts say that the message may go.
    var eligibleCount: Int {
        body.withUnsafeBytes { bytes in
            var (count, start) = (0, 0)
            while let found = offset(of: "\"eligible\":true", in: bytes, from: start) {
                count += 1
                start = found + 1
            }
            return count
        }
    }

    /// The numbers of all acts that it names.
    var acts: [Int] {
        body.withUnsafeBytes { bytes in
            var (acts, start): ([Int], Int) = ([], 0)
            while let found = offset(of: "\"act\":", in: bytes, from: start) {
                start = found + "\"act\":".utf8.count
                acts.append(number(in: bytes, at: start))
            }
            return acts
        }
    }

    /// The text of a member of the object, where that is a string.
    func text(of member: String) -> String? {
        guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] else { return nil }
        return object[member] as? String
    }
}

/// A request as it goes over the wire.
func request(_ path: String, key: String, idempotencyKey: String? = nil, _ body: String) -> [UInt8] {
    let once = idempotencyKey.map { "Idempotency-Key: \($0)\r\n" } ?? ""
    let head =
        "POST \(path) HTTP/1.1\r\nHost: maysend\r\nAuthorization: Bearer \(key)\r\n\(once)"
        + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
    return Array((head + body).utf8)
}

/// As `request`, for what only asks.
func getRequest(_ path: String, key: String) -> [UInt8] {
    Array("GET \(path) HTTP/1.1\r\nHost: maysend\r\nAuthorization: Bearer \(key)\r\n\r\n".utf8)
}
