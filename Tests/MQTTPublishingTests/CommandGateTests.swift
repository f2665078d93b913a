import ConditionModel
import Testing

@testable import MQTTPublishing

struct CommandGateTests {
  private static let now = Timestamp(seconds: 1_790_000_000)

  private static func text(
    _ command: String = "acknowledge",
    id: String = "a",
    age: Int = 0,
    _ more: String = ""
  ) -> String {
    #"{"id":"\#(id)","timestamp":\#(1_790_000_000_000 - age * 1_000),"command":"\#(command)","#
      + #""alert":12\#(more)}"#
  }

  private static let shelve = #","hours":8,"reason":"belt ordered","user":"marie""#

  private func taken(_ texts: [String], by gate: inout CommandGate) -> [RemoteCommand?] {
    var commands: [RemoteCommand?] = []
    for text in texts { commands.append(gate.command(in: Array(text.utf8), at: Self.now)) }
    return commands
  }

  @Test func `what is allowed and complete is taken up, once`() {
    var gate = CommandGate(allowed: [.acknowledge, .shelve])
    let shelving = Self.text("shelve", id: "b", Self.shelve)
    let commands = taken([Self.text(), shelving, Self.text()], by: &gate)
    let shelved = RemoteCommand.Content.shelve(
      alert: 12,
      for: .seconds(28_800),
      reason: "belt ordered"
    )
    #expect(
      commands == [
        RemoteCommand(.acknowledge(alert: 12), user: ""), RemoteCommand(shelved, user: "marie"),
        nil,
      ]
    )
    var counts = CommandCounts()
    counts.accepted = 2
    counts.replayed = 1
    #expect(gate.counts == counts)
  }

  @Test(
    arguments: [
      ("", "malformed"), ("[]", "malformed"), ("{\"id\":\"a\"}", "malformed"),
      (text(id: ""), "malformed"), (text(id: String(repeating: "x", count: 65)), "malformed"),
      (text("shelve"), "malformed"),
      (text("shelve", ",\"hours\":0,\"reason\":\"x\""), "malformed"),
      (text("shelve", ",\"hours\":721,\"reason\":\"x\""), "malformed"),
      (text("shelve", ",\"hours\":8,\"reason\":\" \""), "malformed"),
      (text("rebirth"), "foreign"), (text("stop"), "foreign"), (text(age: 301), "replayed"),
      (text(age: -301), "replayed"),
    ]
  )
  func `anything else is dropped and counted`(text: String, counter: String) {
    var gate = CommandGate(allowed: [.acknowledge, .shelve, .rebirth])
    let commands = taken([text], by: &gate)
    #expect(commands == [nil])
    let counts = [
      "malformed": gate.counts.malformed, "foreign": gate.counts.foreign,
      "replayed": gate.counts.replayed,
    ]
    #expect(counts[counter] == 1 && gate.counts.accepted == 0)
  }

  @Test func `what the site file does not allow is foreign`() {
    var gate = CommandGate(allowed: [])
    let commands = taken([Self.text()], by: &gate)
    let isReborn = gate.takeRebirth(at: Self.now)
    #expect(!gate.acceptsRequests && commands == [nil] && !isReborn)
    #expect(gate.counts.foreign == 2)
  }

  @Test func `retained and oversized messages are not even read, births come once a second`() {
    var gate = CommandGate(allowed: [.rebirth])
    let retained = gate.admits(ReceivedMessage(topic: "t", payload: [], isRetained: true))
    let large = gate.admits(
      ReceivedMessage(topic: "t", payload: Array(repeating: 0, count: 4_097))
    )
    let good = gate.admits(
      ReceivedMessage(topic: "t", payload: Array(repeating: 0, count: 4_096))
    )
    #expect(!retained && !large && good)
    let first = gate.takeRebirth(at: Self.now)
    let hasty = gate.takeRebirth(at: Self.now + .milliseconds(500))
    let later = gate.takeRebirth(at: Self.now + .seconds(1))
    #expect(first && !hasty && later)
    #expect(gate.counts.replayed == 2 && gate.counts.oversized == 1 && gate.counts.accepted == 2)
  }
}
