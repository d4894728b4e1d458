import Formats
import Rules
import Store

extension Receipt {
    /// What was committed, as every operation that records an act says it; `name` says first what kind of act it is.
    func write(to writer: inout JSONWriter, name: (inout JSONWriter) -> Void) {
        writer.member("recorded", true)
        writer.member("act", id)
        name(&writer)
        writer.member("scope", act.scope?.rawValue)
        writer.member("purpose", act.purpose?.text)
        writer.member("topic", act.topic?.text)
        writer.member("at", at)
        writer.member("recorded-at", recordedAt)
        writer.write("stops", stops)
        writer.member("lifted", isLifted)
    }
}

extension JSONWriter {
    /// An array of names.
    mutating func write(_ key: StaticString, _ names: [Slug]) {
        self.key(key)
        beginArray()
        for name in names { value(name.text) }
        endArray()
    }
}

extension Event {
    /// Reads an event from its fields in the body; every fault names its field.
    init(_ name: Event.Name, words: [String: String], under policy: Policy) throws(Problem) {
        do throws(EventError) {
            self = try Event(name, fields: words, under: policy)
        } catch {
            throw Problem(error, under: policy)
        }
    }
}

extension ConsentSource {
    /// The word of the API.
    var word: String {
        switch self {
        case .person: "person"
        case .import: "import"
        case .operator: "operator"
        }
    }
}
