import Synchronization

/// Tells a job, waiting or running, that nobody wants its answer any more.
final class JobToken: Sendable {
    private let flag = Atomic<Bool>(false)

    var isCancelled: Bool { flag.load(ordering: .acquiring) }

    func cancel() { flag.store(true, ordering: .releasing) }
}

/// Work for one connection. Exactly one of `run` and `refuse` is called, once.
struct Job: Sendable {
    let token: JobToken
    let priority: Priority
    let deadlines: Deadlines
    /// When it stops waiting.
    let queueEnd: Moment
    let run: @Sendable (Lane) -> Void
    let refuse: @Sendable (PostgresError) -> Void

    /// Begins to wait at `now`.
    init(
        token: JobToken = JobToken(), _ priority: Priority, _ deadlines: Deadlines, from now: Moment = .now,
        run: @escaping @Sendable (Lane) -> Void, refuse: @escaping @Sendable (PostgresError) -> Void
    ) {
        (self.token, self.priority, self.deadlines) = (token, priority, deadlines)
        queueEnd = now + deadlines.queue
        (self.run, self.refuse) = (run, refuse)
    }
}

/// First in, first out; taking is O(1), removing from the middle O(n).
struct Fifo<Element> {
    private var items: [Element] = []
    private var head = 0

    var count: Int { items.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ item: Element) { items.append(item) }

    mutating func takeFirst() -> Element? {
        guard head < items.count else { return nil }
        let item = items[head]
        head += 1
        if head == items.count {
            removeAll()
        } else if head >= 64, head * 2 >= items.count {
            items.removeFirst(head)
            head = 0
        }
        return item
    }

    mutating func takeLast() -> Element? { isEmpty ? nil : items.removeLast() }

    /// Takes out whatever `isDue` says.
    mutating func take(where isDue: (Element) -> Bool) -> [Element] {
        guard items[head...].contains(where: isDue) else { return [] }
        let taken = items[head...].filter(isDue)
        items = items[head...].filter { !isDue($0) }
        head = 0
        return taken
    }

    mutating func takeAll() -> [Element] {
        defer { removeAll() }
        return Array(items[head...])
    }

    /// The least of what `key` makes of each.
    func least<Key: Comparable>(_ key: (Element) -> Key) -> Key? { items[head...].lazy.map(key).min() }

    private mutating func removeAll() {
        items.removeAll(keepingCapacity: true)
        head = 0
    }
}
