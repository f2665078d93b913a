import ConditionModel
import DataAcquisition
import Testing

struct RecordedTableTests {
  private let points = [
    RecordedTable.Point(channel: ChannelID(index: 0), column: "speed"),
    RecordedTable.Point(channel: ChannelID(index: 1), column: "temp, de"),
  ]

  /// All rows of a file, and the account of it.
  private func read(
    _ text: String,
    piece: Int = .max
  ) throws -> (frames: [Frame], account: RecordingAccount) {
    try read(Array(text.utf8), piece: piece)
  }

  private func read(
    _ bytes: [UInt8],
    piece: Int = .max
  ) throws -> (frames: [Frame], account: RecordingAccount) {
    var table = RecordedTable(asset: AssetID(index: 0), points: points)
    var frame = table.emptyFrame
    var frames: [Frame] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = rest.prefix(piece)
      try table.append(part)
      rest = rest.dropFirst(part.count)
      while try table.next(into: &frame) { frames.append(frame) }
    }
    table.end()
    while try table.next(into: &frame) { frames.append(frame) }
    return (frames, table.account)
  }

  private func failure(_ text: String) -> String {
    do {
      return "no error but \(try read(text).frames.count) rows"
    } catch {
      return "\(error)"
    }
  }

  private let plain = """
    timestamp,"temp, de",other,speed
    2026-01-05T00:00:00Z,61.5,x,1480
    2026-01-05T00:00:10Z,"61,7",x,
    2026-01-05T00:00:20Z,!no answer,x,1481?outside valid range

    """

  @Test func `rows after a full one are read as if they came first`() throws {
    let rows = [
      "00Z,61,1480", "10Z,62,1481", "20Z,63,", "30Z,64,1483", "40Z,,1484",
      "50Z,65?clock not set,1485",
    ]
    let header = "timestamp,\"temp, de\",speed\n"
    let lines = rows.map { "2026-01-05T00:00:\($0)\n" }
    let (together, account) = try read(header + lines.joined())
    #expect(try together == lines.flatMap { try read(header + $0).frames })
    #expect(account.values == 10)
    #expect(account.emptyCells == 2)
  }

  @Test(arguments: [1_000, 64, 40])
  func `rows become frames of the columns that are asked for, wherever pieces end`(
    piece: Int
  )
    throws
  {
    let (frames, account) = try read(plain, piece: piece)
    #expect(
      frames.map(\.channels) == [[0, 1], [1], [0, 1]].map { $0.map(ChannelID.init(index:)) }
    )
    #expect(frames[0].values == [1_480, 61.5])
    #expect(frames[0].timestamp.description == "2026-01-05T00:00:00.000Z")
    // A comma inside a number is no number where commas separate.
    #expect(frames[1].qualities == [.bad(.notANumber)])
    #expect(frames[2].qualities == [.uncertain(.outsideValidRange), .bad(.noAnswer)])
    #expect(account.rows == 3)
    #expect(account.emptyCells == 1)
    #expect(account.unreadableValues.count == 1)
    #expect(account.unreadableValues.firstLine == 3)
  }

  @Test func `semicolons, tabs, decimal commas, byte order marks and line ends of others are read`()
    throws
  {
    let text =
      "\u{FEFF}Timestamp;speed;temp, de\r\n2026-01-05 00:00:00;1480,5;61,25\r\n\r\n"
      + "2026-01-05 00:00:10+01:00;1;2"
    let (frames, account) = try read(text)
    #expect(frames.map(\.values) == [[1_480.5, 61.25]])
    // An hour before the row above: its zone says so.
    #expect(account.backwardTimes.count == 1)
  }

  @Test(arguments: [
    ("2026-01-05T01:02:03", "2026-01-05T01:02:03.000Z"),
    ("2026-01-05 01:02:03.25", "2026-01-05T01:02:03.250Z"),
    ("2026-01-05T01:02:03,5+01:00", "2026-01-05T00:02:03.500Z"),
    ("2026-01-05T01:02:03-0230", "2026-01-05T03:32:03.000Z"),
    ("2026-01-05T01:02:03+02", "2026-01-04T23:02:03.000Z"),
    ("2026-01-05T01:02Z", "2026-01-05T01:02:00.000Z"), ("2026-01-05", "2026-01-05T00:00:00.000Z"),
    ("1767574923.5", "2026-01-05T01:02:03.500Z"),
  ])
  func `a time is read with and without zone and fraction`(text: String, moment: String) throws {
    var clock = RecordedClock()
    let once = clock.moment(Array(text.utf8).span)
    // The second time the day is remembered.
    let again = clock.moment(Array(text.utf8).span)
    #expect(once?.description == moment)
    #expect(again == once)
  }

  @Test(arguments: [
    "", "x", "2026-02-30T00:00:00", "2026-01-05T24:00:00", "2026-01-05T01:60:00",
    "2026-01-05T1:2:3",
    "2026-01-05T01:02:03 Paris", "2026-01-05T01:02:03.", "17675749235000", "05/01/2026 01:02:03",
    "2026-01-05T01:02:03+1", "2026-01-05X01:02:03", "-", "2026-01-05T01",
  ])
  func `anything else is no time`(text: String) {
    var clock = RecordedClock()
    let moment = clock.moment(Array(text.utf8).span)
    #expect(moment == nil)
  }

  @Test func `rows that cannot be placed in time are left out, counted and named`() throws {
    let head = "timestamp,speed,\"temp, de\"\n"
    let good = (0..<40).map { "2026-01-05T00:00:\($0 + 10)Z,1,2\n" }.joined()
    let (frames, account) = try read(
      head + good + "2026-01-05T00:00:49Z,3,4\nyesterday,3,4\n2026-01-05T00:00:30Z,3,4\n"
        + "2026-01-05T00:01:00Z,5\n"
    )
    #expect(frames.count == 41)
    #expect(account.leftOut == 3)
    #expect(account.reasonToRefuse == nil)
    #expect(
      account.remarks == [
        "1 row has another number of cells, first on line 45",
        "1 row without a readable time is left out, first on line 43",
        "1 row with the time of the one before is left out, first on line 42",
        "1 row before the time of the one above is left out, first on line 44",
      ]
    )
  }

  @Test func `the end of daylight-saving time is recognised`() throws {
    let before = (0..<60).map { "2026-10-25 02:\($0 + 0 < 10 ? "0" : "")\($0):00,1,2\n" }.joined()
    let many = (0..<700).map { minute in
      let hour = 3 + minute / 60
      return "2026-10-25 \(hour < 10 ? "0" : "")\(hour):"
        + "\(minute % 60 < 10 ? "0" : "")\(minute % 60):00,1,2\n"
    }
    let (frames, account) = try read(
      "timestamp,speed,\"temp, de\"\n" + before + before + many.joined()
    )
    #expect(frames.count == 760)
    #expect(account.reasonToRefuse == nil)
    // The last minute of the doubled hour has the time of the row before it.
    #expect(account.backwardTimes.count == 59)
    #expect(account.remarks.last?.contains("end of daylight-saving time") == true)
  }

  @Test func `a file whose rows are not sorted is refused, not half read`() throws {
    let rows = (0..<50).map { "2026-01-05T00:00:\(59 - $0)Z,1,2\n" }.joined()
    let (_, account) = try read("timestamp,speed,\"temp, de\"\n" + rows)
    #expect(account.reasonToRefuse?.contains("not sorted by time") == true)
    let (_, empty) = try read("timestamp,speed,\"temp, de\"\n")
    #expect(empty.reasonToRefuse == "it has no rows under its header")
    let times = (0..<50).map { "\($0)/1/26,1,2\n" }.joined()
    let (_, unreadable) = try read("timestamp,speed,\"temp, de\"\n" + times)
    #expect(unreadable.reasonToRefuse?.contains("cannot be read") == true)
  }

  @Test func `a file that cannot be a recording says why`() throws {
    #expect(failure("speed,\"temp, de\"\n1,2\n").contains("no column 'timestamp'"))
    #expect(
      failure("timestamp,speed\n")
        == "line 1: there is no column 'temp, de'; the header has: timestamp, speed"
    )
    #expect(failure("timestamp,speed,speed,\"temp, de\"\n").contains("stands here twice"))
    #expect(
      failure("timestamp,speed,\"temp, de\"\n1,2,\"3\n4").contains("quoted cell is not closed")
    )
    #expect(failure("timestamp,speed,\"temp, de\"\n\"1\"2,3,4\n").contains("text after a closing"))
    for (bytes, word) in [
      ([0x1F, 0x8B, 8, 0], "gzip"), ([0x50, 0x4B, 3, 4], "spreadsheet"),
      (Array("timestamp,speed\n1\u{0},2".utf8), "not a text file"),
      ([0xFF, 0xFE, 0x74, 0], "UTF-16"),
    ] as [([UInt8], String)] {
      let error = #expect(throws: RecordingError.self) { try read(bytes) }
      #expect(error?.message.contains(word) == true)
    }
    let endless = failure("timestamp,speed,\"temp, de\"\n" + String(repeating: "9", count: 3 << 20))
    #expect(endless.contains("longer than 1 MB"))
  }

  @Test func `a reader keeps nothing of the rows that it gave`() throws {
    var table = RecordedTable(asset: AssetID(index: 0), points: points)
    try table.append(Array("timestamp,speed,\"temp, de\"\n".utf8)[...])
    var frame = table.emptyFrame
    var count = 0
    for minute in 0..<600 {
      let hour = "\(minute / 60 < 10 ? "0" : "")\(minute / 60)"
      let text = "2026-01-05T\(hour):\(minute % 60 < 10 ? "0" : "")\(minute % 60):00Z,nan,-\n"
      try table.append(Array(text.utf8)[...])
      while try table.next(into: &frame) { count += frame.values.isEmpty ? 1 : 0 }
    }
    // Words for "nothing" are gaps.
    #expect(count == 600)
    #expect(table.account.emptyCells == 1_200)
    #expect(MemoryLayout.size(ofValue: table) < 1_000)
  }
}
