import Glibc
package import Logging

/// Writes log entries to the systemd journal with their metadata as fields.
///
/// The native protocol: one datagram per entry, `KEY=value` lines, a value with a line break as
/// key, 64-bit little-endian length and bytes. Metadata `bus` becomes the field `VIGIE_BUS`.
package struct JournalLogHandler: LogHandler {
  package var logLevel: Logger.Level = .info
  package var metadata: Logger.Metadata = [:]
  private let journal: UnixDatagram

  /// Opens the journal's socket; `nil` when no journal listens there.
  ///
  /// - Parameter path: Where the journal listens.
  package init?(path: String = "/run/systemd/journal/socket") {
    guard let journal = UnixDatagram(sendingTo: path) else { return nil }
    self.journal = journal
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var entry: [UInt8] = []
    appendField("MESSAGE", event.message.description, to: &entry)
    appendField("PRIORITY", String(event.level.syslogPriority), to: &entry)
    appendField("SYSLOG_IDENTIFIER", "vigie", to: &entry)
    appendField("CODE_FILE", event.file, to: &entry)
    appendField("CODE_LINE", String(event.line), to: &entry)
    appendField("CODE_FUNC", event.function, to: &entry)
    for (key, value) in merged(metadata, event.metadata) {
      let name = String(
        key.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
      )
      appendField("VIGIE_" + name, value, to: &entry)
    }
    // A journal that is full or gone must not stop the agent.
    journal.send(entry)
  }

  private func appendField(_ key: String, _ value: String, to entry: inout [UInt8]) {
    entry.append(contentsOf: key.utf8)
    if value.utf8.contains(UInt8(ascii: "\n")) {
      entry.append(UInt8(ascii: "\n"))
      withUnsafeBytes(of: UInt64(value.utf8.count).littleEndian) { entry.append(contentsOf: $0) }
    } else {
      entry.append(UInt8(ascii: "="))
    }
    entry.append(contentsOf: value.utf8)
    entry.append(UInt8(ascii: "\n"))
  }
}

/// Writes log entries to standard error as plain lines for a person at a terminal.
package struct PlainLogHandler: LogHandler {
  package var logLevel: Logger.Level = .info
  package var metadata: Logger.Metadata = [:]

  package init() {}

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let fields = merged(metadata, event.metadata).map { " \($0)=\($1)" }.joined()
    let line = Array("vigie: \(event.level): \(event.message)\(fields)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

/// The handler for where this process runs: the journal under systemd, plain lines elsewhere.
///
/// - Parameter environment: systemd sets `JOURNAL_STREAM` to device and inode of the standard
///   error that it connected to the journal.
/// - Returns: A handler with the level `info`.
package func makeLogHandler(environment: [String: String]) -> any LogHandler {
  var information = stat()
  if let stream = environment["JOURNAL_STREAM"], fstat(STDERR_FILENO, &information) == 0,
    stream == "\(information.st_dev):\(information.st_ino)", let handler = JournalLogHandler()
  {
    return handler
  }
  return PlainLogHandler()
}

/// Both sets of metadata, the entry's own over the logger's, in the order of their keys.
private func merged(
  _ standing: Logger.Metadata,
  _ own: Logger.Metadata?
) -> [(key: String, value: String)] {
  standing.merging(own ?? [:]) { $1 }
    .map { ($0.key, $0.value.description) }
    .sorted { $0.0 < $1.0 }
}

extension Logger.Level {
  /// The priority of `syslog(3)`.
  fileprivate var syslogPriority: Int {
    switch self {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}
