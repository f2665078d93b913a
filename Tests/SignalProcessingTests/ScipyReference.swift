import Foundation
import ProcessSupport
import Testing

/// numpy and scipy as a second opinion, asked anew in each run.
enum ScipyReference {
  static let isInstalled = (try? run(["-c", "import numpy, scipy.signal"])) == 0

  private static let python =
    ProcessInfo.processInfo.environment["VIGIE_TEST_PYTHON"] ?? "python3"

  private struct Question: Encodable {
    var task: String
    var signal: [Float]
    var numbers: [String: Double]
    var taps: [Float]
  }

  /// Lets scipy do `task` on a signal.
  static func answer(
    _ task: String,
    signal: [Float] = [],
    numbers: [String: Double] = [:],
    taps: [Float] = []
  ) throws -> [String: [Double]] {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "vigie-scipy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let question = folder.appending(path: "question.json")
    let answer = folder.appending(path: "answer.json")
    try JSONEncoder()
      .encode(Question(task: task, signal: signal, numbers: numbers, taps: taps))
      .write(to: question)
    let script = try #require(
      Bundle.module.path(forResource: "scipy_reference", ofType: "py")
    )
    let status = try run([script, question.path, answer.path])
    try #require(status == 0, "scipy failed at \(task)")
    return try JSONDecoder().decode([String: [Double]].self, from: Data(contentsOf: answer))
  }

  private static func run(_ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python] + arguments
    process.standardError = FileHandle.nullDevice
    try startingAlone { try process.run() }
    while process.isRunning { usleep(1_000) }
    return process.terminationStatus
  }
}

/// The largest distance between a result and its reference; not a number where a value is not.
func distance(_ found: [Float], _ expected: [Double]?) throws -> Double {
  let expected = try #require(expected)
  try #require(found.count == expected.count)
  let distances = zip(found, expected).map { abs(Double($0) - $1) }
  return distances.contains { $0.isNaN } ? .nan : distances.max() ?? 0
}
