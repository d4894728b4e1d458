import Rules
import Store

/// How to reach an endpoint, or why not.
enum EndpointPlan {
    /// `longest` is what one notice takes at worst.
    case open(OutboundConnection, longest: Duration, send: @Sendable (ClaimedNotice) async -> NoticeResult)
    case closed(String)

    static func make(
        _ endpoint: Endpoint, guardedBy outbound: OutboundGuard, _ limits: OutboundLimits,
        clock: @escaping @Sendable () -> Instant
    ) async -> EndpointPlan {
        do {
            let url = try OutboundURL(parsing: endpoint.url)
            let secrets = endpoint.kind == .webhook ? try endpoint.secrets.map { try WebhookSecret(parsing: $0) } : []
            let address = try await outbound.admit(url)
            let connection = OutboundConnection(to: url, at: address, limits, clock: clock)
            switch endpoint.kind {
            case .webhook:
                let sender = WebhookSender(
                    endpoint: endpoint, secrets: secrets, connection: connection, clock: clock)
                return .open(connection, longest: limits.request) { await sender.send($0) }
            case .hubspot:
                let sender = HubSpotSender(
                    token: endpoint.secrets.first ?? "", connection: connection)
                return .open(connection, longest: limits.request * HubSpotSender.requestsMax) {
                    await sender.send($0)
                }
            }
        } catch {
            return .closed("\(error)")
        }
    }
}
