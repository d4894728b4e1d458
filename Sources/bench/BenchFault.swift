/// Why the bench cannot go on, as a sentence for whoever runs it.
struct BenchFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
