import AdvisoryGeneration
import AgentRuntime
import ArgumentParser
import ConditionModel
import DataAcquisition
import ModbusTransport
import SiteConfiguration

struct ReadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: "One reading of each point, in its unit, with the raw words.",
    discussion: """
      Example: vigie read --config site.yaml pompe-3

      Exit code 0 when every point was read well, 1 when not.
      """
  )

  @OptionGroup var siteOptions: SiteOptions
  @Argument(help: "Only this machine.")
  var machine: String?
  @Flag(help: "One JSON object per point and line.")
  var json = false

  func run() async throws {
    let site = try siteOptions.liveSite()
    let machines = site.plant.assets.map(\.name)
    if let machine, !machines.contains(machine) {
      throw Failure(
        .usage,
        "there is no machine '\(machine)'; the site has \(machines.joined(separator: ", "))"
      )
    }
    var allGood = true
    for bus in site.buses {
      let connection = LibmodbusConnection(bus)
      for device in bus.devices
      where machine == nil || site.plant[device.asset].name == machine {
        if !json { print("\(device.name)  (\(bus.name), unit \(device.unit), \(device.profile))") }
        let reader = DeviceReader(device: device, line: bus.line, connection: connection)
        for reading in await reader.readings() {
          if reading.quality != .good { allGood = false }
          print(json ? jsonText(PointLine(reading, of: device)) : text(of: reading, site.language))
        }
      }
      await connection.close()
    }
    if !allGood { throw Failure(.findings) }
  }

  private func text(of reading: PointReading, _ language: Language) -> String {
    let notation = Notation(language)
    let value =
      reading.quality.isUsable
      ? notation.quantity(reading.value, ucum: reading.point.unit) : "–"
    let quality = [reading.quality.word, reading.quality.reason].compactMap { $0 }
      .joined(separator: ": ")
    let words = reading.words.map { word in
      let digits = String(word, radix: 16, uppercase: true)
      return String(repeating: "0", count: 4 - digits.count) + digits
    }
    let head = [
      reading.point.name.padded(to: 26), value.padded(to: 16), quality.padded(to: 10),
      words.joined(separator: " ").padded(to: 20),
    ]
    let time = reading.roundTrip.map {
      "\(($0.inSeconds * 10_000).rounded() / 10) ms"
    }
    return "  " + head.joined(separator: " ") + " " + (time ?? "")
      + (reading.error.map { "\n    \($0)" } ?? "")
  }
}

/// What reading one point gave.
struct PointReading {
  var point: PointDefinition
  var value: Double
  var quality: Quality
  /// As the device sent them; empty when it did not.
  var words: [UInt16]
  var roundTrip: Duration?
  /// A sentence, on the first point of a request that failed.
  var error: ModbusError?
}

/// Reads each point of a device once, in as few requests as the agent would use.
struct DeviceReader {
  let device: DeviceDefinition
  let line: BusDefinition.Line
  let connection: LibmodbusConnection

  func readings() async -> [PointReading] {
    var readings: [PointReading] = []
    let plan = PollPlanner(line: LineRate(line)).plan(device)
    for block in plan.blocks {
      let found = await read(block)
      // One address that the device does not have must not hide the others.
      if case .refused(_, exception: 2)? = found.first?.error, block.points.count > 1 {
        for point in block.points {
          readings += await read(PollPlanner.block(device, points: [point]))
        }
      } else {
        readings += found
      }
    }
    return readings
  }

  private func read(_ block: PollBlock) async -> [PointReading] {
    let clock = ContinuousClock()
    let start = clock.now
    let points = block.points.map { device.points[$0] }
    do throws(ModbusError) {
      let registers = try await connection.read(block.request)
      let roundTrip = clock.now - start
      return points.map { point in
        let reading = RegisterDecoder.decode(point, in: registers, from: block.request.address)
        let first = Int(point.address) - Int(block.request.address)
        return PointReading(
          point: point,
          value: reading.value,
          quality: reading.quality,
          words: Array(registers[first..<first + point.width]),
          roundTrip: roundTrip
        )
      }
    } catch {
      return points.enumerated().map { place, point in
        PointReading(
          point: point,
          value: 0,
          quality: .bad(error.fault),
          words: [],
          error: place == 0 ? error : nil
        )
      }
    }
  }
}

/// What `vigie read --json` prints for each point.
private struct PointLine: Encodable {
  var device: String
  var point: String
  var value: Double?
  var unit: String
  var quality: String
  var reason: String?
  var words: [UInt16]
  var roundTripMs: Double?
  var error: String?

  init(_ reading: PointReading, of device: DeviceDefinition) {
    self.device = device.name
    point = reading.point.name
    value = reading.quality.isUsable ? reading.value : nil
    unit = reading.point.unit
    quality = reading.quality.word
    reason = reading.quality.reason
    words = reading.words
    roundTripMs = reading.roundTrip.map { ($0.inSeconds * 10_000).rounded() / 10 }
    error = reading.error?.description
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
