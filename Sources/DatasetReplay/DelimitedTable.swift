import DataAcquisition

/// A text file of rows with separated fields under a header, read once from front to back.
///
/// It holds one block of the file at a time, whatever the length of the file.
struct DelimitedTable {
  let path: String
  /// The names of the columns.
  private(set) var header: [String] = []
  private let blocks: FileBlocks
  private var rows: DelimitedRows
  private var isAtEnd = false

  /// Opens a file and reads its header.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - separator: What stands between fields.
  ///   - blockSize: How many bytes are read at a time.
  /// - Throws: If the file cannot be read or has no header.
  init(path: String, separator: UInt8, blockSize: Int = 1 << 18) throws(DatasetError) {
    self.path = path
    rows = DelimitedRows(separator: separator)
    do throws(ReplayError) {
      blocks = try FileBlocks(path: path, blockSize: blockSize)
    } catch {
      throw DatasetError(path: path, problem: error.problem)
    }
    guard try readRow() else {
      throw DatasetError(path: path, problem: "is empty; a header and rows were expected")
    }
    header = (0..<rows.fieldCount).map { rows.text($0) }
    // A byte order mark is not part of the first name.
    if header[0].unicodeScalars.first == "\u{FEFF}" { header[0].unicodeScalars.removeFirst() }
  }

  /// How many fields the current row has.
  var fieldCount: Int { rows.fieldCount }

  /// The line of the current row, counted from 1.
  var line: Int { rows.line }

  /// The bytes of a field of the current row; empty where the row is too short.
  subscript(column: Int) -> ArraySlice<UInt8> { rows[column] }

  /// The number in a field of the current row; `nil` where there is none.
  func number(_ column: Int) -> Double? { rows.number(column) }

  /// Moves on to the next row that is not blank.
  ///
  /// - Returns: `false` at the end of the file.
  /// - Throws: If reading fails, or a line is longer than any table has.
  mutating func readRow() throws(DatasetError) -> Bool {
    while true {
      do throws(RecordingError) {
        if try rows.next() { return true }
      } catch {
        throw DatasetError(path: path, line: error.line, problem: error.message)
      }
      if isAtEnd { return false }
      do throws(ReplayError) {
        let block = try blocks.next()
        if block.isEmpty {
          isAtEnd = true
          rows.end()
        } else {
          rows.append(block)
        }
      } catch {
        throw DatasetError(path: path, problem: error.problem)
      }
    }
  }
}
