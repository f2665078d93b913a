import Foundation
import ProcessSupport

/// Runs `Fixtures/client.py`, which reads with pymodbus.
struct ThirdPartyClient {
  /// `tcp HOST PORT` or `rtu PATH BAUD PARITY`.
  var line: [String]

  struct Result: Decodable {
    var registers: [UInt16]?
    var exception: Int?
    var error: String?
    var seconds: Double
  }

  func run(_ steps: String...) async throws -> [Result] {
    guard
      let script = Bundle.module.path(forResource: "client", ofType: "py", inDirectory: "Fixtures")
    else { throw CocoaError(.fileNoSuchFile) }
    let python = ProcessInfo.processInfo.environment["VIGIE_TEST_PYTHON"] ?? "python3"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python, script] + line + steps
    let output = startingAlone { Pipe() }
    process.standardOutput = output
    await withCheckedContinuation { continuation in
      process.terminationHandler = { _ in continuation.resume() }
      do { try startingAlone { try process.run() } } catch { continuation.resume() }
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    return try text.split(separator: "\n").map {
      try JSONDecoder().decode(Result.self, from: Data($0.utf8))
    }
  }
}
