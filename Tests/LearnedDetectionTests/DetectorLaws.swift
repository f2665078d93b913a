import Foundation
import SignalProcessing
import Testing

/// Checks what every detector must hold, on one series of inputs.
///
/// Saved and restored at any step it goes on as if nothing had happened; the same series gives the
/// same bits; scores lie in 0…1; an input without a finite number changes nothing; its memory does
/// not grow.
///
/// - Parameters:
///   - fresh: The detector before its first input.
///   - inputs: A series that passes its learning and holds something unusual.
///   - missing: An input without any finite number.
///   - score: Feeds one input to a detector and returns its score.
/// - Throws: At the first step that breaks a law.
func expectDetectorLaws<Detector: Codable & Equatable, Input>(
  _ fresh: Detector,
  on inputs: [Input],
  missing: Input,
  score: (inout Detector, Input) -> Double
) throws {
  var detector = fresh
  var twin = fresh
  var restored = fresh
  var generator = SeededGenerator(seed: 7)
  var sizes: [Int] = []
  for (step, input) in inputs.enumerated() {
    let value = score(&detector, input)
    try #require((0...1).contains(value), "the score at step \(step) is \(value)")
    try #require(score(&twin, input).bitPattern == value.bitPattern, "step \(step) differs")
    try #require(score(&restored, input).bitPattern == value.bitPattern, "restored, step \(step)")
    if generator.uniform() < 0.01 {
      let snapshot = try JSONEncoder().encode(restored)
      restored = try JSONDecoder().decode(Detector.self, from: snapshot)
      sizes.append(snapshot.count)
      _ = score(&twin, missing)
    }
    // Compared outside the macro, which would print both in full.
    let isUnchanged = twin == detector
    try #require(isUnchanged, "an input without a number changed something at step \(step)")
  }
  let isSame = restored == detector
  #expect(isSame, "saved and restored, it is another")
  // Digits of numbers come and go; entries do not.
  let quarter = sizes.count / 4
  try #require(quarter > 1, "too short a series for the laws")
  let early = try #require(sizes[quarter..<2 * quarter].max())
  let late = try #require(sizes.suffix(quarter).max())
  #expect(Double(late) < 1.1 * Double(early))
}
