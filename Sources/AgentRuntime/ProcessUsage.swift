import Glibc

/// What this process uses of the gateway.
package struct ProcessUsage: Hashable, Sendable, Codable {
  /// Resident memory in bytes.
  package var residentBytes: Int64
  /// The part of it that no file backs: heap and stacks.
  package var privateBytes: Int64
  /// Processor time since the start, user and system, in seconds.
  package var processorSeconds: Double
  /// Bytes that were handed to the block devices since the start.
  package var writtenBytes: Int64

  /// Reads the figures of this process from /proc; what cannot be read is 0.
  package static func current() -> ProcessUsage {
    let status = fields(of: "/proc/self/status")
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return ProcessUsage(
      residentBytes: (status["VmRSS"] ?? 0) * 1024,
      privateBytes: (status["RssAnon"] ?? 0) * 1024,
      processorSeconds: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9,
      writtenBytes: fields(of: "/proc/self/io")["write_bytes"] ?? 0
    )
  }
}

/// The first number after each `Name:` of a file of /proc.
private func fields(of path: String) -> [String: Int64] {
  guard let file = fopen(path, "r") else { return [:] }
  defer { fclose(file) }
  var buffer = [UInt8](repeating: 0, count: 4096)
  let count = fread(&buffer, 1, buffer.count, file)
  var result: [String: Int64] = [:]
  for line in String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n") {
    let parts = line.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { continue }
    let digits = parts[1].drop { !$0.isNumber }.prefix { $0.isNumber }
    if let number = Int64(digits) { result[String(parts[0])] = number }
  }
  return result
}
