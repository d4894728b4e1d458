/// Undoes gzip (RFC 1952): one member or several behind one another, whose contents are one file; zeros behind the last
/// one are padding.
struct Gunzip: Sendable {
    private enum State {
        case member(Inflater)
        case betweenMembers
        case padding
    }

    private var state: State
    private var tally = UnpackTally()

    init() throws(UnpackError) { state = .member(try Inflater(.gzip)) }

    /// The next bytes of the content; nil where more input is needed, or where all is done.
    mutating func next(_ input: inout ByteQueue, isEnded: Bool) throws(UnpackError) -> [UInt8]? {
        while true {
            switch state {
            case .member(let inflater):
                var output: [UInt8] = []
                let step = try input.withBytes { bytes throws(UnpackError) in
                    try inflater.inflate(bytes, into: &output, bytesMax: unpackedPieceBytes)
                }
                input.drop(step.consumed)
                tally.count(packed: step.consumed)
                try tally.count(unpacked: output.count)
                if step.isFinished { state = .betweenMembers }
                if !output.isEmpty { return output }
                if !step.isFinished, step.consumed == 0 {
                    guard !isEnded else { throw .truncated }
                    return nil
                }
            case .betweenMembers:
                guard input.count >= 2 || isEnded else { return nil }
                if input.starts(with: [0x1F, 0x8B]) {
                    state = .member(try Inflater(.gzip))
                } else {
                    state = .padding
                }
            case .padding:
                let rest = input.take(input.count)
                guard rest.allSatisfy({ $0 == 0 }) else { throw .trailingBytes }
                return nil
            }
        }
    }
}
