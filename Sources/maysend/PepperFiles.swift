import Foundation
import Rules

/// The secret file with the peppers.
enum PepperFiles {
    /// Reads the file that `MAYSEND_PEPPER_FILE` names.
    static func read() throws(Failure) -> Peppers {
        guard let path = try Settings.pepperPath() else {
            throw Failure(
                "MAYSEND_PEPPER_FILE is not set: without the pepper no address can be found in the register",
                hint: "Name the file; a first one is made by 'maysend pepper create FILE'.")
        }
        return try read(path)
    }

    static func read(_ path: String) throws(Failure) -> Peppers {
        let text: String
        do {
            text = try SystemFile.text(path)
        } catch {
            throw Failure(
                "the pepper file \(error.description)",
                hint:
                    "MAYSEND_PEPPER_FILE names it. Never make a new one for a database in use: its register would be lost."
            )
        }
        do {
            return try Peppers(parsing: text, file: path)
        } catch {
            throw Failure("the pepper file \(error.description)")
        }
    }

    /// Writes a first pepper to a file that is not there yet, for its owner alone.
    static func create(_ path: String) throws(Failure) {
        let secret = Data(Machine.randomOctets(Pepper.secretOctetsMin)).base64EncodedString()
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let isThere = errno == EEXIST
            let reason = SystemFile.systemError()
            throw isThere
                ? Failure(
                    "\(path) is there already and stays as it is",
                    hint: "A pepper that was ever used must never be replaced.")
                : Failure("\(path): cannot be made: \(reason)")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let text = """
            # The secret under which maysend turns addresses into keys. Losing it loses the unsubscribe register:
            # no key can be found again. Keep a copy apart from the database and its backups.
            v1:\(secret)

            """
        do {
            try file.write(contentsOf: Data(text.utf8))
            try file.synchronize()
        } catch {
            unlink(path)
            throw Failure("\(path): cannot be written: the disk may be full")
        }
    }

    /// The permission bits that are more than the owner's; nil where there are none, or no file.
    static func looseMode(_ path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return nil }
        return "0" + String(status.st_mode & 0o777, radix: 8)
    }
}
