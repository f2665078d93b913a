import BenchmarkHarness
import ConditionModel
import DataAcquisition
import DatasetReplay
import Foundation
import LearnedDetection
import MonitoringPipeline
import ProcessSupport
import SignalProcessing
import SiteConfiguration

/// A pump of eight channels, recorded every 10 s: what `vigie-bench detect` measures on.
///
/// Seconds are those of the processor, so that rows per second and core do not depend on what else the
/// computer does.
struct DetectBench {
  private let folder = TemporaryFolder()
  private let siteText: String
  /// The names of the columns, in order.
  private static let names = [
    "speed", "power", "current", "flow", "pressure", "temperature", "vibration", "noise",
  ]
  private static let shortRows = 60_000
  private static let longRows = 600_000

  init() throws {
    siteText = """
      site: bench
      gateway: bench
      machines:
        pump:
          kind: centrifugal pump
          power: 11 kW
          mounting: rigid
          recording: pump.csv
          points:
            speed: { quantity: rotation speed, unit: rpm }
            power: { quantity: active power, unit: kW }
            current: { quantity: current, unit: A }
            flow: { quantity: flow, unit: m³/h }
            pressure: { quantity: pressure, unit: bar }
            temperature: { quantity: temperature, unit: °C }
            vibration: { quantity: velocity rms, unit: mm/s }
            noise: { quantity: acceleration rms, unit: m/s² }
      """
    for (name, rows) in [("short", Self.shortRows), ("long", Self.longRows)] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name),
        withIntermediateDirectories: true
      )
      let file = folder.file("\(name)/pump.csv")
      try Self.recording(rows: rows).write(toFile: file, atomically: false, encoding: .utf8)
    }
  }

  /// Values that follow the load, with noise, as a logger writes them.
  private static func recording(rows: Int) -> String {
    var generator = SeededGenerator(seed: 1)
    var text = "timestamp,\(names.joined(separator: ","))\n"
    text.reserveCapacity(rows * 80)
    for row in 0..<rows {
      let time = Timestamp(seconds: 1_767_571_200 + Int64(row) * 10).description.dropLast(5)
      // A saw of three hours stands for the load: no sine differs from library to library.
      let load = 0.5 + abs(Double(row % 1_080) / 1_080 - 0.5)
      let means = [1_480, 11 * load, 20 * load, 40 * load, 4, 45 + 10 * load, 1 + load, 3 + load]
      text += "\(time)Z"
      for mean in means {
        text += ",\((mean * (1 + 0.005 * generator.normal()) * 1_000).rounded() / 1_000)"
      }
      text += "\n"
    }
    return text
  }

  private func site(_ one: SiteFile.OneMachine? = nil) throws -> Site {
    let profiles = ProfileLibrary(texts: [:])
    return try SiteFile.parse(siteText, file: "site.yaml", profiles: profiles, one: one)
  }

  private func table(_ site: Site) -> RecordedTable {
    let columns = site.recordings[0].columns
    return RecordedTable(
      asset: AssetID(index: 0),
      points: columns.map { RecordedTable.Point(channel: $0.channel, column: $0.name) }
    )
  }

  // MARK: - What is measured

  /// The reader alone, from bytes in memory to frames.
  func readFigures() throws -> [Figure] {
    let bytes = Array(try Data(contentsOf: URL(filePath: folder.file("short/pump.csv"))))
    let site = try site()
    var count = 0
    let cost = processorCost(items: Self.shortRows) {
      var table = table(site)
      var frame = table.emptyFrame
      count = 0
      for start in stride(from: 0, to: bytes.count, by: 1 << 18) {
        guard (try? table.append(bytes[start..<min(bytes.count, start + 1 << 18)])) != nil else {
          return
        }
        while (try? table.next(into: &frame)) == true { count += 1 }
      }
      table.end()
      while (try? table.next(into: &frame)) == true { count += 1 }
    }
    precondition(count == Self.shortRows, "every row must be read")
    return [
      figure("read: rows of 8", cost, aim: 2_000_000, atLeast: nil),
      Figure(name: "read: allocations", value: cost.allocationsPerItem, unit: "/row"),
    ]
  }

  /// The five-gate bank alone.
  func gateFigures() -> [Figure] {
    var generator = SeededGenerator(seed: 2)
    let rows = (0..<1_000).map { _ in (0..<8).map { _ in 40 + generator.normal() } }
    var detector = LevelDetector(
      channelCount: 8,
      settings: LevelSettings(learningSamples: 400)
    )
    var alarms = 0
    let cost = processorCost(items: 100 * rows.count) {
      for _ in 0..<100 {
        for row in rows { alarms += detector.judge(row.span).isAlarm ? 1 : 0 }
      }
    }
    precondition(alarms >= 0, "the verdicts are used")
    return [figure("gates: rows of 8", cost, aim: 6_000_000, atLeast: 3_000_000)]
  }

  /// The whole core with all that it learns, without reading.
  func coreFigures() throws -> [Figure] {
    let site = try site(SiteFile.OneMachine(name: "pump", period: .seconds(10)))
    var source = table(site)
    var frame = source.emptyFrame
    var frames: [Frame] = []
    try source.append(
      Array(try Data(contentsOf: URL(filePath: folder.file("short/pump.csv"))))[...]
    )
    source.end()
    while try source.next(into: &frame) { frames.append(frame) }
    var pipeline = try Pipeline(site.pipeline)
    var outputs: [PipelineOutput] = []
    let round = .seconds(10) * frames.count
    let cost = processorCost(items: frames.count) {
      for place in frames.indices {
        pipeline.consume(.tick(frames[place].timestamp), into: &outputs)
        pipeline.consume(.frame(frames[place]), into: &outputs)
        outputs.removeAll(keepingCapacity: true)
        // The next round goes on where this one ends.
        frames[place].timestamp += round
      }
    }
    return [
      figure("core: rows of 8", cost, aim: 3_000_000, atLeast: 1_000_000),
      Figure(name: "core: allocations", value: cost.allocationsPerItem, unit: "/row"),
    ]
  }

  /// From the file to the alerts, survey included, and the memory that a longer file takes.
  func replayFigures() async throws -> [Figure] {
    let whole = try site()
    let replayed = ReplayedSite(whole) { one in try site(one) }
    func seconds(_ name: String, rows: Int) async -> Double {
      let start = processorSeconds()
      let outcomes = await PlantReplay(replayed, folder: folder.file(name)).run()
      precondition(outcomes[0].account.rows == rows, "every row must be played")
      return processorSeconds() - start
    }
    _ = await seconds("short", rows: Self.shortRows)
    let before = residentMegabytes()
    var best = Double.infinity
    for _ in 0..<3 { best = min(best, await seconds("long", rows: Self.longRows)) }
    let after = residentMegabytes()
    return [
      Figure(
        name: "replay: rows of 8, file to alerts",
        value: Double(Self.longRows) / best,
        unit: "rows/s",
        budget: .atLeast(600_000),
        aim: 2_000_000,
        isBinding: false
      ),
      Figure(
        name: "replay: memory for ten times the rows",
        value: max(0, after - before),
        unit: "MB",
        budget: .atMost(4)
      ),
    ]
  }

  /// What others need for the same number of channels, where their packages are installed.
  func peerFigures() throws -> [Figure] {
    let program = """
      import random, time
      random.seed(1)
      rows = [[random.gauss(0.5, 0.1) for _ in range(8)] for _ in range(4000)]
      def rate(work):
          start = time.process_time()
          work()
          return len(rows) / (time.process_time() - start)
      try:
          from river import anomaly
          trees = anomaly.HalfSpaceTrees(seed=1)
          dicts = [dict(enumerate(row)) for row in rows]
          def half_space():
              for row in dicts:
                  trees.score_one(row)
                  trees.learn_one(row)
          print("river half-space trees,", rate(half_space))
      except ImportError:
          print("river is not installed")
      try:
          import krcf
          options = {"dimensions": 8, "shingle_size": 1, "num_trees": 50, "sample_size": 256}
          forest = krcf.RandomCutForest(options)
          def cut():
              for row in rows:
                  forest.score(row)
                  forest.update(row)
          print("krcf random cut forest 50 x 256,", rate(cut))
      except ImportError:
          print("krcf is not installed")
      """
    let python = ProcessInfo.processInfo.environment["VIGIE_TEST_PYTHON"] ?? "python3"
    let (code, text) = try RunningProgram.run(python, ["-c", program])
    guard code == 0 else {
      tell("peers: \(python) failed: \(text)")
      return []
    }
    return text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: ",")
      guard parts.count == 2, let rate = Double(parts[1].filter { $0 != " " }) else {
        tell("peers: \(line)")
        return nil
      }
      return Figure(name: "peer: \(parts[0])", value: rate, unit: "rows/s")
    }
  }

  private func figure(
    _ name: String,
    _ cost: Cost,
    aim: Double,
    atLeast: Double?
  ) -> Figure {
    Figure(
      name: name,
      value: 1e9 / cost.nanosecondsPerItem,
      unit: "rows/s",
      budget: atLeast.map { .atLeast($0) },
      aim: aim,
      isBinding: false
    )
  }

  private func residentMegabytes() -> Double {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
    return pages * 4_096 / 1_000_000
  }
}

/// What `measure` tells, in time of the processor.
private func processorCost(items: Int, _ work: () -> Void) -> Cost {
  var best = Double.infinity
  let cost = measure(items: items, rounds: 5) {
    let start = processorSeconds()
    work()
    best = min(best, processorSeconds() - start)
  }
  return Cost(
    nanosecondsPerItem: best * 1e9 / Double(items),
    allocationsPerItem: cost.allocationsPerItem
  )
}

/// The time that all threads of this process had a core.
private func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
