import Crypto
import CryptoExtras

/// Why octets cannot be sealed or read: one word each, and nothing of what is inside.
public enum SealFault: String, Error, Sendable {
    /// They are no sealed octets, or were changed, or belong to another place.
    case damaged
    /// The version of the pepper that they were sealed under is not loaded.
    case unknownVersion
}

/// Sealing of what must lie in the database for a while and be read by nobody else: a letter on its way, an address that a
/// recipient is to be told of, a secret shared with a recipient.
///
/// AES-256-GCM-SIV (RFC 8452) under a key derived from the pepper, so there is one secret file and no second to lose. The
/// nonce is derived from place and contents: nothing here draws chance, and what the mode gives away of equal contents at
/// one place, that they are equal, the address key beside them says anyway.
extension Peppers {
    /// Octets that only this pepper opens again, and only for the same place (a table and column, and whose).
    public func seal(_ plain: [UInt8], for place: String) throws(SealFault) -> [UInt8] {
        let key = current.sealingKey
        let nonce = Self.nonce(plain, place, key)
        do {
            let box = try AES.GCM._SIV.seal(
                plain, using: key, nonce: AES.GCM._SIV.Nonce(data: nonce), authenticating: Array(place.utf8))
            let version = UInt16(clamping: current.version)
            return [Self.sealForm, UInt8(version >> 8), UInt8(version & 0xFF)] + nonce + Array(box.ciphertext)
                + Array(box.tag)
        } catch {
            throw .damaged
        }
    }

    /// What was sealed for that place.
    public func open(_ sealed: [UInt8], for place: String) throws(SealFault) -> [UInt8] {
        let head = 3 + Self.nonceOctets
        guard sealed.count >= head + Self.tagOctets, sealed[0] == Self.sealForm else { throw .damaged }
        let version = Int(sealed[1]) << 8 | Int(sealed[2])
        guard let pepper = all.first(where: { $0.version == version }) else { throw .unknownVersion }
        do {
            let box = try AES.GCM._SIV.SealedBox(
                nonce: AES.GCM._SIV.Nonce(data: Array(sealed[3..<head])),
                ciphertext: Array(sealed[head..<(sealed.count - Self.tagOctets)]),
                tag: Array(sealed[(sealed.count - Self.tagOctets)...]))
            return Array(try AES.GCM._SIV.open(box, using: pepper.sealingKey, authenticating: Array(place.utf8)))
        } catch {
            throw .damaged
        }
    }

    private static let sealForm: UInt8 = 1
    private static let nonceOctets = 12
    private static let tagOctets = 16

    private static func nonce(_ plain: [UInt8], _ place: String, _ key: SymmetricKey) -> [UInt8] {
        var code = HMAC<SHA256>(key: key)
        code.update(data: Array(place.utf8) + [0])
        code.update(data: plain)
        return Array(Array(code.finalize()).prefix(nonceOctets))
    }
}
