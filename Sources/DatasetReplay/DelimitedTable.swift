import DataAcquisition
import Glibc

/// A text file of rows with separated fields under a header, read once from front to back.
///
/// It holds one block of the file at a time, whatever the length of the file.
struct DelimitedTable: ~Copyable {
  let path: String
  /// The names of the columns.
  private(set) var header: [String] = []
  /// The line of the current row, counted from 1.
  private(set) var line = 0
  private let file: Int32
  private let separator: UInt8
  private var block: [UInt8]
  private var start = 0
  private var end = 0
  private var isAtEnd = false
  /// Where each field of the current row lies in the block.
  private var fields: [Range<Int>] = []

  private static let longestLine = 1 << 20

  /// Opens a file and reads its header.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - separator: What stands between fields.
  ///   - blockSize: How many bytes are read at a time.
  /// - Throws: If the file cannot be read or has no header.
  init(path: String, separator: UInt8, blockSize: Int = 1 << 18) throws(DatasetError) {
    self.path = path
    self.separator = separator
    file = open(path, O_RDONLY | O_CLOEXEC)
    block = Array(repeating: 0, count: blockSize)
    guard file >= 0 else {
      throw DatasetError(
        path: path,
        problem: "cannot be opened: \(String(cString: strerror(errno)))"
      )
    }
    guard try readRow() else {
      throw DatasetError(path: path, problem: "is empty; a header and rows were expected")
    }
    header = fields.map { String(decoding: block[$0], as: UTF8.self) }
    // A byte order mark is not part of the first name.
    if let first = header.first, first.hasPrefix("\u{FEFF}") {
      header[0] = String(first.dropFirst())
    }
  }

  deinit {
    if file >= 0 { close(file) }
  }

  /// How many fields the current row has.
  var fieldCount: Int { fields.count }

  /// The bytes of a field of the current row; empty where the row is too short.
  subscript(column: Int) -> ArraySlice<UInt8> {
    column < fields.count ? block[fields[column]] : []
  }

  /// The number in a field of the current row; `nil` where there is none.
  func number(_ column: Int) -> Double? {
    column < fields.count ? decimalNumber(block.span.extracting(fields[column])) : nil
  }

  /// Moves on to the next row that is not blank.
  ///
  /// - Returns: `false` at the end of the file.
  /// - Throws: If reading fails, or a line is longer than any table has.
  mutating func readRow() throws(DatasetError) -> Bool {
    while var range = try nextLine() {
      line += 1
      if !range.isEmpty, block[range.upperBound - 1] == UInt8(ascii: "\r") {
        range = range.lowerBound..<range.upperBound - 1
      }
      guard !range.isEmpty else { continue }
      let memory = fields
      fields = []
      fields = split(range, reusing: memory)
      return true
    }
    return false
  }

  /// The fields of a line, in the memory of an earlier one.
  private func split(_ range: Range<Int>, reusing memory: consuming [Range<Int>]) -> [Range<Int>] {
    memory.removeAll(keepingCapacity: true)
    let bytes = block.span
    var first = range.lowerBound
    for index in range where bytes[index] == separator {
      memory.append(first..<index)
      first = index + 1
    }
    memory.append(first..<range.upperBound)
    return memory
  }

  private mutating func nextLine() throws(DatasetError) -> Range<Int>? {
    var searched = start
    while true {
      if let lineEnd = lineBreak(in: searched..<end) {
        defer { start = lineEnd + 1 }
        return start..<lineEnd
      }
      if isAtEnd {
        defer { start = end }
        return start < end ? start..<end : nil
      }
      searched = end - start
      try refill()
    }
  }

  private func lineBreak(in range: Range<Int>) -> Int? {
    block.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress,
        let found = memchr(base + range.lowerBound, 10, range.count)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }

  /// Moves the rest to the front and reads behind it.
  private mutating func refill() throws(DatasetError) {
    let rest = end - start
    block.withUnsafeMutableBytes { bytes in
      if let base = bytes.baseAddress { _ = memmove(base, base + start, rest) }
    }
    start = 0
    end = rest
    if end == block.count {
      guard block.count < Self.longestLine else {
        throw DatasetError(
          path: path,
          line: line + 1,
          problem: "the line is longer than 1 MB; is this a text file?"
        )
      }
      block += Array(repeating: 0, count: block.count)
    }
    let count = block.withUnsafeMutableBytes { bytes in
      read(file, bytes.baseAddress.map { $0 + rest }, bytes.count - rest)
    }
    guard count >= 0 else {
      if errno == EINTR { return }
      throw DatasetError(path: path, problem: "cannot be read: \(String(cString: strerror(errno)))")
    }
    end += count
    isAtEnd = count == 0
  }
}
