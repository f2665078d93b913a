import ConditionModel
import DataAcquisition
import Glibc

/// A file of bytes, read from front to back in blocks.
final class FileBlocks {
  let path: String
  private let file: Int32
  private var block: [UInt8]

  init(path: String, blockSize: Int = 1 << 18) throws(ReplayError) {
    self.path = path
    file = open(path, O_RDONLY | O_CLOEXEC)
    block = Array(repeating: 0, count: blockSize)
    guard file >= 0 else {
      throw ReplayError(
        path: path,
        problem: errno == ENOENT
          ? "there is no such file" : "it cannot be opened: \(String(cString: strerror(errno)))"
      )
    }
  }

  deinit {
    if file >= 0 { close(file) }
  }

  /// The next block; empty at the end.
  func next() throws(ReplayError) -> ArraySlice<UInt8> {
    while true {
      let count = block.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
      if count >= 0 { return block[..<count] }
      guard errno == EINTR else {
        throw ReplayError(
          path: path,
          problem: "it cannot be read: \(String(cString: strerror(errno)))"
        )
      }
    }
  }
}

/// The rows of one machine's recording, in memory that does not grow with the file.
struct RecordingSource: ~Copyable {
  private(set) var table: RecordedTable
  private let blocks: FileBlocks
  private var isAtEnd = false

  init(_ table: RecordedTable, path: String) throws(ReplayError) {
    self.table = table
    blocks = try FileBlocks(path: path)
  }

  /// Reads the next row into `frame`; `false` at the end of the file.
  mutating func next(into frame: inout Frame) throws(ReplayError) -> Bool {
    while true {
      do throws(RecordingError) {
        if try table.next(into: &frame) { return true }
      } catch {
        throw ReplayError(path: blocks.path, problem: "\(error)")
      }
      if isAtEnd {
        guard table.hasHeader else {
          throw ReplayError(
            path: blocks.path,
            problem: "it is empty; a header with 'timestamp' and rows were expected"
          )
        }
        return false
      }
      let block = try blocks.next()
      do throws(RecordingError) {
        if block.isEmpty {
          isAtEnd = true
          table.end()
        } else {
          try table.append(block)
        }
      } catch {
        throw ReplayError(path: blocks.path, problem: "\(error)")
      }
    }
  }

  /// How often rows and the values of each channel come, from the first rows.
  static func rates(of table: RecordedTable, path: String) throws(ReplayError) -> Rates {
    var source = try RecordingSource(table, path: path)
    var frame = table.emptyFrame
    var steps: [Duration] = []
    var last: Timestamp?
    var channels: [ChannelID: (last: Timestamp, steps: [Duration])] = [:]
    while steps.count < surveyedRows, try source.next(into: &frame) {
      let now = frame.timestamp
      if let last { steps.append(now - last) }
      last = now
      for channel in frame.channels {
        if let last = channels[channel]?.last {
          channels[channel]?.steps.append(now - last)
          channels[channel]?.last = now
        } else {
          channels[channel] = (now, [])
        }
      }
    }
    return Rates(
      row: middle(steps),
      channels: channels.compactMapValues { middle($0.steps) }
    )
  }

  private static let surveyedRows = 5_000

  private static func middle(_ steps: [Duration]) -> Duration? {
    steps.isEmpty ? nil : steps.sorted()[steps.count / 2]
  }
}

/// How often values come.
struct Rates {
  /// The usual time between two rows; `nil` for fewer than two.
  var row: Duration?
  /// The usual time between two values of a channel: a slow one fills only some rows.
  var channels: [ChannelID: Duration]
}
