import ConditionModel
import DatasetReplay
import Foundation

// Files that a person hands to a command, each read from its path.

extension FuzzTarget {
  /// Work orders (`--events`) and known faults (`--faults`) beside a folder of recordings.
  static let labels = FuzzTarget(
    name: "labels",
    seeds: {
      [
        "timestamp,machine,text\n2026-10-14T04:20:07Z,m,greasing\n2026-10-14 05:00,n,new belt\n",
        "text,timestamp,machine\r\n\"a, \"\"b\"\"\",1790000000,m\r\nreplacement,,m\r\n",
        "machine,start,end\nm,2026-10-14T04:20:07Z,2026-10-15\nm,1790000000,1790000001\n",
        "\u{FEFF}end,machine,start\n2026-10-15,m,2026-10-14\n",
      ].map { Array($0.utf8) }
    },
    words: [
      "timestamp", "machine", "text", "start", "end", ",m,", "\"", "\"\"", "\r\n", "\n", "\u{FEFF}",
      "1677-09-21T00:12:44Z", "2262-04-11T23:47:16Z", "9999-12-31", "-9223372035", "T24:00", ":60",
      "+99:99", "greasing", "replacement",
    ],
    attempt: { bytes in
      try withFile(of: bytes) { path in
        switch Result(catching: { () throws(ReplayError) in
          try EventFile(path: path, plant: plant)
        }) {
        case .success(let file):
          let times = file.marks.map(\.timestamp)
          try expect(times == times.sorted(), "the marks are out of order: \(times)")
          try expect(file.marks.allSatisfy { $0.asset == plant.assets[0].id }, "another machine")
        case .failure(let error):
          try expect("\(error)".contains(path), "an error without place: \(error)")
        }
        switch Result(catching: { () throws(ReplayError) in
          try FaultFile.read(path, plant: plant)
        }) {
        case .success(let faults):
          try expect(faults.allSatisfy { $0.start <= $0.end }, "a fault ends before it begins")
        case .failure(let error):
          try expect("\(error)".contains(path), "an error without place: \(error)")
        }
      }
    }
  )

  /// Records of acceleration for a diagnosis: columns of numbers, raw floats, sound files.
  static let vibration = FuzzTarget(
    name: "vibration",
    seeds: {
      let wave = (0..<600).map { 0.1 * sin(Float($0) / 3) }
      let column = "time;x;y\n" + wave.map { "0,1;\($0);\($0)\n" }.joined()
      let floats = wave.flatMap { bytes(of: $0.bitPattern) }
      return [
        [1, 0] + Array(column.utf8), [1, 1] + Array("1.5\n2\n-1e3\n".utf8), [0, 0] + floats,
        [2, 0] + sound(code: 3, bits: 32, floats), [2, 1] + sound(code: 1, bits: 16, floats),
        [2, 1] + sound(code: 0xFFFE, bits: 24, floats),
      ]
    },
    words: [
      "RIFF", "WAVE", "fmt ", "data", "LIST", "time,", "x;", "1e308", "nan", "\r\n", ";", "\t", ",",
      "\u{FEFF}",
    ],
    attempt: { input in
      var draw = Draw(input)
      let format = VibrationRecord.Format.allCases[draw.index(below: 3)]
      let column = [nil, "1", "2", "x", "99999999999999999999"][draw.index(below: 5)]
      try withFile(of: Array(draw.rest)) { path in
        for rate in [nil, 12_800] as [Double?] {
          let options = VibrationRecord.Options(
            format: format,
            sampleRateHertz: rate,
            column: column
          )
          switch Result(catching: { () throws(VibrationRecord.Problems) in
            try VibrationRecord(path: path, options: options, shaftHertz: 25)
          }) {
          case .success(let record):
            try expect(!record.samples.isEmpty, "a record without samples")
            try expect(record.sampleRateHertz > 0, "\(record.sampleRateHertz) samples a second")
          case .failure(let problems):
            try expect(!problems.sentences.isEmpty, "refused without a reason")
          }
        }
      }
    }
  )
}

private let plant = Plant(
  site: "s",
  gateway: "g",
  assets: [Asset(id: AssetID(index: 0), name: "m", kind: .fan)],
  channels: []
)

private func withFile(of bytes: [UInt8], _ work: (String) throws -> Void) throws {
  let path = "\(FileManager.default.temporaryDirectory.path)/vigie-fuzz-\(getpid()).input"
  try Data(bytes).write(to: URL(filePath: path))
  defer { unlink(path) }
  try work(path)
}

private func bytes(of word: UInt32, _ count: Int = 4) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) }
}

/// A sound file with one channel.
private func sound(code: UInt32, bits: UInt32, _ data: [UInt8]) -> [UInt8] {
  var file = Array("RIFF".utf8) + bytes(of: UInt32(36 + data.count)) + Array("WAVEfmt ".utf8)
  file += bytes(of: 16) + bytes(of: code, 2) + bytes(of: 1, 2) + bytes(of: 12_800)
  file += bytes(of: 12_800 * bits / 8) + bytes(of: bits / 8, 2) + bytes(of: bits, 2)
  return file + Array("data".utf8) + bytes(of: UInt32(data.count)) + data
}
