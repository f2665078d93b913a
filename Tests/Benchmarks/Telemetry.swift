import Foundation
import Glibc

/// What an independent subscriber received of the values of machines.
struct Telemetry {
  struct Message {
    var machine: Substring
    /// Seconds since 1970, by the agent's clock.
    var time: Double
    var goodCount: Int
  }

  /// Each message once, in the order in which they came.
  private(set) var messages: [Message] = []
  /// Messages that came a second time, as they may after an outage.
  private(set) var repeatedCount = 0

  /// Reads lines of topic, space, payload.
  init(_ text: String) throws {
    let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    var seen: Set<Substring> = []
    for line in text.utf8.split(separator: UInt8(ascii: "\n")).map(Substring.init) {
      guard let id = Self.member("id", of: line), let moment = Self.member("time", of: line),
        line.hasSuffix("}")
      else { continue }
      guard seen.insert(id).inserted else {
        repeatedCount += 1
        continue
      }
      messages.append(
        Message(
          machine: line.split(separator: "/", maxSplits: 4)[3],
          time: try format.parse(String(moment)).timeIntervalSince1970,
          goodCount: Self.count("\"quality\":\"good\"", in: line)
        )
      )
    }
  }

  var goodCount: Int { messages.reduce(0) { $0 + $1.goodCount } }

  /// The good values with a time in `window`, of those machines that `isCounted` names.
  func goodCount(
    in window: Range<Double>,
    of isCounted: (Substring) -> Bool = { _ in true }
  ) -> Int {
    messages.reduce(0) {
      $0 + (window.contains($1.time) && isCounted($1.machine) ? $1.goodCount : 0)
    }
  }

  /// From the first good values of a machine to the last, in seconds.
  func span(of machine: String) -> Double {
    let times = messages.filter { $0.machine == machine && $0.goodCount > 0 }.map(\.time)
    return (times.max() ?? 0) - (times.min() ?? 0)
  }

  /// The first member of that name whose value is a text.
  private static func member(_ name: String, of line: Substring) -> Substring? {
    // Identity and time stand before the values.
    let head = line.utf8.prefix(400)
    guard let range = Substring(head).range(of: "\"\(name)\":\"") else { return nil }
    return line[range.upperBound...].prefix { $0 != "\"" }
  }

  private static func count(_ pattern: String, in line: Substring) -> Int {
    String(line).withCString { start in
      var count = 0
      var rest = UnsafePointer(start)
      while let hit = strstr(rest, pattern) {
        count += 1
        rest = UnsafePointer(hit) + 1
      }
      return count
    }
  }
}
