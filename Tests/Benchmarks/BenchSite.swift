import DataAcquisition
import SiteConfiguration

/// A site of equal machines: each one device with fifty registers in a row, each with limits.
struct BenchSite {
  enum Line {
    /// One gateway that speaks for all devices.
    case gateway(port: UInt16)
    /// Each device with an address of its own.
    case endpoints(ports: [UInt16])
    case serial(path: String, baud: Int)
  }

  static let pointCount = 50

  var machineCount = 10
  var period: String
  var line: Line
  var brokerPort: UInt16?
  /// What is published, as in a site file.
  var formats = "json"

  /// The site file.
  var text: String {
    let broker = brokerPort.map {
      "\nmqtt: { broker: mqtt://127.0.0.1:\($0), formats: [\(formats)] }\n"
    }
    return """
      site: bench
      gateway: gw-01
      language: en
      time zone: UTC

      buses:
      \(buses)

      machines:
      \((1...machineCount).map(machine).joined(separator: "\n"))
      \(broker ?? "")
      """
  }

  func parsed() throws -> Site {
    try SiteFile.parse(text, file: "bench.yaml", profiles: ProfileLibrary(texts: [:]))
  }

  private var buses: String {
    switch line {
    case .gateway(let port): "  line-1: { host: 127.0.0.1, port: \(port) }"
    case .endpoints(let ports):
      ports.enumerated()
        .map { "  line-\($0 + 1): { host: 127.0.0.1, port: \($1) }" }
        .joined(separator: "\n")
    case .serial(let path, let baud): "  line-1: { port: \(path), baud: \(baud), parity: none }"
    }
  }

  private func machine(_ number: Int) -> String {
    let bus = if case .endpoints = line { number } else { 1 }
    let names = (0..<Self.pointCount).map { "t\($0)" }
    let points = names.enumerated().map { address, name in
      """
                \(name): { address: \(address), type: s16, scale: 0.1, unit: °C, quantity: temperature }
      """
    }
    let limits = names.map { "      side/\($0): { alert above: 400 °C, alarm above: 500 °C }" }
    return """
        machine-\(number):
          kind: machine
          points:
            side:
              device: generic
              bus: line-\(bus)
              unit: \(number)
              every: \(period)
              points:
      \(points.joined(separator: "\n"))
          limits:
      \(limits.joined(separator: "\n"))
      """
  }
}
