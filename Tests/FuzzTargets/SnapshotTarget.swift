import ConditionModel
import HistoryStore
import MonitoringPipeline
import SiteConfiguration

extension FuzzTarget {
  /// The memory of the core, and a core that goes on from it.
  static let snapshot = FuzzTarget(
    name: "snapshot",
    seeds: {
      let site = try watchedSite()
      return try [0, 30, 4_000].map { seconds in
        var pipeline = try Pipeline(site.pipeline)
        run(&pipeline, seconds: seconds)
        return pipeline.snapshot.encoded()
      }
    },
    repair: { bytes in
      guard bytes.count > 24 else { return bytes }
      var bytes = bytes
      bytes.replaceSubrange(0..<6, with: Array("vigie".utf8) + [1])
      // Where the names of fields begin, if they are there still.
      let tail = bytes.count - 16
      let place = stride(from: tail - firstNames.count, through: 6, by: -1)
        .first { bytes[$0..<$0 + firstNames.count].elementsEqual(firstNames) }
      if let place { bytes.replaceSubrange(tail..<tail + 8, with: bigEndian(UInt64(place))) }
      // FNV-1a over all but itself.
      var sum: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in bytes.dropLast(8) { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
      return bytes.dropLast(8) + bigEndian(sum)
    },
    attempt: { bytes in
      let snapshot: Pipeline.Snapshot
      do throws(SnapshotError) {
        snapshot = try Pipeline.Snapshot(encoded: bytes)
      } catch {
        return
      }
      let kept = snapshot.encoded()
      try expect(
        try Pipeline.Snapshot(encoded: kept).encoded() == kept,
        "what was accepted is not the same once written and read again"
      )
      guard var pipeline = try? Pipeline(watched.pipeline, restoring: snapshot) else { return }
      run(&pipeline, seconds: 20)
    }
  )

  /// The journal of an incident as text, played into the core.
  static let incident = FuzzTarget(
    name: "incident",
    seeds: {
      let start = Timestamp(seconds: 1_790_000_000)
      let asset = AssetID(index: 0)
      var waveform = Waveform(
        source: WaveformID(index: 0),
        asset: asset,
        start: start,
        sampleRateHertz: 1_000,
        samples: (0..<64).map { Float($0 * $0 % 11) },
        quality: .good
      )
      let frame = Frame(
        asset: asset,
        timestamp: start,
        channels: watched.plant.channels.map(\.id),
        values: watched.plant.channels.map { 99 + Double($0.id.index) },
        qualities: watched.plant.channels.map { $0.id.index == 1 ? .bad(.noAnswer) : .good }
      )
      var later = frame
      later.timestamp = start + .seconds(60)
      let inputs: [PipelineInput] = [
        .frame(frame), .tick(start), .tick(start + .seconds(30)), .frame(later),
        .tick(start + .seconds(60)), .waveform(waveform), .clockStepped(by: .seconds(-3_600)),
        .acknowledge(advisory: 1, at: start), .shelve(advisory: 1, until: start, at: start),
        .accept(advisory: 1, at: start),
        .mark(MaintenanceMark(asset: asset, timestamp: start, kind: .part, text: "6309")),
      ]
      waveform.samples = []
      let snapshot = Snapshot(timestamp: start, fingerprint: "f00", state: [1, 2, 3])
      let header = try JournalText.Header(plant: watched.plant, snapshot: snapshot).line
      let lines = try inputs.map { try JournalText.line($0) }
      let short = [lines[5], try JournalText.line(.waveform(waveform))]
      return [lines, [lines[0], lines[4]], short, [header]].map { lines in
        Array(lines.joined(separator: "\n").utf8)
      }
    },
    words: [
      "9223372036854775807", "-9223372036854775808", "1e308", "1e-308", "7258118399000000000", "\n",
      "\"inf\"", "\"nan\"", "\"infinity\"", "65535", "0", "-1", "[]", "null", ",",
    ],
    attempt: { bytes in
      var pipeline = unused
      var outputs: [PipelineOutput] = []
      for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
        let text = String(decoding: line, as: UTF8.self)
        if index == 0, let header = try? JournalText.Header(line: text) {
          _ = header.snapshot
          continue
        }
        guard let input = try? JournalText.input(text) else { continue }
        pipeline.consume(input, into: &outputs)
      }
      for (index, output) in outputs.enumerated() {
        try expect(output.sequence == UInt64(index) + 1, "\(output) has a number of its own")
      }
    }
  )

  /// The first names of fields in a memory, with their lengths: they stand behind all else.
  private static let firstNames: [UInt8] = {
    let bytes = unused.snapshot.encoded()
    let place = bytes.dropLast(8).suffix(8).reduce(0) { $0 << 8 | Int($1) }
    return Array(bytes[place..<place + 16])
  }()

  private static func bigEndian(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
  }

  /// A core that has seen nothing, made once: that takes longer than most cases.
  private static let unused: Pipeline = {
    do { return try Pipeline(watched.pipeline) } catch { preconditionFailure("\(error)") }
  }()

  private static let watched: Site = {
    do { return try watchedSite() } catch { preconditionFailure("the small site: \(error)") }
  }()

  private static func watchedSite() throws(ConfigurationProblems) -> Site {
    try SiteFile.parse(smallSite, file: "site.yaml", profiles: profileLibrary)
  }

  /// Feeds all channels of the site once a second.
  private static func run(_ pipeline: inout Pipeline, seconds: Int) {
    let plant = pipeline.configuration.plant
    var outputs: [PipelineOutput] = []
    for second in 0..<seconds {
      let moment = Timestamp(seconds: 1_790_000_000 + Int64(second))
      let frame = Frame(
        asset: plant.assets[0].id,
        timestamp: moment,
        channels: plant.channels.map(\.id),
        values: plant.channels.map { Double((Int($0.id.index) + 7 * second) % 31) },
        qualities: plant.channels.map {
          $0.id.index == 3 && second % 9 == 0 ? .bad(.noAnswer) : .good
        }
      )
      pipeline.consume(.frame(frame), into: &outputs)
      pipeline.consume(.tick(moment), into: &outputs)
      outputs.removeAll(keepingCapacity: true)
    }
  }
}
