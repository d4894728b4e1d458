/// Bytes of a token that is kept; ours have some 120.
public let spoolTokenBytesMax = 1_024
/// Bytes of the spool's file, unless told otherwise: some 400,000 opt-outs.
public let spoolBytesMax = 64 * 1_024 * 1_024
/// Appends that wait for the disk at a time; more are refused.
public let spoolWaitingMax = 8_192
/// Bytes that are read at a time when the records are taken out again.
let spoolReadBytesMax = 256 * 1_024
