import ConditionModel
import DataAcquisition
import Testing

struct RecordingTests {
  private let plant = makePlant()
  private let header = "time,pompe-3/drive end/velocity rms z,pompe-3/drive end/temperature\n"

  private func parse(_ text: String, chunk: Int = .max) throws -> [PipelineInput] {
    var parser = RecordingParser(plant: plant)
    var inputs: [PipelineInput] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let part = rest.prefix(chunk)
      try parser.parse(part, into: &inputs)
      rest = rest.dropFirst(part.count)
    }
    try parser.finish(into: &inputs)
    return inputs
  }

  private func failure(_ text: String) -> String {
    do {
      let inputs = try parse(text)
      return "no error but \(inputs.count) inputs"
    } catch {
      return "\(error)"
    }
  }

  @Test func `a row is a tick and one frame per machine`() throws {
    let inputs = try parse(
      "time,pompe-3/drive end/temperature,\"fan-1/motor, supply/power\",pompe-3/free end/load\n"
        + "2026-10-14T04:20:07.125Z,61.5,11,0.25\n"
    )
    let time = try #require(
      CivilTime.moment(
        year: 2026,
        month: 10,
        day: 14,
        hour: 4,
        minute: 20,
        second: 7,
        nanosecond: 125_000_000
      )
    )
    #expect(
      inputs == [
        .tick(time),
        .frame(
          Frame(
            asset: AssetID(index: 0),
            timestamp: time,
            channels: [ChannelID(index: 1), ChannelID(index: 4)],
            values: [61.5, 0.25],
            qualities: [.good, .good]
          )
        ),
        .frame(
          Frame(
            asset: AssetID(index: 1),
            timestamp: time,
            channels: [ChannelID(index: 3)],
            values: [11],
            qualities: [.good]
          )
        ),
      ]
    )
  }

  @Test func `an empty cell is a gap, a fault stays a fault, a doubt stays a doubt`() throws {
    let inputs = try parse(
      header + "0,,\n" + "1,,4\n" + "2,!no answer,5?outside valid range\n"
    )
    #expect(inputs.count == 5)
    guard case .frame(let gap) = inputs[2], case .frame(let doubtful) = inputs[4] else {
      Issue.record("expected frames, got \(inputs)")
      return
    }
    #expect(gap.channels == [ChannelID(index: 1)] && gap.values == [4])
    #expect(doubtful.qualities == [.bad(.noAnswer), .uncertain(.outsideValidRange)])
    #expect(doubtful.values == [0, 5])
  }

  @Test(arguments: [
    ("2026-10-14T04:20:07Z", 1_791_951_607_000_000_000),
    ("2026-10-14 04:20:07", 1_791_951_607_000_000_000),
    ("2026-10-14T06:20:07+02:00", 1_791_951_607_000_000_000),
    ("2026-10-13T22:50:07.5-0530", 1_791_951_607_500_000_000),
    ("2026-10-14T04:20:07.123456789Z", 1_791_951_607_123_456_789),
    ("2026-10-14", 1_791_936_000_000_000_000), ("1791951607", 1_791_951_607_000_000_000),
    ("1791951607.000000001", 1_791_951_607_000_000_001), ("-1.5", -1_500_000_000),
  ])
  func `time is read exactly`(text: String, nanoseconds: Int64) throws {
    #expect(try parse(header + "\(text),1,2\n").first == .tick(Timestamp(nanoseconds: nanoseconds)))
  }

  @Test(arguments: [
    "2026-02-30T00:00:00Z", "14.10.2026", "noon", "", "2026-10-14T04:20:07Q", "1791951607000",
    "2026-10-14T25:00:00Z", "2026-10-14T04:20:07.Z",
  ])
  func `what is no time is refused with its line`(text: String) {
    #expect(
      failure(header + "0,1,2\n\(text),1,2\n").hasPrefix("line 3, column 1: `\(text)` is not")
    )
  }

  @Test func `all unknown columns are named at once`() {
    #expect(
      failure("time,pompe-3/drive end/temperature,a,b/c\n1,1,1,1\n")
        == "line 1: the site has no such channels: column 3 `a`, column 4 `b/c`; "
        + "name columns `machine/location/point` as the site file does, or remove them"
    )
  }

  @Test(arguments: [
    ("", "line 1: the recording is empty"), ("date,x\n", "line 1, column 1: the first column must"),
    ("time;x\n", "line 1, column 1: separate the columns by commas"),
    (
      "time,pompe-3/free end/load,pompe-3/free end/load\n",
      "line 1, column 3: the column `pompe-3/free end/load` stands here twice"
    ),
  ])
  func `a wrong header says what to mend`(text: String, message: String) {
    #expect(failure(text).hasPrefix(message))
  }

  @Test(arguments: [
    ("1,2\n", "line 2: 2 cells where the header has 3"),
    ("1,2,3,4\n", "line 2: 4 cells where the header has 3"),
    ("1,2,x\n", "line 2, column 3: `x` is not a number; leave a cell empty"),
    ("1,\"2,5\",3\n", "line 2, column 2: `2,5` is not a number (write decimals with a point)"),
    ("1,nan,3\n", "line 2, column 2: `nan`"), ("1,inf,3\n", "line 2, column 2: `inf`"),
    ("1,0x10,3\n", "line 2, column 2: `0x10`"), ("1,1e999,3\n", "line 2, column 2: `1e999`"),
    ("1,!asleep,3\n", "line 2, column 2: `asleep` is no reason for a missing value; one of: no a"),
    ("1,2?,3\n", "line 2, column 2: `` is no reason for doubt"),
    ("5,1,2\n4,1,2\n", "line 3, column 1: time goes back"),
    ("1,2\"3,4\n", "line 2, column 2: a \" inside a cell"),
    ("1,\"2\"3,4\n", "line 2, column 2: text after a closing \""),
    ("1,2,\"3", "line 2: a quoted cell is not closed"),
  ])
  func `a broken row says where, what and how to mend it`(row: String, message: String) {
    let text = failure(header + row)
    #expect(text.hasPrefix(message), "\(text)")
  }

  @Test func `line ends, a byte order mark and blank lines do not matter`() throws {
    let plain = try parse(header + "1,2,3\n2,4,5\n")
    let other = try parse("\u{FEFF}" + header.dropLast() + "\r\n1,2,3\r\n\r\n2,\"4\",5")
    #expect(plain == other)
  }

  @Test(arguments: [1, 2, 3, 7])
  func `chunks may end anywhere`(chunk: Int) throws {
    let text = header + "1,\"2\",!no answer\r\n2,4.25,5?clock not set\n"
    #expect(try parse(text, chunk: chunk) == parse(text))
  }

  @Test func `what was written reads back as the same frames, to the last bit`() throws {
    var state: UInt64 = 42
    func random() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state
    }
    var frames: [Frame] = []
    for step in 0..<2_000 {
      var frame = Frame(
        asset: AssetID(index: 0),
        timestamp: Timestamp(nanoseconds: Int64(step) * 1_000_000_007),
        channels: [],
        values: [],
        qualities: []
      )
      for place in 0..<3 {
        let number = Double(bitPattern: random())
        frame.channels.append(ChannelID(index: [0, 1, 4][place]))
        let isBad = !number.isFinite || random() >> 60 == 0
        frame.values.append(isBad ? 0 : place == 0 ? Double(random() >> 50) / 100 : number)
        frame.qualities.append(
          isBad
            ? .bad(Fault.allCases[Int(random() >> 33) % Fault.allCases.count])
            : random() >> 61 == 0 ? .uncertain(.outsideValidRange) : .good
        )
      }
      frames.append(frame)
    }
    var writer = RecordingWriter(plant: plant)
    var text = writer.header
    for frame in frames { writer.append(frame, to: &text) }
    writer.finish(to: &text)
    let back = try parse(text).compactMap { input in
      if case .frame(let frame) = input { frame } else { nil }
    }
    #expect(back == frames)
  }

  @Test func `frames of one instant share a row, a second value of a channel starts another`() {
    func frame(_ asset: Int, _ channel: Int, _ value: Double) -> Frame {
      Frame(
        asset: AssetID(index: UInt16(asset)),
        timestamp: Timestamp(seconds: 0),
        channels: [ChannelID(index: UInt16(channel))],
        values: [value],
        qualities: [.good]
      )
    }
    var writer = RecordingWriter(
      plant: plant,
      channels: [ChannelID(index: 3), ChannelID(index: 2)]
    )
    var text = ""
    for (asset, channel, value) in [(1, 2, 1.0), (1, 3, 2.5), (0, 0, 9), (1, 2, 3)] {
      writer.append(frame(asset, channel, value), to: &text)
    }
    writer.finish(to: &text)
    #expect(
      writer.header
        == "time,\"fan-1/motor, supply/power\",\"fan-1/motor, supply/current \"\"L1\"\"\"\n"
    )
    #expect(text == "1970-01-01T00:00:00.000Z,2.5,1.0\n1970-01-01T00:00:00.000Z,,3.0\n")
  }

  @Test func `a recording with blocks of samples is read back without any loss`() throws {
    var plant = plant
    plant.waveforms = [
      WaveformSource(
        id: WaveformID(index: 0),
        asset: AssetID(index: 0),
        location: "drive end",
        name: "vibration z",
        unit: "[g]",
        device: 0
      )
    ]
    func waveform(_ second: Int64, _ samples: [Float], _ quality: Quality) -> Waveform {
      let length = Duration(inSeconds: Double(samples.count) / 12_800)
      return Waveform(
        source: WaveformID(index: 0),
        asset: AssetID(index: 0),
        start: Timestamp(seconds: 1_790_000_000 + second) - length,
        sampleRateHertz: quality.isUsable ? 12_800 : 1,
        samples: samples,
        quality: quality
      )
    }
    let noise = (0..<1_031).map { Float($0 &* 7_919 % 1_009) / 977 - 0.5 }
    let waveforms = [
      waveform(0, noise, .good),
      waveform(10, [], .bad(.tornBlock)),
      waveform(20, [0.1, -1e-7, 3], .uncertain(.outsideValidRange)),
    ]
    let frame = Frame(
      asset: AssetID(index: 0),
      timestamp: waveforms[1].end,
      channels: [ChannelID(index: 1)],
      values: [61.5],
      qualities: [.good]
    )
    var writer = RecordingWriter(plant: plant, withWaveforms: true)
    var text = writer.header
    writer.append(waveforms[0], to: &text)
    writer.append(frame, to: &text)
    writer.append(waveforms[1], to: &text)
    writer.append(waveforms[2], to: &text)
    writer.finish(to: &text)
    var parser = RecordingParser(plant: plant)
    var inputs: [PipelineInput] = []
    try parser.parse(Array(text.utf8), into: &inputs)
    try parser.finish(into: &inputs)
    let back = inputs.compactMap { input in
      if case .waveform(let waveform) = input { waveform } else { nil }
    }
    #expect(back == waveforms)
    #expect(inputs.contains(.frame(frame)))
    // Without columns for blocks a recording is what it was.
    var plain = RecordingWriter(plant: plant)
    text = plain.header
    plain.append(waveforms[0], to: &text)
    plain.finish(to: &text)
    #expect(text == plain.header)

    let broken = header.replacing("\n", with: ",pompe-3/drive end/vibration z\n")
    for (cell, said) in [
      ("12", "line 2, column 4: a block of samples begins with its rate in hertz"),
      ("12800: 1 x", "line 2, column 4: `x` in a block is not a number"),
      ("12800: 1?odd", "line 2, column 4: `odd` is no reason for doubt"),
    ] {
      var parser = RecordingParser(plant: plant)
      var inputs: [PipelineInput] = []
      do {
        try parser.parse(Array("\(broken)1790000000,1,2,\(cell)\n".utf8), into: &inputs)
        Issue.record("no error for \(cell)")
      } catch {
        #expect("\(error)".hasPrefix(said))
      }
    }
  }
}
