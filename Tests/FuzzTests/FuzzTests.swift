import Foundation
import FuzzTargets
import ProcessSupport
import Testing

struct FuzzTests {
  @Test(arguments: FuzzTarget.all.map(\.name))
  func `whatever bytes come are refused or read, and nothing worse`(target: String) throws {
    let folder = NSTemporaryDirectory() + "vigie-fuzz-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (code, text) = try RunningProgram.run(
      vigieProgram("vigie-bench"),
      [
        "fuzz", "--only", target, "--cases", "2000", "--minutes", "0.1",
        "--corpus", packageFolder() + "/Tests/FuzzCorpus", "--findings", folder,
      ],
      limit: .seconds(120)
    )
    #expect(code == 0, "\(text)")
  }
}
