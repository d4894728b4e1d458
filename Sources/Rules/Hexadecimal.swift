/// Two lower-case digits an octet.
public func hexadecimal(_ octets: some Sequence<UInt8>) -> String {
    octets.reduce(into: "") { text, octet in
        text += octet < 16 ? "0" : ""
        text += String(octet, radix: 16)
    }
}
