import NIOHTTP1

/// What the short way may do, as far as the head of a request tells.
enum Errand {
    /// A single check.
    case check
    /// A one-click at an unsubscribe link.
    case oneClick(OneClick.Head)

    /// Nil for every other request, and for one that is in any way unusual.
    init?(_ head: HTTPRequestHead) {
        guard head.method == .POST, head.version == .http1_1, head.isKeepAlive else { return nil }
        if head.uri == EligibilityAPI.checkPath {
            guard Self.isPlainCheck(head.headers) else { return nil }
            self = .check
        } else if head.uri.hasPrefix(OneClick.pathPrefix) {
            guard let words = OneClick.Head(head) else { return nil }
            self = .oneClick(words)
        } else {
            return nil
        }
    }

    private static func isPlainCheck(_ headers: HTTPHeaders) -> Bool {
        var (isJSON, hasKey) = (false, false)
        for (name, value) in headers {
            switch name.lowercased() {
            case "content-type":
                guard !isJSON, value == "application/json" else { return false }
                isJSON = true
            case "authorization":
                guard !hasKey else { return false }
                hasKey = true
            case "idempotency-key", "expect", "transfer-encoding": return false
            default: break
            }
        }
        return isJSON && hasKey
    }
}
