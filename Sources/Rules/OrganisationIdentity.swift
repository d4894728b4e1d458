/// What makes two mentions the same organisation: the number in a register of companies or, without one, the name in
/// whatever case and spelling of its letters.
public func organisationIdentity(number: String?, name: String?) -> String {
    number.map { "#" + $0 } ?? "=" + UnicodeForm.folded(name ?? "")
}
