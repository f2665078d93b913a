import ConditionModel
import Foundation
import PlantSimulation
import Testing

struct ExaminationFileTests {
  @Test func `what is written is the recording and its truth, and is read back`() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/examination-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let machines = PlantExamination(seed: 2, weeks: 3, kinds: [.fan, .press]).machines
    try ExaminationFiles(machines, every: .seconds(1_800)).write(to: folder)
    #expect(try ExaminationRecord.records(in: folder).map(\.name) == ["fan-1", "press-1"])
    for (machine, record) in zip(machines, try ExaminationRecord.records(in: folder)) {
      #expect(record.recorded == machine.start..<machine.end)
      #expect(record.truth.repairs == machine.truth.repairs)
      #expect(record.truth.sensorFaults == machine.truth.sensorFaults)
      #expect(
        record.truth.machineFaults.map(\.channels) == machine.truth.machineFaults.map(\.channels)
      )
      #expect(record.truth.machineFaults.map(\.onset) == machine.truth.machineFaults.map(\.onset))
      let text = try String(contentsOfFile: "\(folder)/\(machine.name).csv", encoding: .utf8)
      let lines = text.split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
      #expect(lines[0] == ["timestamp"] + machine.channels.map(\.point))
      try expect(lines[1...], toBe: machine)
    }
    let events = try String(contentsOfFile: "\(folder)/events.csv", encoding: .utf8)
    let orders = machines.flatMap(\.truth.workOrders)
    #expect(events.split(separator: "\n").count == 1 + orders.count)
  }

  /// Every 180th row, each value to the last digit that is written.
  private func expect(_ lines: ArraySlice<[String]>, toBe machine: ExaminedMachine) throws {
    var rest = lines
    var run = machine.rows()
    var row = [Double](repeating: 0, count: machine.channels.count)
    while true {
      let (number, moment) = (run.row, run.timestamp)
      guard run.next(&row) else { break }
      guard number.isMultiple(of: 180), row.contains(where: { !$0.isNaN }) else { continue }
      let next = rest.popFirst()
      let line = try #require(next)
      let written = try Date(line[0], strategy: .iso8601).timeIntervalSince1970
      #expect(written == Double(moment.nanoseconds) / 1e9)
      for (cell, value) in zip(line.dropFirst(), row) {
        if value.isNaN {
          #expect(cell.isEmpty)
        } else {
          let shown = try #require(Double(cell))
          #expect(abs(shown - value) < 1e-6 * max(1, abs(value)))
        }
      }
    }
    #expect(rest.isEmpty)
  }

  @Test func `a folder that cannot be made is said with its path`() {
    let files = ExaminationFiles(PlantExamination(seed: 1, weeks: 3, kinds: [.pump]).machines)
    #expect(throws: ExaminationFileError.self) { try files.write(to: "/proc/nowhere") }
  }

  @Test func `alerts and estimates are read as replay writes them`() throws {
    let path = FileManager.default.temporaryDirectory.path + "/rows-\(UUID().uuidString).csv"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(
      """
      machine,start,end,class,severity,channel
      "press, old",2026-01-05T01:24:20.000Z,2026-01-05T02:24:20.000Z,limit,high,oil temperature
      fan,2026-01-05T01:24:20.000Z,,sensor,watch,t

      """.utf8
    ).write(to: URL(filePath: path))
    let notices = try ExaminationNotice.notices(at: path)
    #expect(notices.map(\.machine) == ["press, old", "fan"])
    #expect(notices.map(\.findingClass) == [.limit, .sensor])
    #expect(notices.map(\.notifies) == [true, false])
    #expect(notices[0].end - notices[0].start == .seconds(3_600))
    try Data(
      "machine,timestamp,p10,p50,p90\nfan,2026-01-05T00:00:00Z,1,2.5,4\nfan,2026-01-05T06:00:00Z,,,\n"
        .utf8
    ).write(to: URL(filePath: path))
    let estimates = try LifeEstimate.estimates(at: path)
    #expect(estimates.map(\.quantiles) == [.init(p10: 1, p50: 2.5, p90: 4), nil])
    try Data("machine,timestamp,p10,p50,p90\nfan,yesterday,1,2,3\n".utf8)
      .write(to: URL(filePath: path))
    #expect(throws: ExaminationFileError.self) { try LifeEstimate.estimates(at: path) }
  }
}
