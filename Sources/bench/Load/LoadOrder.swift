/// What load to put on which server.
struct LoadOrder {
    let target: Target
    let request: RequestText
    /// What a right answer's body has, so often.
    var expected = Sighting(of: "")
    var connections = 64
    /// Seconds that are measured.
    var seconds = 10.0
    /// Seconds before that.
    var warmupSeconds = 2.0
    var pace = Pace.closed

    /// When requests are sent.
    enum Pace: Equatable {
        /// Each connection sends its next request when the answer to the last one has come.
        case closed
        /// So many a second are due, whether or not the server keeps up.
        case open(perSecond: Double)
    }

    init(_ target: Target, _ request: RequestText) { (self.target, self.request) = (target, request) }
}

/// The two ends of the time that is measured.
enum WindowEdge {
    case begin
    case end
}
