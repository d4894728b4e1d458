import Glibc

/// Looks for a word in a body that comes in pieces, so that a server which answers nonsense fast is not called fast.
struct Sighting {
    private let word: [UInt8]
    /// How often it must occur.
    let wanted: Int
    /// How often it has occurred; not counted past `wanted`.
    private(set) var count = 0
    /// The last bytes of what came, in which the word may have begun.
    private var tail: [UInt8] = []

    /// Nothing is looked for where the word is empty.
    init(of word: String, times wanted: Int = 1) {
        (self.word, self.wanted) = (Array(word.utf8), word.isEmpty ? 0 : wanted)
    }

    var isEnough: Bool { count >= wanted }

    /// Makes ready for the next body.
    mutating func begin() {
        count = 0
        tail.removeAll(keepingCapacity: true)
    }

    mutating func look(at piece: UnsafeRawBufferPointer) {
        guard !isEnough else { return }
        if tail.isEmpty {
            search(piece)
        } else {
            lookAcross(piece)
            if !isEnough { search(piece) }
        }
        keepTail(of: piece)
    }

    /// Words that began in what came before and end in this piece.
    private mutating func lookAcross(_ piece: UnsafeRawBufferPointer) {
        let seam = tail + piece.prefix(word.count - 1)
        let before = tail.count
        for start in 0..<before where start + word.count <= seam.count && start + word.count > before {
            if seam[start..<start + word.count].elementsEqual(word) { count += 1 }
        }
    }

    private mutating func keepTail(of piece: UnsafeRawBufferPointer) {
        let keep = word.count - 1
        if piece.count >= keep { tail.removeAll(keepingCapacity: true) }
        tail.append(contentsOf: piece.suffix(keep))
        if tail.count > keep { tail.removeFirst(tail.count - keep) }
    }

    private mutating func search(_ piece: UnsafeRawBufferPointer) {
        guard let base = piece.baseAddress, let first = word.first else { return }
        var position = 0
        while !isEnough, position + word.count <= piece.count,
            let hit = memchr(base + position, Int32(first), piece.count - position - word.count + 1)
        {
            position = UnsafeRawPointer(hit) - base
            if memcmp(hit, word, word.count) == 0 {
                count += 1
                position += word.count
            } else {
                position += 1
            }
        }
    }
}
