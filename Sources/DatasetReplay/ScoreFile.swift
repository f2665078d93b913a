import Glibc

/// Writes `file,timestamp,score,alarm,changepoint`, one row per row of data.
struct ScoreFile: ~Copyable {
  private let path: String
  private let name: [UInt8]
  private let file: Int32
  private var pending: [UInt8]

  private static let blockSize = 1 << 16

  private static func needsQuotes(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte < UInt8(ascii: " ")
  }

  /// Creates the file, replacing an older one.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - name: What the first column says.
  /// - Throws: If it cannot be written.
  init(path: String, name: String) throws(DatasetError) {
    self.path = path
    self.name = Array(name.asCell.utf8)
    pending = Array("file,timestamp,score,alarm,changepoint\n".utf8)
    file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Self.failure(path) }
  }

  deinit {
    if file >= 0 { close(file) }
  }

  /// Adds a row.
  ///
  /// - Parameters:
  ///   - time: As it stands in the data.
  ///   - verdict: What the detector says.
  /// - Throws: If it cannot be written.
  mutating func append(
    time: ArraySlice<UInt8>,
    _ verdict: FileDetector.Verdict
  ) throws(DatasetError) {
    let comma = UInt8(ascii: ",")
    pending += name
    pending.append(comma)
    if time.contains(where: Self.needsQuotes) {
      pending += String(decoding: time, as: UTF8.self).asCell.utf8
    } else {
      pending += time
    }
    pending.append(comma)
    append(billionths: verdict.scoreBillionths)
    pending.append(comma)
    pending.append(UInt8(ascii: verdict.isAlarm ? "1" : "0"))
    pending.append(comma)
    pending.append(UInt8(ascii: verdict.isNotice ? "1" : "0"))
    pending.append(UInt8(ascii: "\n"))
    if pending.count >= Self.blockSize { try finish() }
  }

  /// Writes what is pending.
  mutating func finish() throws(DatasetError) {
    var written = 0
    while written < pending.count {
      let count = pending.withUnsafeBytes { bytes in
        write(file, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      }
      guard count >= 0 || errno == EINTR else { throw Self.failure(path) }
      written += max(0, count)
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// Adds a number in 0…1 with nine decimals.
  private mutating func append(billionths: Int) {
    pending.append(UInt8(ascii: "0") + UInt8(billionths / 1_000_000_000))
    pending.append(UInt8(ascii: "."))
    var unit = 100_000_000
    while unit > 0 {
      pending.append(UInt8(ascii: "0") + UInt8(billionths / unit % 10))
      unit /= 10
    }
  }

  private static func failure(_ path: String) -> DatasetError {
    DatasetError(path: path, problem: "cannot be written: \(String(cString: strerror(errno)))")
  }
}
