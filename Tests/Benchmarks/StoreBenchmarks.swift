import ConditionModel
import Foundation
import HistoryStore
import PlantSimulation
import SampleCoding
import SiteConfiguration

// What `vigie-bench store` measures.

private let begin = Timestamp(seconds: 1_760_000_400)

/// Ten machines with fifty registers each, as `vigie simulate` plays them.
private func simulatedPlant() throws -> SimulatedPlant {
  let site = try BenchSite(period: "1 s", line: .gateway(port: 1_502)).parsed()
  return try SimulatedPlant(site.plant, buses: site.buses, seed: 1, start: begin)
}

// MARK: - Code

/// Columns that share their times.
private struct Block {
  var times: [Int64]
  var columns: [[Double]]
}

func simulatedCodeFigures() throws -> [Figure] {
  var plant = try simulatedPlant()
  var blocks: [Block] = []
  for second in 0..<Int64(3_600) {
    let frames = plant.sample(at: begin + .seconds(second))
    if blocks.isEmpty {
      blocks = frames.map { Block(times: [], columns: $0.values.map { _ in [] }) }
    }
    for (index, frame) in frames.enumerated() {
      blocks[index].times.append(frame.timestamp.nanoseconds)
      for (place, value) in frame.values.enumerated() {
        blocks[index].columns[place].append(value)
      }
    }
  }
  return try figures("simulated plant, 1 Hz", blocks)
}

func skabCodeFigures(in folder: String) throws -> [Figure] {
  var blocks: [Block] = []
  let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
  for file in files.sorted() where file.hasSuffix(".csv") {
    let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
    let rows = text.split(whereSeparator: \.isNewline).dropFirst()
      .map { $0.split(separator: ";") }
    // Eight signals; what follows are labels.
    let columns = (1...8).map { column in rows.compactMap { Double($0[column]) } }
    let times = rows.compactMap { row -> Int64? in
      let parts = row[0].split { " -:".contains($0) }.compactMap { Int($0) }
      guard parts.count == 6 else { return nil }
      return CivilTime.moment(
        year: parts[0],
        month: parts[1],
        day: parts[2],
        hour: parts[3],
        minute: parts[4],
        second: parts[5]
      )?.nanoseconds
    }
    guard columns.allSatisfy({ $0.count == times.count }), !times.isEmpty else { continue }
    blocks.append(Block(times: times, columns: columns))
  }
  return try figures("SKAB", blocks)
}

private func figures(_ name: String, _ blocks: [Block]) throws -> [Figure] {
  var byteCount = 0
  var valueCount = 0
  for block in blocks {
    let times = Column.encode(times: block.times)
    byteCount += times.count
    guard try Column.decodeTimes(times) == block.times else { throw Different() }
    for column in block.columns {
      let good = [UInt8](repeating: 0, count: column.count)
      let bytes = Column.encode(values: column, qualities: good)
      byteCount += bytes.count
      valueCount += column.count
      let back = try Column.decodeReadings(bytes)
      guard back.values.map(\.bitPattern) == column.map(\.bitPattern) else { throw Different() }
    }
  }
  // One column at a time: what else the machine does shows less in short pieces.
  var encoding = 0.0
  var decoding = 0.0
  let columns = blocks.flatMap(\.columns).prefix(100)
  let count = columns.reduce(0) { $0 + $1.count }
  for column in columns {
    let good = [UInt8](repeating: 0, count: column.count)
    var bytes: [UInt8] = []
    encoding += bestSeconds { bytes = Column.encode(values: column, qualities: good) }
    var decoded = 0
    decoding += bestSeconds { decoded += (try? Column.decodeReadings(bytes).values.count) ?? 0 }
    guard decoded > 0 else { throw Different() }
  }
  return [
    Figure(
      name: "\(name): bytes per value, with times",
      value: Double(byteCount) / Double(valueCount),
      unit: "B",
      budget: .atMost(2)
    ),
    Figure(
      name: "\(name): encoded",
      value: Double(count) / encoding / 1e6,
      unit: "million/s",
      budget: .atLeast(2),
      isBinding: false
    ),
    Figure(
      name: "\(name): decoded",
      value: Double(count) / decoding / 1e6,
      unit: "million/s",
      budget: .atLeast(5),
      isBinding: false
    ),
  ]
}

private struct Different: Error, CustomStringConvertible {
  var description: String { "what was decoded is not what was encoded" }
}

private func bestSeconds(rounds: Int = 9, _ work: () throws -> Void) rethrows -> Double {
  var best = Double.infinity
  for _ in 0..<rounds {
    let elapsed = try ContinuousClock().measure(work)
    best = min(best, elapsed.inSeconds)
  }
  return best
}

// MARK: - The store on a disk

/// A folder that is gone afterwards.
private func withStore<Result>(
  in folder: String,
  _ options: HistoryStore.Options = .init(),
  _ work: (HistoryStore, _ path: String, Plant) async throws -> Result
) async throws -> Result {
  let place = "\(folder)/vigie-bench-\(ProcessInfo.processInfo.processIdentifier)"
  try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: place) }
  let site = try BenchSite(period: "1 s", line: .gateway(port: 1_502)).parsed()
  let path = "\(place)/history.sqlite"
  let store = try await HistoryStore(path: path, plant: site.plant, options: options)
  let result = try await work(store, path, site.plant)
  await store.close()
  return result
}

/// One channel of fifty, a value each second for a day.
func dayFigures(in folder: String) async throws -> [Figure] {
  try await withStore(in: folder) { store, path, plant in
    var machine = try simulatedPlant()
    let seconds = Int64(86_400 + 7_200)
    for second in 0..<seconds {
      let frame = machine.sample(at: begin + .seconds(second))[0]
      try await store.commit(Batch(inputs: [.frame(frame)]))
    }
    let reader = try HistoryReader(path: path)
    let span = begin..<begin + .seconds(86_400)
    var best = Double.infinity
    var count = 0
    for _ in 0..<9 {
      let start = ContinuousClock.now
      count = try await reader.readings(of: plant.channels[7].id, in: span).values.count
      best = min(best, (ContinuousClock.now - start).inSeconds)
    }
    await reader.close()
    return [
      Figure(name: "a day of one channel: values", value: Double(count), unit: ""),
      Figure(
        name: "a day of one channel: read",
        value: best * 1_000,
        unit: "ms",
        budget: .atMost(5),
        isBinding: false
      ),
    ]
  }
}

/// Two hours at 500 values a second, as fast as the disk goes, with a state of the core of 0.5 MB: the
/// agent writes one twice as large in four hours.
func writtenFigures(in folder: String) async throws -> [Figure] {
  var options = HistoryStore.Options()
  // Every fifth commit waits for the disk, as with one commit a second.
  options.syncInterval = .seconds(86_400)
  let hours = 2
  return try await withStore(in: folder, options) { store, _, plant in
    var machines = try simulatedPlant()
    var generator = SystemRandomNumberGenerator()
    let state = (0..<500_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let before = writtenBytes()
    for second in 0..<Int64(hours * 3_600) {
      let moment = begin + .seconds(second)
      let frames = machines.sample(at: moment)
      let inputs = [.tick(moment)] + frames.map(PipelineInput.frame)
      try await store.commit(
        Batch(
          inputs: inputs,
          snapshot: second == 0
            ? Snapshot(timestamp: moment, fingerprint: "f", state: state) : nil,
          isDurable: second % 5 == 4
        )
      )
      let last = try await store.latestID()
      try await store.acknowledge((0..<10).map { last - $0 })
    }
    let written = Double(writtenBytes() - before) / Double(hours) * 24
    let kept = try await store.state()
    return [
      Figure(
        name: "500 values/s, on the disk every 5 s: written",
        value: written / 1e6,
        unit: "MB/day",
        budget: .atMost(150),
        aim: 60,
        isBinding: false
      ),
      Figure(
        name: "500 values/s, on the disk every 5 s: the disk is waited for",
        value: Double(kept.syncCount) / Double(hours),
        unit: "/h"
      ),
      Figure(
        name: "500 values/s: kept in the files after two hours",
        value: Double(kept.fileBytes) / 1e6,
        unit: "MB"
      ),
    ]
  }
}

/// What the kernel has counted for this process.
private func writtenBytes() -> Int64 {
  let text = (try? String(contentsOfFile: "/proc/self/io", encoding: .utf8)) ?? ""
  for line in text.split(separator: "\n") where line.hasPrefix("write_bytes:") {
    return Int64(line.split(separator: " ").last ?? "") ?? 0
  }
  return 0
}
