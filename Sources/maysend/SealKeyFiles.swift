import Foundation
import Rules

/// The secret file with the key that signs the sealed ledger.
enum SealKeyFiles {
    /// Reads the file that `MAYSEND_SEAL_KEY` names; nil where none is named.
    static func read() throws(Failure) -> SealKey? {
        guard let path = try Settings.sealKeyPath() else { return nil }
        let text: String
        do { text = try SystemFile.text(path) } catch { throw Failure("the seal key \(error.description)") }
        guard let key = SealKey(parsing: text) else {
            throw Failure("the seal key \(path) is no key", hint: "It is \(SealKey.allowed).")
        }
        return key
    }

    /// Writes a new key to a file that is not there yet, for its owner alone; its public half.
    static func create(_ path: String) throws(Failure) -> [UInt8] {
        let secret = Machine.randomOctets(SealKey.secretOctets)
        guard let key = SealKey(secret: secret) else { throw Failure("no key could be made") }
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("\(path): cannot be made: \(SystemFile.systemError())") }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: Data(SealKey.fileText(secret: secret).utf8))
            try file.synchronize()
        } catch {
            unlink(path)
            throw Failure("\(path): cannot be written: the disk may be full")
        }
        return key.publicKey
    }
}
