/// What an indicator read over months, the finer the newer: constant in memory.
///
/// Hours of operation are cut into spans of three hours. When a tier is full, its four oldest spans
/// become one of the next tier, so there are four days of three hours, 16 of half a day and 64 of two
/// days: enough to see where a slope began, too little to fill a gateway.
package struct IndicatorHistory: Hashable, Sendable, Codable {
  /// A mean over some hours of operation.
  package struct Span: Hashable, Sendable, Codable {
    /// Its middle, in hours of operation.
    package var centre: Float
    package var hours: Float
    package var mean: Float
  }

  static let spanHours: Float = 3
  private static let tierLength = 32
  private static let tierCount = 3
  private static let merged = 4
  package static let capacity = tierLength * tierCount

  /// Oldest first within each tier; the coarsest tier is the last.
  private var tiers: [[Span]]

  init() {
    tiers = (0..<Self.tierCount).map { _ in
      var tier: [Span] = []
      tier.reserveCapacity(Self.tierLength + 1)
      return tier
    }
  }

  /// Takes the next span.
  mutating func append(_ span: Span) {
    tiers[0].append(span)
    for tier in 0..<Self.tierCount where tiers[tier].count > Self.tierLength {
      guard tier + 1 < Self.tierCount else {
        tiers[tier].removeFirst()
        continue
      }
      var hours: Float = 0
      var moment: Float = 0
      var sum: Float = 0
      for index in 0..<Self.merged {
        let part = tiers[tier][index]
        hours += part.hours
        moment += part.centre * part.hours
        sum += part.mean * part.hours
      }
      tiers[tier].removeFirst(Self.merged)
      tiers[tier + 1].append(Span(centre: moment / hours, hours: hours, mean: sum / hours))
    }
  }

  mutating func removeAll() {
    for tier in tiers.indices { tiers[tier].removeAll(keepingCapacity: true) }
  }

  var count: Int { tiers.reduce(0) { $0 + $1.count } }

  /// Copies all spans, oldest first.
  func copy(into spans: inout [Span]) {
    spans.removeAll(keepingCapacity: true)
    for tier in tiers.reversed() {
      for span in tier { spans.append(span) }
    }
  }

  // Rows of plain numbers, since a snapshot holds several of these for each channel.
  package init(from decoder: any Decoder) throws {
    self.init()
    var fields = try decoder.unkeyedContainer()
    for tier in 0..<Self.tierCount {
      let numbers = try fields.decode([Float].self)
      guard numbers.count.isMultiple(of: 3), numbers.count <= 3 * Self.tierLength else {
        throw DecodingError.dataCorruptedError(in: fields, debugDescription: "not a tier")
      }
      for place in stride(from: 0, to: numbers.count, by: 3) {
        tiers[tier].append(
          Span(centre: numbers[place], hours: numbers[place + 1], mean: numbers[place + 2])
        )
      }
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.unkeyedContainer()
    for tier in tiers {
      try fields.encode(tier.flatMap { [$0.centre, $0.hours, $0.mean] })
    }
  }
}
