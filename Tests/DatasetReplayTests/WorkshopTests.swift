import ConditionModel
import Foundation
import PlantSimulation
import SiteConfiguration
import Testing

@testable import DatasetReplay

/// The recording of our own in `datasets/workshop`.
struct WorkshopTests {
  private let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../datasets/workshop").standardizedFileURL.path

  @Test func `the recording is what its command makes, to the byte`() throws {
    let again = try TemporaryFolder()
    let machines = PlantExamination(seed: 6, weeks: 5, kinds: [.pump]).machines
    try ExaminationFiles(machines, every: .seconds(900)).write(to: again.path)
    let names = [
      "site.yaml", "pump-1.csv", "events.csv", "truth/machines.csv", "truth/faults.csv",
      "truth/sensors.csv", "truth/repairs.csv", "truth/causes.csv",
    ]
    for name in names {
      let made = try again.read(name)
      if ProcessInfo.processInfo.environment["VIGIE_UPDATE_GOLDEN"] != nil {
        try made.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
      }
      let kept = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
      #expect(made == kept, "\(name) is made otherwise now")
    }
  }

  @Test func `replayed, the failure is found by a right channel and the stuck sensor by its name`()
    async throws
  {
    let path = "\(folder)/site.yaml"
    let site = try SiteFile.load(path: path, profileDirectories: [])
    let replayed = ReplayedSite(site) { one in
      try SiteFile.load(path: path, profileDirectories: [], one: one)
    }
    let outcomes = await PlantReplay(replayed, folder: folder).run()
    #expect(outcomes.map(\.failure) == [nil])
    let table = try TemporaryFolder()
    let alerts = try table.write(AlertRow.table(of: outcomes), to: "alerts.csv")
    var score = ExaminationScore()
    for record in try ExaminationRecord.records(in: folder) {
      score.add(record, notices: try ExaminationNotice.notices(at: alerts))
    }
    #expect(score.failureCount == 1 && score.unwarnedFailureCount == 0)
    #expect(score.foundCount >= 1)
    #expect(score.sensorNamedCount >= 1)
  }
}
