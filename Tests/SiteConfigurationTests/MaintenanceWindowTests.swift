import ConditionModel
import SiteConfiguration
import Testing

struct MaintenanceWindowTests {
  @Test(arguments: [
    ("saturday 6 h", 5, 6), ("Samedi 6:00", 5, 6), ("monday 22h", 0, 22), ("dimanche 0 h", 6, 0),
  ])
  func `a stop is a weekday and an hour in either language`(_ text: String, _ day: Int, _ hour: Int)
  {
    #expect(
      MaintenanceWindow(parsing: text) == MaintenanceWindow(weekday: day, hour: hour)
    )
  }

  @Test(arguments: ["", "saturday", "6 h", "saturday 24 h", "someday 6 h", "saturday 6 h 30"])
  func `anything else is refused`(_ text: String) {
    #expect(MaintenanceWindow(parsing: text) == nil)
  }
}
