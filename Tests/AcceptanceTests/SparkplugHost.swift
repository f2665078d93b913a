import Foundation
import ProcessSupport
import Synchronization

/// A Sparkplug host of another make that notes all that nodes say.
final class SparkplugHost: Sendable {
  private let program: RunningProgram
  private let parsed = Mutex<(lineCount: Int, messages: [SparkplugMessage])>((0, []))

  /// Subscribes, and returns when the broker has taken the subscription.
  init(port: UInt16) async throws {
    let script = "\(packageFolder())/Tests/MQTTPublishingTests/Fixtures/sparkplug_host.py"
    // It needs an older library than the other peers: see deploy/test.
    let python = testPython.replacing("/python/", with: "/sparkpython/")
    program = try RunningProgram(python, [script, "\(port)", "scada", "listen"])
    try await program.prints("\"ready\"")
  }

  /// Waits for another subscription after the broker has come back.
  func isReady(times count: Int) async throws {
    try await program.prints("\"ready\"", times: count)
  }

  /// Everything that came, in order.
  var messages: [SparkplugMessage] {
    parsed.withLock { parsed in
      let text = program.text
      let complete = text.prefix(through: text.lastIndex(of: "\n") ?? text.startIndex)
      let lines = complete.split(separator: "\n")
      for line in lines.dropFirst(parsed.lineCount) {
        let message = try? JSONDecoder().decode(SparkplugMessage.self, from: Data(line.utf8))
        if let message { parsed.messages.append(message) }
      }
      parsed.lineCount = lines.count
      return parsed.messages
    }
  }

  /// The `bdSeq` of each birth and death of the node, such as `NBIRTH 0`.
  var lives: [String] {
    messages.filter { $0.kind == "NBIRTH" || $0.kind == "NDEATH" }.map { message in
      let number = message.metrics.first { $0.name == "bdSeq" }?.value
      return "\(message.kind) \(number.map { "\(Int($0))" } ?? "-")"
    }
  }
}

struct SparkplugMessage: Decodable {
  var kind: String
  var seq: Int?
  var metrics: [Metric]

  struct Metric: Decodable {
    var name: String
    /// `nil` also for what is no number.
    var value: Double?
    var historical: Bool
    /// In milliseconds since 1970.
    var timestamp: Int64

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try container.decode(String.self, forKey: .name)
      value = try? container.decode(Double.self, forKey: .value)
      historical = try container.decode(Bool.self, forKey: .historical)
      timestamp = try container.decode(Int64.self, forKey: .timestamp)
    }

    private enum CodingKeys: CodingKey {
      case name, value, historical, timestamp
    }
  }
}
