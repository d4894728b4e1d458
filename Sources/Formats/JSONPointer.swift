/// Where in a document a value is (RFC 6901). The last step is kept apart, so that naming each of ten thousand elements
/// costs nothing until one of them is at fault.
public struct JSONPointer: Sendable, Equatable, CustomStringConvertible {
    private enum Step: Sendable, Equatable {
        case whole
        case key(String)
        case index(Int)
    }

    private let parent: String
    private let step: Step

    private init(parent: String, step: Step) {
        self.parent = parent
        self.step = step
    }

    /// The whole document: the empty pointer.
    public static let root = JSONPointer(parent: "", step: .whole)

    /// The member of this object with this name.
    public func appending(_ key: String) -> JSONPointer {
        JSONPointer(parent: description, step: .key(key))
    }

    /// The element of this array at this place, counted from 0.
    public func appending(_ index: Int) -> JSONPointer {
        JSONPointer(parent: description, step: .index(index))
    }

    /// The pointers of the first `count` elements, rendering this one once.
    func elements(_ count: Int) -> [JSONPointer] {
        let parent = description
        return (0..<count).map { JSONPointer(parent: parent, step: .index($0)) }
    }

    /// Equal when they are written the same.
    public static func == (left: JSONPointer, right: JSONPointer) -> Bool {
        left.description == right.description
    }

    /// As RFC 6901 writes it: `/items/3/address`, with `~` as `~0` and `/` as `~1`.
    public var description: String {
        switch step {
        case .whole: return parent
        case .index(let index): return "\(parent)/\(index)"
        case .key(let key):
            var text = parent + "/"
            for scalar in key.unicodeScalars {
                switch scalar {
                case "~": text += "~0"
                case "/": text += "~1"
                default: text.unicodeScalars.append(scalar)
                }
            }
            return text
        }
    }
}
