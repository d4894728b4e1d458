/// Why a text is no address or domain we can answer for; the raw value is the stable code of the API.
///
/// No case carries any of the text, so that an error may be logged and shown.
public enum AddressError: String, Error, Hashable, Sendable, CaseIterable {
    case empty = "address-empty"
    case notUTF8 = "not-utf-8"
    case addressTooLong = "address-too-long"
    case atSignMissing = "at-sign-missing"
    case severalAtSigns = "several-at-signs"
    case angleBrackets = "angle-brackets"
    case mailtoPrefix = "mailto-prefix"
    case comment = "comment"
    case whiteSpace = "white-space"
    case controlCharacter = "control-character"
    case invisibleCharacter = "invisible-character"
    case compatibilityCharacter = "compatibility-character"
    case quoting = "quoting"
    case localPartEmpty = "local-part-empty"
    case localPartTooLong = "local-part-too-long"
    case localPartCharacter = "local-part-character"
    case localPartDot = "local-part-dot"
    case domainEmpty = "domain-empty"
    case domainTooLong = "domain-too-long"
    case domainCharacter = "domain-character"
    case domainWithoutDot = "domain-without-dot"
    case domainLabelEmpty = "domain-label-empty"
    case domainLabelTooLong = "domain-label-too-long"
    case domainLabelHyphen = "domain-label-hyphen"
    case domainNotIDNA = "domain-not-idna"
    case ipAddress = "ip-address"

    /// The stable kebab-case code of this error.
    public var code: String { rawValue }

    /// Says in one or two sentences what is wrong and what is allowed, without any of the text itself.
    public var sentence: String {
        switch self {
        case .empty: "The address is empty; write it as name@example.com."
        case .notUTF8: "The address is not valid UTF-8; send text in UTF-8."
        case .addressTooLong: "The address is too long; at most \(Address.octetsMax) octets are allowed in all."
        case .atSignMissing: "The address has no @; write it as name@example.com."
        case .severalAtSigns: "There is more than one @; one address with one @ is allowed."
        case .angleBrackets:
            "Angle brackets are allowed as one pair around the whole address, without a display name in front of it."
        case .mailtoPrefix: "The address begins with mailto:; give the address alone."
        case .comment: "Parentheses and comments are not allowed in an address."
        case .whiteSpace:
            "White space is allowed around the address, and as plain spaces in a quoted local part; nowhere else."
        case .controlCharacter: "There is a control character in the address; only visible characters are allowed."
        case .invisibleCharacter:
            "There is an invisible or undefined character before the @; only visible characters are allowed."
        case .compatibilityCharacter:
            "There is a full-width letter, a ligature or the like before the @; only the ordinary letters are allowed."
        case .quoting:
            "The quotes before the @ do not fit; allowed is one pair around all of it, with \\ before a \" or \\ inside."
        case .localPartEmpty: "There is nothing before the @; write the address as name@example.com."
        case .localPartTooLong:
            "The part before the @ is too long; at most \(Address.localPartOctetsMax) octets are allowed."
        case .localPartCharacter:
            "There is a character before the @ that is not allowed there; letters, digits, dots and "
                + "!#$%&'*+-/=?^_`{|}~ are."
        case .localPartDot: "Before the @, a dot is allowed only between two other characters."
        case .domainEmpty: "There is no domain after the @; write the address as name@example.com."
        case .domainTooLong: "The domain is too long; at most \(Domain.octetsMax) octets are allowed."
        case .domainCharacter: "There is a character in the domain that is not a letter, a digit, a hyphen or a dot."
        case .domainWithoutDot: "The domain has no dot; a full domain such as example.com is allowed."
        case .domainLabelEmpty: "Two dots follow each other in the domain, or it begins with one; one at a time may."
        case .domainLabelTooLong:
            "A part of the domain is too long; at most \(Domain.labelOctetsMax) octets are allowed between two dots."
        case .domainLabelHyphen: "A part of the domain begins or ends with a hyphen; hyphens may stand only inside it."
        case .domainNotIDNA: "The domain is not a valid internationalised domain name (UTS 46, RFC 5891)."
        case .ipAddress: "The domain is an IP address; a domain name is allowed, such as example.com."
        }
    }
}

extension AddressError: CustomStringConvertible {
    /// Gives the code and the sentence.
    public var description: String { "\(code): \(sentence)" }
}
