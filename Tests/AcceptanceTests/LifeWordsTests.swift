import AdvisoryGeneration
import AgentRuntime
import ConditionModel
import Foundation
import Testing

@testable import vigie

struct LifeWordsTests {
  private func sentence(_ life: String, _ language: Language) throws -> String? {
    let json = #"{"name": "fan", "state": "normal", "grade": 1, "coverage": 1, "life": \#(life)}"#
    let machine = try JSONDecoder().decode(AgentStatus.Machine.self, from: Data(json.utf8))
    return LiveWords(language).life(of: machine)
  }

  @Test(arguments: Prognosis.NoTrend.allCases)
  func `without an estimate the reason is said, in both languages`(reason: Prognosis.NoTrend) throws
  {
    let life = #"{"reason": "\#(reason.rawValue)"}"#
    let english = try #require(try sentence(life, .english))
    let french = try #require(try sentence(life, .french))
    #expect(english.contains("no estimate of its remaining life: "))
    #expect(french.contains("pas d'estimation de la durée restante : "))
  }

  @Test func `a reason from another version is no reason to say nothing`() throws {
    #expect(
      try sentence(#"{"reason": "uneven"}"#, .english) == "no estimate of its remaining life"
    )
    #expect(try sentence("null", .english) == nil)
  }
}
