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
    let hastier = gate.takeRebirth(at: Self.now + .milliseconds(600))
    let early = gate.takeOwedRebirth(at: Self.now + .milliseconds(900))
    let due = gate.takeOwedRebirth(at: Self.now + .seconds(1))
    let again = gate.takeOwedRebirth(at: Self.now + .seconds(2))
    let later = gate.takeRebirth(at: Self.now + .seconds(2))
    #expect(first && !hasty && !hastier && !early && due && !again && later)
    #expect(gate.counts.replayed == 1 && gate.counts.oversized == 1 && gate.counts.accepted == 4)
  }

  @Test func `what was sent before the start may be taken up already, and is refused`() {
    var gate = CommandGate(allowed: [.acknowledge], runningTime: { .seconds(20) })
    let commands = taken(
      [Self.text(id: "a", age: 21), Self.text(id: "b", age: 20), Self.text(id: "c", age: -5)],
      by: &gate
    )
    #expect(commands.map { $0 != nil } == [false, true, true])
    #expect(gate.counts.replayed == 1)
  }

  @Test func `a command is known as long as it could be taken for a new one`() {
    var gate = CommandGate(allowed: [.acknowledge])
    let first = Self.text(id: "first")
    // However many come, none makes room for the repetition of an older one.
    let flood = [first] + (0..<2_000).map { Self.text(id: "\($0)") } + [first]
    let commands = taken(flood, by: &gate)
    #expect(commands.first != .some(nil) && commands.last == .some(nil))
    #expect(gate.counts.accepted == 1_024 && gate.counts.replayed == 978)
    // Once they are too old to be repeated, there is room again.
    let later = Self.now + .seconds(301)
    let fresh = gate.command(in: Array(Self.text(id: "new", age: -301).utf8), at: later)
    let old = gate.command(in: Array(first.utf8), at: later)
    #expect(fresh != nil && old == nil)
  }

  /// Commands at and around each bound, and whether they are valid.
  private static let examples: [(text: String, isValid: Bool)] = {
    func acknowledge(_ more: String = "", id: String = "a", alert: String = "12") -> String {
      #"{"id":"\#(id)","timestamp":1790000000000,"command":"acknowledge","alert":\#(alert)\#(more)}"#
    }
    func shelving(_ hours: String, _ reason: String = "belt ordered") -> String {
      text("shelve", #","hours":\#(hours),"reason":"\#(reason)""#)
    }
    func letters(_ count: Int) -> String { String(repeating: "é", count: count) }
    return [
      (acknowledge(), true), (text("shelve", shelve), true),
      (acknowledge(id: letters(64)), true), (acknowledge(id: letters(65)), false),
      (acknowledge(id: ""), false),
      (acknowledge(alert: "0"), true), (acknowledge(alert: "9223372036854775807"), true),
      (acknowledge(alert: "9223372036854775808"), false), (acknowledge(alert: "-1"), false),
      (acknowledge(alert: "1.5"), false), (acknowledge(alert: "\"12\""), false),
      (acknowledge(alert: "null"), false), (acknowledge(alert: "true"), false),
      (acknowledge(#","user":"\#(letters(64))""#), true),
      (acknowledge(#","user":"\#(letters(65))""#), false),
      (acknowledge(#","user":"""#), true), (acknowledge(#","user":null"#), true),
      (acknowledge(#","user":7"#), false),
      // What belongs to shelving does not matter here, unless it is of another type.
      (acknowledge(#","hours":null,"reason":null"#), true),
      (acknowledge(#","hours":1000,"reason":"""#), true),
      (acknowledge(#","hours":"8""#), false), (acknowledge(#","reason":8"#), false),
      (acknowledge(#","station":"hmi-2""#), true),
      (shelving("\(1.0 / 60)"), true), (shelving("0.0166"), false), (shelving("720"), true),
      (shelving("720.001"), false), (shelving("-8"), false), (shelving("null"), false),
      (shelving("8", letters(500)), true), (shelving("8", letters(501)), false),
      (shelving("8", ""), false), (shelving("8", #" \t\n"#), false), (shelving("8", " a "), true),
      (text("shelve", #","hours":8"#), false), (text("shelve", #","reason":"x""#), false),
      (text("shelve", #","hours":8,"reason":null"#), false),
      (text("rebirth"), false), (text("Acknowledge"), false), (text(""), false),
      (#"{"id":"a","timestamp":1790000000000,"command":"acknowledge"}"#, false),
      (#"{"id":"a","timestamp":1790000000000,"alert":12}"#, false),
      (#"{"id":"a","command":"acknowledge","alert":12}"#, false),
      (#"{"timestamp":1790000000000,"command":"acknowledge","alert":12}"#, false),
      (#"{"id":"a","timestamp":"now","command":"acknowledge","alert":12}"#, false),
      (#"{"id":"a","timestamp":-1,"command":"acknowledge","alert":12}"#, false),
      (#"{"id":7,"timestamp":1790000000000,"command":"acknowledge","alert":12}"#, false),
      ("[]", false), ("null", false), ("12", false), (#""acknowledge""#, false),
    ]
  }()

  @Test func `the published schema and the gate agree on what a command is`() throws {
    let schema = folder(of: #filePath) + "/../../deploy/schema/command.schema.json"
    let judge = try ChildProcess([python, fixture("validate.py"), schema])
    for (text, isValid) in Self.examples {
      judge.write(Array(text.utf8) + [10])
      #expect((judge.line() == "true") == isValid, "the schema, of \(text)")
      var gate = CommandGate(allowed: [.acknowledge, .shelve])
      #expect((taken([text], by: &gate) != [nil]) == isValid, "the gate, of \(text)")
    }
  }
}
