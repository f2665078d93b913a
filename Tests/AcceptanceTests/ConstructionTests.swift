import Foundation
import ProcessSupport
import Testing

/// Promises about how Vigie is built, checked on what was built.
struct ConstructionTests {
  @Test func `the program imports no function that writes to a device`() throws {
    let (code, symbols) = try RunningProgram.run("nm", ["-D", "--undefined-only", vigieProgram()])
    #expect(code == 0)
    let imported = symbols.split(whereSeparator: \.isWhitespace).filter { $0.hasPrefix("modbus_") }
    #expect(imported.contains("modbus_read_registers"))
    let writing = imported.filter { $0.contains("write") || $0.contains("raw_request") }
    #expect(writing.isEmpty, "the program could write to a machine through \(writing)")
  }

  @Test func `the core knows no clock, no chance, no file and no hash order`() throws {
    let core = [
      "ConditionModel", "SignalProcessing", "DataAcquisition", "DataManipulation",
      "StateDetection", "HealthAssessment", "AdvisoryGeneration", "MonitoringPipeline",
    ]
    let forbidden = [
      "import Foundation", "import Glibc", "import Dispatch", "Date()", "ContinuousClock",
      "SuspendingClock", "SystemRandomNumberGenerator", ".random(", ".shuffled(", "addingProduct",
      ".hashValue", "Hasher(",
    ]
    var found: [String] = []
    for target in core {
      let folder = "\(packageFolder())/Sources/\(target)"
      let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
      #expect(!files.isEmpty, "no sources in \(folder)")
      for file in files where file.hasSuffix(".swift") {
        let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
        for word in forbidden where text.contains(word) {
          found.append("\(target)/\(file): \(word)")
        }
      }
    }
    #expect(found.isEmpty)
  }

  @Test func `the service unit is hardened to 1.6 or better`() throws {
    let unit = "\(packageFolder())/deploy/systemd/vigie.service"
    let (code, text) = try RunningProgram.run(
      "systemd-analyze",
      ["security", "--offline=true", "--threshold=16", "--no-pager", unit]
    )
    #expect(code == 0, "\(text.split(separator: "\n").last ?? "")")
  }
}
