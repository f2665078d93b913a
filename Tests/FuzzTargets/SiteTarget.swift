import DataAcquisition
import MonitoringPipeline
import SiteConfiguration

extension FuzzTarget {
  /// Site files, and all that starts from one.
  static let site = FuzzTarget(
    name: "site",
    seeds: {
      [Array(smallSite.utf8)]
        + (try ["site", "atelier", "workshop"].map {
          try repositoryBytes("deploy/examples/\($0).yaml")
        })
    },
    words: siteWords,
    attempt: { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      let site: Site
      do throws(ConfigurationProblems) {
        site = try SiteFile.parse(
          text,
          file: "/nowhere/site.yaml",
          profiles: profileLibrary,
          busLoad: { BusPlan($0).load }
        )
      } catch {
        try examine(error)
        return
      }
      let pipeline = try Pipeline(site.pipeline)
      try expect(pipeline.openAdvisories.isEmpty, "a new core has alerts")
      for bus in site.buses { _ = BusPlan(bus) }
    }
  )

  private static let siteWords = [
    "site: ", "buses:", "machines:", "points:", "limits:", "running: ", "{ ", " }", "[", "]", ": ",
    "alert above: ", "alarm below: ", "on delay: ", "every: ", "1 ms", "1e9 h", "0 s", "power: ",
    "speed: ", "rpm", "kW", "°C", "bearing: ", "only: ", "mqtt:", "store:", "size: ", "keep: ",
    "blocks:", "alerts:", "stops: ", "false alerts: ", "sparkplug:", "remaining life:", "&a ", "*a",
    "<<: ", "~", "\n  ", "\t", "recording: ", "columns:", "time zone: ", "port: ", "-1", "1e308",
  ]

  static let profileLibrary: ProfileLibrary = {
    let texts = (try? profileTexts()) ?? []
    return ProfileLibrary(texts: Dictionary(texts.map { ($0.id, $0.text) }) { first, _ in first })
  }()

  /// A machine with a sensor that sends values, one that sends blocks, and its motor's meter.
  static let smallSite = """
    site: workshop
    gateway: gw-01
    language: fr
    buses:
      line-1: { port: /dev/ttyUSB0, baud: 19200, parity: none }
      press: { host: 192.168.10.21 }
    machines:
      pump-3:
        kind: centrifugal pump
        power: 11 kW
        mounting: rigid
        speed: 1480 rpm
        points:
          drive end: { device: banner/qm30vt2, bus: line-1, unit: 5, every: 1 s }
          supply: { device: carlo-gavazzi/em340, bus: press, unit: 9, every: 5 s }
          fan end:
            device: vigie/vibration-block
            bus: press
            unit: 5
            every: 1 s
            block every: 60 s
            bearing: 6309
            speed channel: fan end/shaft speed
        running: { point: supply/active power, above: 0.5 kW }
        limits:
          drive end/temperature: { alert above: 80 °C, alarm above: 90 °C, on delay: 5 s }
    """
}
