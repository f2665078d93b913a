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
    abstract: "One reading of each point, in its unit, with the raw words; and of each block.",
    discussion: """
      Example: vigie read --config site.yaml pompe-3

      A block of samples is shown as the values that are made of it and the patterns in it.

      Exit code 0 when every point was read well, 1 when not.
      """
  )

  @OptionGroup var siteOptions: SiteOptions
  @Argument(help: "Only this machine.")
  var machine: String?
  @Flag(help: "One JSON object per point or block and line.")
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
    var blocks = BlockReader(site)
    for bus in site.buses {
      let connection = LibmodbusConnection(bus)
      for device in bus.devices
      where machine == nil || site.plant[device.asset].name == machine {
        if !json { print("\(device.name)  (\(bus.name), unit \(device.unit), \(device.profile))") }
        let reader = DeviceReader(device: device, line: bus.line, connection: connection)
        let readings = await reader.readings()
        blocks.take(readings, of: device)
        for reading in readings {
          if reading.quality != .good { allGood = false }
          print(json ? jsonText(PointLine(reading, of: device)) : text(of: reading, site.language))
        }
      }
      // Last, for a block needs the speed that another device may tell.
      for device in bus.devices
      where machine == nil || site.plant[device.asset].name == machine {
        for poll in device.waveforms {
          let reading = await blocks.reading(poll, of: device, over: connection)
          if reading.quality != .good { allGood = false }
          let words = BlockWords(reading, of: device, site)
          print(json ? jsonText(words.line) : words.text)
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
    let quality = reading.quality.sentence
    let words = reading.words.map { word in
      let digits = String(word, radix: 16, uppercase: true)
      return String(repeating: "0", count: 4 - digits.count) + digits
    }
    let head = [
      reading.point.name.padded(to: 26), value.padded(to: 16), quality.padded(to: 10),
      words.joined(separator: " ").padded(to: 20),
    ]
    let time = reading.roundTrip.map { "\($0.tenthsOfMilliseconds) ms" }
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
    roundTripMs = reading.roundTrip.map(\.tenthsOfMilliseconds)
    error = reading.error?.description
  }
}

/// What `vigie read` says about one block.
private struct BlockWords {
  /// What it prints with `--json`.
  struct Line: Encodable {
    var device: String
    var block: String
    var samples: Int
    var sampleRateHertz: Double
    var quality: String
    var reason: String?
    var transferMs: Double?
    /// The values made of it, by the names of their points.
    var values: [String: Double]?
    var shaftHertz: Double?
    /// The patterns that are sure in it; empty: no fault pattern.
    var patterns: [String]?
    var error: String?
  }

  let line: Line
  let text: String

  init(_ reading: BlockReader.Reading, of device: DeviceDefinition, _ site: Site) {
    let notation = Notation(site.language)
    let block = reading.block
    let shaft = reading.diagnosis.flatMap { $0.shaft.origin == .unknown ? nil : $0.shaft.hertz }
    let points = reading.frame.map { frame in
      frame.channels.indices.map { place in
        (site.plant[frame.channels[place]], frame.values[place], frame.qualities[place])
      }
    }
    line = Line(
      device: device.name,
      block: block.name,
      samples: block.sampleCount,
      sampleRateHertz: block.sampleRateHertz,
      quality: reading.quality.word,
      reason: reading.quality.reason,
      transferMs: reading.transfer?.tenthsOfMilliseconds,
      values: points?.reduce(into: [:]) { values, point in
        if point.2.isUsable { values[point.0.point] = point.1 }
      },
      shaftHertz: shaft,
      patterns: reading.diagnosis?.confident.map(\.fault.rawValue),
      error: reading.error?.description
    )
    var text = "\(device.name), \(block.name)  (\(block.sampleCount) × "
    text += "\(notation.quantity(block.sampleRateHertz, ucum: "Hz")))  \(reading.quality.sentence)"
    if let transfer = reading.transfer { text += "  \(transfer.tenthsOfMilliseconds) ms" }
    if let error = reading.error { text += "\n    \(error)" }
    for (channel, value, quality) in points ?? [] {
      let shown = quality.isUsable ? notation.quantity(value, ucum: channel.unit) : "–"
      text += "\n  \(channel.point.padded(to: 26)) \(shown.padded(to: 16)) \(quality.sentence)"
    }
    if let diagnosis = reading.diagnosis {
      let words = DiagnosisWords(site.language)
      for sentence in words.conclusions(diagnosis) { text += "\n  \(sentence)" }
      text += "\n  \(words.shaft(diagnosis))"
    }
    self.text = text
  }
}

extension Quality {
  fileprivate var sentence: String {
    [word, reason].compactMap { $0 }.joined(separator: ": ")
  }
}

extension Duration {
  fileprivate var tenthsOfMilliseconds: Double { (inSeconds * 10_000).rounded() / 10 }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
