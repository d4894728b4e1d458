import Crypto

/// SHA-256 in hexadecimal.
func hexadecimalDigest(of text: String) -> String {
    SHA256.hash(data: Array(text.utf8)).reduce(into: "") { digits, octet in
        digits += octet < 16 ? "0" : ""
        digits += String(octet, radix: 16)
    }
}
