import Foundation
import Rules

/// The secret file with the keys of links.
enum LinkKeyFiles {
    /// What makes links, of the settings; nil where neither keys nor a public URL are set.
    static func issuer() throws(Failure) -> LinkIssuer? {
        let (path, base, mailbox) = (
            try Settings.linkKeysPath(), try Settings.publicURL(), try Settings.unsubscribeMailbox()
        )
        guard path != nil || base != nil else {
            if mailbox == nil { return nil }
            throw Failure(
                "MAYSEND_UNSUBSCRIBE_MAILTO is set, and no link has it",
                hint: "It goes beside a link: set MAYSEND_LINK_KEYS and MAYSEND_PUBLIC_URL too.")
        }
        guard let path else {
            throw Failure(
                "MAYSEND_PUBLIC_URL is set and MAYSEND_LINK_KEYS is not: there is nothing to seal links with",
                hint: "A first key is made by 'maysend key rotate-links --first' with the file's name in it.")
        }
        guard let base else {
            throw Failure(
                "MAYSEND_LINK_KEYS is set and MAYSEND_PUBLIC_URL is not: links would lead nowhere",
                hint: "Set it to \(PublicURL.allowed).")
        }
        guard let issuer = LinkIssuer(ring: try read(path), base: base, mailbox: mailbox) else {
            throw Failure(
                "MAYSEND_UNSUBSCRIBE_MAILTO is no mailbox that fits a header field",
                hint: "Allowed is \(LinkIssuer.mailboxAllowed).")
        }
        return issuer
    }

    static func read(_ path: String) throws(Failure) -> LinkKeyRing {
        let text: String
        do {
            text = try SystemFile.text(path)
        } catch {
            throw Failure(
                "the file of link keys \(error.description)",
                hint: "MAYSEND_LINK_KEYS names it. Without it no link in any mail that was sent opens.")
        }
        return try ring(text, path)
    }

    /// The keys that the file has now; nil where it cannot be read.
    @Sendable static func reread() -> LinkKeyRing? {
        do throws(Failure) { return try Settings.linkKeysPath().map { path throws(Failure) in try read(path) } } catch {
            return nil
        }
    }

    private static func ring(_ text: String, _ path: String) throws(Failure) -> LinkKeyRing {
        do {
            return try LinkKeyRing(parsing: text, file: path)
        } catch {
            throw Failure("the file of link keys \(error.description)")
        }
    }

    /// Writes a first key to a file that is not there yet, for its owner alone.
    static func create(_ path: String) throws(Failure) {
        guard access(path, F_OK) != 0 else {
            throw Failure(
                "\(path) is there already and stays as it is", hint: "Without --first a new key is added to it.")
        }
        try replace(
            path,
            by: """
                # The keys that seal the links in mails, the newest first. All open links, forever: take none out. Without them
                # no unsubscribe link in any mail that was sent works. Keep a copy apart from the database and its backups.
                \(line(of: 1))

                """)
    }

    /// Adds a key above the others, and gives its number.
    ///
    /// The file is there with all its keys at every moment: the new one is written beside it, forced to disk and renamed.
    static func rotate(_ path: String) throws(Failure) -> Int {
        let text: String
        do {
            text = try SystemFile.text(path)
        } catch {
            throw Failure(
                "the file of link keys \(error.description)",
                hint: "MAYSEND_LINK_KEYS names it; --first makes a new one where links were never sent.")
        }
        let number = try ring(text, path).newest.number + 1
        guard number <= LinkKey.numberMax else { throw Failure("\(path): \(LinkKeyFault.number.sentence)") }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let first = lines.firstIndex { line in
            let start = line.first { !$0.isWhitespace }
            return start != nil && start != "#"
        }
        lines.insert(line(of: number), at: first ?? 0)
        let changed = lines.joined(separator: "\n")
        _ = try ring(changed, path)
        try replace(path, by: changed)
        return number
    }

    private static func line(of number: Int) -> String {
        "k\(number):" + Data(Machine.randomOctets(LinkKey.secretOctets)).base64EncodedString()
    }

    private static func replace(_ path: String, by text: String) throws(Failure) {
        let file = try OutputFile(path, replacing: .whenWhole)
        do {
            try file.write(Array(text.utf8))
            try file.finish()
            try SystemFile.syncFolder(of: path)
        } catch {
            file.discard()
            throw error
        }
    }
}
