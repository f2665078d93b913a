import AgentRuntime
import ArgumentParser
import ConditionModel
import DataAcquisition
import Glibc
import SiteConfiguration

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Shows every problem of a site file, or what will be asked of each bus.",
    discussion: """
      Example: vigie check --config site.yaml

      Exit code 0 when all is well, 1 when there are warnings, 3 when there are errors.
      """
  )

  @OptionGroup var siteOptions: SiteOptions
  @Flag(help: "One JSON object on standard output.")
  var json = false

  func run() async throws {
    let site: Site
    do throws(ConfigurationProblems) {
      site = try siteOptions.load()
    } catch {
      print(json ? jsonText(CheckReport(problems: error.problems, plans: [])) : "\(error)")
      throw Failure(.configuration)
    }
    let plans = site.buses.map(BusPlan.init)
    print(
      json ? jsonText(CheckReport(problems: site.remarks, plans: plans)) : text(of: site, plans)
    )
    // The gateway may not know a zone whose name is well made.
    _ = try site.localTime()
    if site.remarks.contains(where: { $0.severity == .warning }) { throw Failure(.findings) }
  }

  private func text(of site: Site, _ plans: [BusPlan]) -> String {
    var lines = site.remarks.map(\.description)
    if !lines.isEmpty { lines.append("") }
    let plant = site.plant
    lines.append(
      "\(plant.site)/\(plant.gateway): \(counted(plant.assets.count, "machine")), "
        + "\(counted(plant.channels.count, "value")), "
        + (site.buses.count == 1 ? "1 bus" : "\(site.buses.count) buses")
    )
    for (bus, plan) in zip(site.buses, plans) {
      lines += ["", "\(bus.name), \(bus.line.words), load \(percent(plan.load))"]
      for device in plan.devices {
        let bytes = device.requests.reduce(0) { $0 + $1.bytes }
        let time = device.requests.reduce(0.0) { $0 + $1.lineTime.inSeconds }
        lines.append(
          "  \(device.name), unit \(device.unit): \(counted(device.requests.count, "request")), "
            + "\(bytes) bytes, \(milliseconds(time)) every \(seconds(device.period))"
            + (device.expectedPeriod > device.period
              ? ", expect every \(seconds(device.expectedPeriod))" : "")
        )
        for request in device.requests {
          let block = request.block.request
          lines.append(
            "    \(block.table.rawValue) \(block.address)–\(Int(block.address) + block.count - 1): "
              + counted(request.block.points.count, "value")
          )
        }
        lines += device.waveforms.map(text(of:))
      }
    }
    for recording in site.recordings {
      lines.append(
        "\(plant[recording.asset].name): recording \(recording.file), "
          + counted(recording.columns.count, "column")
      )
    }
    return lines.joined(separator: "\n")
  }

  private func text(of waveform: WaveformPlan) -> String {
    let block = waveform.block
    return "    \(block.name): \(block.sampleCount) samples at \(Int(block.sampleRateHertz)) Hz in "
      + "\(counted(waveform.requestCount, "request")), \(waveform.bytes) bytes, "
      + "\(milliseconds(waveform.lineTime.inSeconds)) every \(seconds(waveform.period)), "
      + "between the polls within \(seconds(waveform.transferTime))"
      + (block.holdTime.map { " of \(seconds($0))" } ?? "")
  }
}

private func counted(_ count: Int, _ word: String) -> String {
  "\(count) \(word)\(count == 1 ? "" : "s")"
}

private func percent(_ share: Double) -> String {
  "\((share * 1000).rounded() / 10) %"
}

private func milliseconds(_ seconds: Double) -> String {
  "\((seconds * 10_000).rounded() / 10) ms"
}

private func seconds(_ duration: Duration) -> String {
  let seconds = (duration.inSeconds * 1000).rounded() / 1000
  return seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(seconds) s"
}

extension BusDefinition.Line {
  /// The line as people name it.
  var words: String {
    switch self {
    case .serial(let serial):
      "\(serial.port) at \(serial.baud) baud, parity \(serial.parity.rawValue)"
    case .tcp(let endpoint):
      "\(endpoint.host):\(endpoint.port)"
    }
  }
}

/// What `vigie check --json` prints.
private struct CheckReport: Encodable {
  var ok: Bool
  var problems: [ProblemLine]
  var buses: [Bus]

  struct ProblemLine: Encodable {
    var file: String
    var line: Int?
    var column: Int?
    var severity: String
    var message: String
    var mend: String
  }

  struct Bus: Encodable {
    var name: String
    var load: Double
    var devices: [Device]
  }

  struct Device: Encodable {
    var name: String
    var unit: UInt8
    var requests: Int
    var bytes: Int
    var periodS: Double
    var expectedPeriodS: Double
    var blocks: [Block]
  }

  struct Block: Encodable {
    var name: String
    var samples: Int
    var requests: Int
    var bytes: Int
    var lineTimeS: Double
    var transferTimeS: Double
    var periodS: Double
  }

  init(problems: [Problem], plans: [BusPlan]) {
    ok = !problems.contains { $0.severity == .error }
    self.problems = problems.map {
      ProblemLine(
        file: $0.file,
        line: $0.position?.line,
        column: $0.position?.column,
        severity: $0.severity.rawValue,
        message: $0.message,
        mend: $0.mend
      )
    }
    buses = plans.map { plan in
      Bus(
        name: plan.bus,
        load: plan.load,
        devices: plan.devices.map { device in
          Device(
            name: device.name,
            unit: device.unit,
            requests: device.requests.count,
            bytes: device.requests.reduce(0) { $0 + $1.bytes },
            periodS: device.period.inSeconds,
            expectedPeriodS: device.expectedPeriod.inSeconds,
            blocks: device.waveforms.map { waveform in
              Block(
                name: waveform.block.name,
                samples: waveform.block.sampleCount,
                requests: waveform.requestCount,
                bytes: waveform.bytes,
                lineTimeS: waveform.lineTime.inSeconds,
                transferTimeS: waveform.transferTime.inSeconds,
                periodS: waveform.period.inSeconds
              )
            }
          )
        }
      )
    }
  }
}
