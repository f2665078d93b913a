import ConditionModel
import DataAcquisition
import DatasetReplay

extension FuzzTarget {
  /// Recordings in CSV, tables of other programs, and descriptors of datasets.
  static let recording = FuzzTarget(
    name: "recording",
    seeds: {
      let texts = [
        "time,m/l/a,m/l/b\n2026-10-14T04:20:07.125Z,1.5,\n2026-10-14T04:20:08Z,!no answer,2\n",
        "time,m/l/b,m/l/w\r\n1790000000,4.2?outside valid range,12800: 0.01 -0.02 3e-3\r\n",
        "timestamp;a;b\n2026-10-14 04:20:07;1,5;n/a\n2026-10-14 04:20:08+02:00;-1e3;7\n",
        "\u{FEFF}date,\"a\",b\n2026-10-14,\"1\"\"2\",-0\n",
      ]
      let descriptors = try ["skab", "nab", "folder"].map {
        [2, 0] + (try repositoryBytes("datasets/\($0)/dataset.yaml"))
      }
      return texts.enumerated().map { index, text in
        [index < 2 ? 0 : 1, UInt8(index * 7)] + Array(text.utf8)
      } + descriptors
    },
    words: [
      "time,", "timestamp", "m/l/a", "m/l/b", "m/l/w", "!no answer", "?clock not set", "\"", "\r\n",
      "1677-09-21T00:12:44Z", "2262-04-11T23:47:16Z", "9999-12-31", "-9223372035", "1e-308: 1 2",
      "1e308: 1", ";", "\t", "T24:00", ":60", "+99:99", ".999999999", "\u{FEFF}",
    ],
    attempt: { bytes in
      var draw = Draw(bytes)
      let kind = draw.byte()
      let size = 1 + Int(draw.byte())
      let text = Array(draw.rest)
      switch kind % 3 {
      case 0: try examineRecording(text, size)
      case 1: try examineTable(text, size)
      default:
        do throws(DatasetError) {
          _ = try DatasetDescriptor(yaml: String(decoding: text, as: UTF8.self), path: "d.yaml")
        } catch {
          try expect("\(error)".contains("d.yaml"), "an error without place: \(error)")
        }
      }
    }
  )
}

private let plant = Plant(
  site: "s",
  gateway: "g",
  assets: [Asset(id: AssetID(index: 0), name: "m", kind: .fan)],
  channels: ["a", "b"].enumerated().map { index, point in
    Channel(
      id: ChannelID(index: UInt16(index)),
      asset: AssetID(index: 0),
      location: "l",
      point: point,
      unit: "bar",
      quantity: .pressure,
      device: 0
    )
  },
  waveforms: [
    WaveformSource(
      id: WaveformID(index: 0),
      asset: AssetID(index: 0),
      location: "l",
      name: "w",
      unit: "[g]",
      device: 0
    )
  ]
)

/// What a recording holds, read in pieces of `size` bytes.
private func inputs(
  of text: [UInt8],
  inPiecesOf size: Int
) throws(RecordingError) -> [PipelineInput] {
  var parser = RecordingParser(plant: plant)
  var inputs: [PipelineInput] = []
  for start in stride(from: 0, to: text.count, by: size) {
    try parser.parse(text[start..<min(text.count, start + size)], into: &inputs)
  }
  try parser.finish(into: &inputs)
  return inputs
}

private func frames(of inputs: [PipelineInput]) -> [Frame] {
  inputs.compactMap { if case .frame(let frame) = $0 { frame } else { nil } }
}

private func examineRecording(_ text: [UInt8], _ size: Int) throws {
  let whole = Result { () throws(RecordingError) in
    try inputs(of: text, inPiecesOf: max(1, text.count))
  }
  let pieces = Result { () throws(RecordingError) in try inputs(of: text, inPiecesOf: size) }
  try expect("\(pieces)" == "\(whole)", "in pieces of \(size): \(pieces); whole: \(whole)")
  guard case .success(let found) = whole else { return }
  // What was read is written, and read as the same.
  var writer = RecordingWriter(plant: plant)
  var copy = writer.header
  for frame in frames(of: found) { writer.append(frame, to: &copy) }
  writer.finish(to: &copy)
  let again = try inputs(of: Array(copy.utf8), inPiecesOf: 1 << 16)
  try expect(frames(of: again) == frames(of: found), "\(found) came back as \(again)")
}

private func examineTable(_ text: [UInt8], _ size: Int) throws {
  var table = RecordedTable(
    asset: AssetID(index: 0),
    points: [
      .init(channel: ChannelID(index: 0), column: "a"),
      .init(channel: ChannelID(index: 1), column: "b"),
    ]
  )
  var frame = table.emptyFrame
  var last: Timestamp?
  var start = 0
  do throws(RecordingError) {
    while true {
      while try table.next(into: &frame) {
        if frame.timestamp <= last ?? frame.timestamp, last != nil { break }
        last = frame.timestamp
      }
      guard start <= text.count else { break }
      if start == text.count {
        table.end()
        start += 1
      } else {
        let end = min(text.count, start + size)
        try table.append(text[start..<end])
        start = end
      }
    }
  } catch {
    try expect(error.line > 0 && !error.message.isEmpty, "an error without place: \(error)")
  }
}
