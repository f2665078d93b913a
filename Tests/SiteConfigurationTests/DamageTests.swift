import ConditionModel
import DataAcquisition
import SiteConfiguration
import Testing

/// Files as they come out of an editor that was closed too early, or of a bad memory card.
struct DamageTests {
  @Test func `a file that ends anywhere is read or refused, never more`() {
    for text in [goodSite, goodProfile] {
      for end in text.indices { expectAnswer(to: String(text[..<end])) }
    }
  }

  @Test func `a file with a line missing or doubled is read or refused, never more`() {
    for text in [goodSite, goodProfile] {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
      for index in lines.indices {
        var damaged = lines
        damaged.remove(at: index)
        expectAnswer(to: damaged.joined(separator: "\n"))
        damaged = lines
        damaged.insert(lines[index], at: index)
        expectAnswer(to: damaged.joined(separator: "\n"))
      }
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `a file with characters changed at random is read or refused, never more`(seed: UInt64) {
    var state = seed
    func random(below count: Int) -> Int {
      // Knuth's 64-bit linear congruential generator; good enough to damage a text.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let pieces = Array("{}[]:,-'\"#&*!|>%@`~?\t\n \\0é°=<") + ["\u{0}", "\u{F0000}"]
    for text in [goodSite, goodProfile] {
      for _ in 0..<200 {
        var damaged = Array(text)
        for _ in 0...random(below: 3) {
          damaged[random(below: damaged.count)] = pieces[random(below: pieces.count)]
        }
        expectAnswer(to: String(damaged))
      }
    }
  }

  /// Each answer is a site, or at least one error with reason and mend.
  private func expectAnswer(to text: String) {
    let profile = Result { () throws(ConfigurationProblems) in
      try ProfileFile.parse(text, file: "p.yaml", id: "a/p").document.profile.points.count
    }
    for case .failure(let problems) in [readSite(text).map(\.plant.channels.count), profile] {
      let errors = problems.problems.filter { $0.severity == .error }
      #expect(!errors.isEmpty)
      #expect(errors.allSatisfy { !$0.message.isEmpty && !$0.mend.isEmpty }, "\(text)")
    }
  }
}
