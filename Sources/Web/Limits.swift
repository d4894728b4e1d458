/// Bytes of a request's body, unless the operation names another limit.
let requestBodyBytesMax = 1_024 * 1_024
/// Bytes of the body of a batch of checks.
let batchBodyBytesMax = 4 * 1_024 * 1_024
/// Addresses in a batch of checks.
let batchAddressesMax = 10_000
/// Seconds in which a request's body must have come.
let requestBodySecondsMax = 30
/// Bytes of a body that are still taken after its request was answered, so that the client gets to see the answer.
let abandonedBodyBytesMax = 16 * 1_024 * 1_024
/// Seconds in which the rest of such a body must have come.
let abandonedBodySecondsMax: Int64 = 10
/// Bytes of one header field, name and value.
let headerFieldBytesMax = 8 * 1_024
/// Bytes of all header fields of a request.
let headerBytesMax = 16 * 1_024
/// Header fields of a request.
let headerFieldsMax = 64
/// Seconds in which a connection must have begun its first request.
let firstRequestSecondsMax: Int64 = 10
/// Seconds after which a connection that says nothing is closed.
let idleSecondsMax: Int64 = 60
/// Connections that are served at a time; more wait to be accepted.
let connectionsMax = 4_096
/// Bytes of a word that names something: a purpose, a topic, an event, a campaign.
let wordBytesMax = 128
/// Bytes of a time in a request.
let timeBytesMax = 64
/// Entries on a page of the register, unless the client asks for fewer.
let registerPageEntriesStandard = 100
/// Seconds for which what was found of readiness is believed.
let readinessSecondsMax = 3
/// Seconds after which a client may ask again when the database is away.
let retryAfterSeconds = 1
/// Streams that one instance answers at a time.
let scrubStreamsMax = 8
/// Seconds in which a stream must move `scrubStallBytesMin`, or is cut.
let scrubStallSecondsMax = 30
/// Bytes, both ways together.
let scrubStallBytesMin = 512
/// Clients that watch imports at a time, on one instance.
let importWatchersMax = 32
/// Seconds for which one request watches an import; the client asks again.
let importWatchSecondsMax = 600
/// Milliseconds between two looks at an import that is watched.
let importWatchPauseMilliseconds = 500
