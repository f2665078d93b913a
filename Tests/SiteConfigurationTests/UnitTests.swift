import ConditionModel
import MonitoringPipeline
import SiteConfiguration
import StateDetection
import Testing

struct UnitTests {
  /// A written limit, the unit of the point, and the limit in that unit.
  @Test(arguments: [
    ("80 °C", "°C", 80), ("80°C", "°C", 80), ("80 Cel", "°C", 80), ("176 °F", "°C", 80),
    ("353.15 K", "°C", 80), ("-20 °C", "°F", -4), ("1.5 kW", "W", 1_500), ("750 W", "kW", 0.75),
    ("2 bar", "kPa", 200), ("14.5037737730209 psi", "bar", 1), ("0.5 in/s", "mm/s", 12.7),
    ("1 g", "m/s²", 9.80665), ("60 L/min", "m³/h", 3.6), ("3e1 Hz", "Hz", 30), ("0.9", "1", 0.9),
    ("90 %", "1", 0.9), ("1480 tr/min", "rpm", 1_480), ("3 h", "min", 180), ("+5 µm", "µm", 5),
  ])
  func `a limit is taken in the unit of its point`(
    limit: String,
    unit: String,
    value: Double
  ) throws {
    let rules = try site(limit, unit).get().pipeline.detection.channels
    #expect(rules[0].limits.map(\.alert) == [value])
  }

  @Test(arguments: [
    ("80 mm/s", "°C"), ("5 kW", "kVA"), ("5 rpm", "Hz"), ("0.9", "bar"), ("1 bar", "1"),
  ])
  func `a limit in a unit of something else is refused`(limit: String, unit: String) {
    #expect(errors(site(limit, unit)).count == 1)
  }

  @Test func `units are carried as UCUM codes`() throws {
    let units = ["°C", "µm", "m³/h", "kWh", "g", "rpm", "%", "Nm", "Ω"]
    let codes = try units.map { unit in
      try readSite(text(limit: nil, unit)).get().plant.channels[0].unit
    }
    #expect(codes == ["Cel", "um", "m3/h", "kW.h", "[g]", "{rpm}", "%", "N.m", "Ohm"])
  }

  private func site(_ limit: String, _ unit: String) -> Result<Site, ConfigurationProblems> {
    readSite(text(limit: limit, unit))
  }

  private func text(limit: String?, _ unit: String) -> String {
    """
    site: s
    gateway: g
    buses: { b: { host: localhost } }
    machines:
      m:
        kind: machine
        points:
          p:
            device: generic
            bus: b
            unit: 1
            points: { v: { address: 0, type: f32, unit: "\(unit)", quantity: other } }
    """ + (limit.map { "\n    limits: { p/v: { alert above: \($0) } }" } ?? "")
  }
}
