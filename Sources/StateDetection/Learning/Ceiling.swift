/// The highest that a channel shows again and again, and never goes beyond.
///
/// What is natural gets rarer the farther it is out; where readings are cut off, they pile up on one
/// and the same value.
struct Ceiling: Hashable, Sendable, Codable {
  /// Minutes without a touch after which it is forgotten.
  private static let span = 90.0
  /// Fewer touches may be chance.
  private static let leastHits = 8.0

  private(set) var level = 0.0
  /// Minutes that went just as high and moved below, and such that ended close beneath.
  private(set) var hits = 0.0
  private var near = 0.0
  private var sinceHit = 1_000.0
  /// The most hits that were usual.
  var most = 0.0

  /// Takes the highest reading of a minute.
  ///
  /// - Parameters:
  ///   - highest: That reading.
  ///   - margin: How close beneath counts as near.
  ///   - moves: Whether other readings of the minute lay lower; what stands still is another trouble.
  mutating func take(_ highest: Double, margin: Double, moves: Bool) {
    if sinceHit > Self.span || highest > level {
      near = highest - level < margin ? near + hits : 0
      level = highest
      hits = 0
      sinceHit = 0
    } else if highest == level {
      if moves { hits += 1 }
      sinceHit = 0
    } else {
      if highest > level - margin { near += 1 }
      sinceHit += 1
    }
  }

  /// Whether readings pile up there more than ever.
  var isCut: Bool { hits > max(Self.leastHits, 3 * most) && hits > 2 * near }
}
