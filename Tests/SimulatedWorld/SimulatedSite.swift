import ConditionModel
import MonitoringPipeline
import SiteConfiguration

/// The site files of a gateway's life: each a small change of the one before.
enum SimulatedSite {
  /// When machines may be stopped: Sundays at 6, on either side of a change to or from summer time.
  static let stop = MaintenanceWindow(weekday: 6, hour: 6)

  /// How many there are.
  static let count = 4

  /// The `number`-th site: 0 the first; 1 with another limit; 2 without a machine; 3 with one value
  /// more, read more often.
  static func site(_ number: Int) throws -> Site {
    let text = """
      site: works
      gateway: gw
      language: en
      buses:
        line: { port: /dev/ttyUSB0, baud: 19200, parity: none }
        hall: { host: 192.168.10.21 }
      machines:
        pump:
          kind: centrifugal pump
          points:
            body:
              device: generic
              bus: line
              unit: 1
              every: 600 s
              points:
                temperature: { address: 0, scale: 0.1, unit: °C, quantity: temperature }
                vibration: { address: 1, scale: 0.01, unit: mm/s, quantity: velocity rms }
                power: { address: 2, scale: 0.1, unit: kW, quantity: active power }
          running: { point: body/power, above: 5 kW }
          limits:
            body/temperature: { alert above: \(number == 1 ? 78 : 80) °C, alarm above: 90 °C }
            body/vibration: { alert above: 7 mm/s, alarm above: 11 mm/s }
        fan:
          kind: fan
          points:
            body:
              device: generic
              bus: line
              unit: 2
              every: \(number == 3 ? 480 : 1200) s
              points:
                temperature: { address: 0, scale: 0.1, unit: °C, quantity: temperature }
                power: { address: 2, scale: 0.1, unit: kW, quantity: active power }
      \(number == 3 ? "          pressure: { address: 12, scale: 0.01, unit: bar, quantity: pressure }" : "")
          limits:
            body/temperature: { alert above: 80 °C, alarm above: 90 °C }
      \(number == 2 ? "" : tank)
      alerts: { on delay: 1500 s, silent after: 2 h, stops: [sunday 6 h] }
      """
    let profiles = ProfileLibrary(texts: [:])
    var site = try SiteFile.parse(text, file: "site.yaml", profiles: profiles, busLoad: nil)
    // Time passes in steps of ten minutes, and not of a second as at a real gateway.
    site.pipeline.longestTick = .seconds(1_250)
    return site
  }

  private static let tank = """
      tank:
        kind: machine
        points:
          body:
            device: generic
            bus: hall
            unit: 3
            every: 1200 s
            points:
              temperature: { address: 0, scale: 0.1, unit: °C, quantity: temperature }
              pressure: { address: 12, scale: 0.01, unit: bar, quantity: pressure }
        limits:
          body/temperature: { alert above: 80 °C, alarm above: 90 °C }
    """
}
