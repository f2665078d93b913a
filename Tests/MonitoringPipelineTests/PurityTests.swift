import Foundation
import Testing

/// What the compiler cannot refuse: the standard library brings clocks and randomness without an
/// import.
struct PurityTests {
  @Test(arguments: [
    "ConditionModel", "SignalProcessing", "DataAcquisition", "DataManipulation", "StateDetection",
    "HealthAssessment", "AdvisoryGeneration", "MonitoringPipeline",
  ])
  func `the core asks no clock, no dice and no operating system`(target: String) throws {
    let sources = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Sources/\(target)")
    let files = try FileManager.default.subpathsOfDirectory(atPath: sources.path)
      .filter { $0.hasSuffix(".swift") }
    #expect(!files.isEmpty)
    let forbidden = [
      "import Foundation", "import Glibc", "import Dispatch", "ContinuousClock",
      "SuspendingClock", "SystemRandomNumberGenerator", ".random(in", ".shuffled(",
    ]
    for file in files {
      let lines = try String(contentsOf: sources.appending(path: file), encoding: .utf8)
        .split(separator: "\n")
        .filter { !$0.drop { $0 == " " }.hasPrefix("//") }
      for word in forbidden {
        #expect(!lines.contains { $0.contains(word) }, "\(file) contains '\(word)'")
      }
    }
  }
}
