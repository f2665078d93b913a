import ConditionModel
import Testing

@testable import DatasetReplay

struct TimeFormatTests {
  @Test(arguments: [
    ("YYYY-MM-DD hh:mm:ss", "2020-03-09 10:14:33", "2020-03-09T10:14:33.000Z"),
    ("YYYY-MM-DD hh:mm:ss", "2013-12-15 07:00:00.250000", "2013-12-15T07:00:00.250Z"),
    ("DD.MM.YYYY hh:mm", "31.12.1999 23:59", "1999-12-31T23:59:00.000Z"),
    ("YYYYMMDD", "20240229", "2024-02-29T00:00:00.000Z"),
  ])
  func `a moment is read as the pattern says`(pattern: String, text: String, moment: String) throws
  {
    let format = try #require(TimeFormat(pattern))
    #expect(format.moment(Array(text.utf8))?.description == moment)
  }

  @Test(arguments: [
    "", "2020-03-09", "2020-03-09 10:14", "2020-02-30 10:14:33", "2020-03-09T10:14:33",
    "2020-03-09 10:14:33.", "2020-03-09 10:14:33 ", "2020-3-9 10:14:33", "x020-03-09 10:14:33",
  ])
  func `what does not follow the pattern is no moment`(text: String) throws {
    let format = try #require(TimeFormat("YYYY-MM-DD hh:mm:ss"))
    #expect(format.moment(Array(text.utf8)) == nil)
  }

  @Test(arguments: ["", "hh:mm:ss", "YYYY-MM", "YY-MM-DD", "YYYY-MM-DD DD"])
  func `a pattern needs year, month and day, each once`(pattern: String) {
    #expect(TimeFormat(pattern) == nil)
  }
}

struct DelimitedTableTests {
  private func rows(_ path: String, blockSize: Int) throws -> [[String]] {
    var table = try DelimitedTable(path: path, separator: UInt8(ascii: ";"), blockSize: blockSize)
    var rows = [table.header]
    while try table.readRow() {
      rows.append((0..<table.fieldCount).map { String(decoding: table[$0], as: UTF8.self) })
    }
    return rows
  }

  @Test(arguments: [1, 2, 3, 7, 1_024])
  func `rows are the same however the file is cut into blocks`(blockSize: Int) throws {
    let folder = try TemporaryFolder()
    let text = "\u{FEFF}time;flow;Größe\r\n1;2;3\r\n\r\n4;;6\n7\n8;9;10;11"
    let path = try folder.write(text, to: "table.csv")
    let expected = [
      ["time", "flow", "Größe"], ["1", "2", "3"], ["4", "", "6"], ["7"], ["8", "9", "10", "11"],
    ]
    #expect(try rows(path, blockSize: blockSize) == expected)
  }

  @Test func `a field that a row does not have is empty`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a;b\n1\n", to: "table.csv")
    var table = try DelimitedTable(path: path, separator: UInt8(ascii: ";"))
    #expect(try table.readRow())
    #expect(table[1].isEmpty)
    #expect(try !table.readRow())
    #expect(try !table.readRow())
  }

  @Test func `an empty, absent or endless file is an error that says so`() throws {
    let folder = try TemporaryFolder()
    let empty = try folder.write("", to: "empty.csv")
    let endless = try folder.write(
      "a\n" + String(repeating: "x", count: 3 << 20),
      to: "endless.csv"
    )
    for (path, word) in [
      (empty, "is empty"), (endless, "longer than 1 MB"),
      ("\(folder.path)/absent.csv", "there is no such file"),
    ] {
      let error = #expect(throws: DatasetError.self) { try rows(path, blockSize: 4_096) }
      #expect(error?.description.contains(word) == true)
      #expect(error?.path == path)
    }
  }
}
