/// What a hit brings, and what a false call and a miss cost (the three profiles of NAB).
struct BenchmarkProfile {
  let hit: Double
  let falseCall: Double
  let miss: Double

  static let standard = BenchmarkProfile(hit: 1, falseCall: 0.11, miss: 1)
  static let fewFalseCalls = BenchmarkProfile(hit: 1, falseCall: 0.22, miss: 1)
  static let fewMisses = BenchmarkProfile(hit: 1, falseCall: 0.11, miss: 2)
}

/// One score under the three profiles: 0 for silence, 100 for a call at the first moment of each
/// event and none besides.
package struct ProfileScores: Hashable, Sendable, Codable {
  package var standard: Double
  package var fewFalseCalls: Double
  package var fewMisses: Double

  init(_ score: (BenchmarkProfile) -> Double) {
    standard = score(.standard)
    fewFalseCalls = score(.fewFalseCalls)
    fewMisses = score(.fewMisses)
  }
}
