import MonitoringPipeline
import SiteConfiguration
import StateDetection
import Testing

struct AlertBudgetTests {
  @Test(arguments: [
    ("1 per machine and month", 84 / 365.25), ("one per machine per month", 84 / 365.25),
    ("2 per machine and week", 2), ("0.5 / machine / day", 3.5),
    ("at most 3 per machine and year", 21 / 365.25),
  ])
  func `a budget is read as people write it`(text: String, perWeek: Double) throws {
    let budget = try #require(AlertBudget(text))
    #expect(abs(budget.perMachineWeek - perWeek) < 1e-9)
    #expect(AlertBudget("\(budget)") == budget)
    let site = try readSite(goodSite + "\nalerts: { false alerts: \(text) }").get()
    let learned = try #require(site.pipeline.detection.learning).falseAlertsPerWeek
    #expect(abs(learned - perWeek) < 1e-9)
  }

  @Test(arguments: [
    "few", "1 per month", "0 per machine and week", "1 per machine and shift", "-1",
  ])
  func `what says no budget is an error with its place`(text: String) {
    #expect(AlertBudget(text) == nil)
    let found = errors(readSite(goodSite + "\nalerts: { false alerts: '\(text)' }"))
    #expect(found.contains { $0.contains("does not say how many false alerts") })
  }

  @Test(arguments: [
    (12.0 / 52, "1 per machine and month"), (2, "2 per machine and week"),
    (7, "1 per machine and day"),
  ])
  func `a rate is told in the span in which it is round`(perWeek: Double, text: String) {
    // Seven a week are as round as one a day; the week comes first.
    let budget = AlertBudget(perMachineWeek: perWeek)
    #expect(budget.description == (perWeek == 7 ? "7 per machine and week" : text))
  }
}
