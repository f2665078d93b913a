import CAllocator
import Glibc
import ProcessSupport

/// What a process uses, as the kernel counts it.
struct ProcessFigures {
  var residentMegabytes: Double
  var privateMegabytes: Double
  var peakResidentMegabytes: Double
  var processorSeconds: Double
  var writtenBytes: Double
  var threadCount: Int
  var moment = ContinuousClock.now

  init(of process: RunningProgram) throws {
    let status = try Self.fields(of: "/proc/\(process.processID)/status")
    residentMegabytes = (status["VmRSS"] ?? 0) / 1_000 * 1.024
    privateMegabytes = (status["RssAnon"] ?? 0) / 1_000 * 1.024
    peakResidentMegabytes = (status["VmHWM"] ?? 0) / 1_000 * 1.024
    threadCount = Int(status["Threads"] ?? 0)
    writtenBytes = try Self.fields(of: "/proc/\(process.processID)/io")["write_bytes"] ?? 0
    var clock = clockid_t()
    var time = timespec()
    guard clock_getcpuclockid(process.processID, &clock) == 0, clock_gettime(clock, &time) == 0
    else { throw Timeout(what: "the processor time of \(process.name): it has ended") }
    processorSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// The first number after each `Name:` of a file of /proc.
  private static func fields(of path: String) throws -> [String: Double] {
    guard let file = fopen(path, "r") else { throw Timeout(what: "\(path): the process has ended") }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 8_192)
    let count = fread(&bytes, 1, bytes.count, file)
    var result: [String: Double] = [:]
    for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      result[String(parts[0])] = parts[1].split(whereSeparator: \.isWhitespace).first.flatMap {
        Double($0)
      }
    }
    return result
  }
}

/// What this process holds of the heap, in bytes; large arrays have mappings of their own.
func heldBytes() -> Double {
  let heap = mallinfo2()
  return Double(heap.uordblks + heap.hblkhd)
}
