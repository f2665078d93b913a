import ConditionModel
import DataAcquisition
import Foundation
import HistoryStore
import ProcessSupport
import SiteConfiguration

// What `vigie-bench agent` measures. Counts are those of the plant and of a subscriber of another
// make; what the agent says about itself is not used.

func oneGateway() -> BenchSite.Line { .gateway(port: freePort()) }

func tenAddresses() -> BenchSite.Line {
  var ports: Set<UInt16> = []
  while ports.count < 10 { ports.insert(freePort()) }
  return .endpoints(ports: ports.sorted())
}

func serial(in folder: String, baud: Int = 19_200) -> BenchSite.Line {
  .serial(path: "\(folder)/serial", baud: baud)
}

/// The time until the figures of a fresh agent are those of every later hour.
private let warmUpSeconds = 8.0

private func now() -> Double { Date().timeIntervalSince1970 }

private func pause(_ seconds: Double) { Thread.sleep(forTimeInterval: seconds) }

private func percent(_ part: Double, of whole: Double) -> Double { 100 * part / whole }

// MARK: - Memory, processor and disk

/// Ten devices with fifty registers each, and what they may cost.
struct Load {
  var name: String
  var period: String
  var formats = "json"
  var valuesPerSecond: Double
  var residentMegabytes: (budget: Double, aim: Double)
  var privateMegabytes: (budget: Double, aim: Double)

  static let usual = Load(
    name: "500 values/s",
    period: "1 s",
    valuesPerSecond: 500,
    residentMegabytes: (32, 16),
    privateMegabytes: (12, 6)
  )
  static let usualTwice = Load(
    name: "500 values/s in JSON and Sparkplug",
    period: "1 s",
    formats: "json, sparkplug",
    valuesPerSecond: 500,
    residentMegabytes: (32, 16),
    privateMegabytes: (12, 6)
  )
  static let heavy = Load(
    name: "5,000 values/s",
    period: "100 ms",
    valuesPerSecond: 5_000,
    residentMegabytes: (40, 20),
    privateMegabytes: (16, 8)
  )
}

func loadFigures(_ load: Load, line: BenchSite.Line, seconds: Double) throws -> [Figure] {
  let processes = try AgentProcesses(
    period: load.period,
    line: { _ in line },
    formats: load.formats
  )
  try processes.start()
  pause(warmUpSeconds)
  let begin = (moment: now(), figures: try processes.figures())
  var mostPrivate = begin.figures.privateMegabytes
  while now() - begin.moment < seconds {
    pause(0.25)
    mostPrivate = max(mostPrivate, try processes.figures().privateMegabytes)
  }
  let end = (moment: now(), figures: try processes.figures())
  let result = try processes.finish()

  let length = end.moment - begin.moment
  let measured = Double(result.telemetry.goodCount(in: begin.moment..<end.moment))
  let processor = end.figures.processorSeconds - begin.figures.processorSeconds
  let written = end.figures.writtenBytes - begin.figures.writtenBytes
  let requestRate = load.valuesPerSecond / Double(BenchSite.pointCount)
  let period = 10 / requestRate
  let name: String
  if case .endpoints = line {
    name = "\(load.name), ten addresses"
  } else {
    name = "\(load.name), one gateway"
  }
  return [
    Figure(
      name: "\(name): resident memory",
      value: end.figures.residentMegabytes,
      unit: "MB",
      budget: .atMost(load.residentMegabytes.budget),
      aim: load.residentMegabytes.aim
    ),
    Figure(
      name: "\(name): resident memory at its peak",
      value: end.figures.peakResidentMegabytes,
      unit: "MB",
      budget: .atMost(load.residentMegabytes.budget)
    ),
    Figure(
      name: "\(name): private memory",
      value: end.figures.privateMegabytes,
      unit: "MB",
      budget: .atMost(load.privateMegabytes.budget),
      aim: load.privateMegabytes.aim
    ),
    Figure(
      name: "\(name): private memory at its peak",
      value: mostPrivate,
      unit: "MB",
      budget: .atMost(load.privateMegabytes.budget)
    ),
    Figure(
      name: "\(name): processor per 1,000 values",
      value: processor / measured * 1_000,
      unit: "s",
      budget: .atMost(0.010),
      aim: 0.005,
      isBinding: false
    ),
    Figure(
      name: "\(name): requests",
      value: Double(result.requests) / (result.telemetry.span(of: "machine-1") + period),
      unit: "/s",
      budget: .within(0.98 * requestRate...1.02 * requestRate)
    ),
    Figure(
      name: "\(name): values received",
      value: percent(measured, of: load.valuesPerSecond * length),
      unit: "%",
      budget: .atLeast(98)
    ),
    Figure(
      name: "\(name): values answered and never received",
      value: Double(result.answers * BenchSite.pointCount - result.telemetry.goodCount),
      unit: "",
      budget: .atMost(0)
    ),
    Figure(
      name: "\(name): written to disk",
      value: written / length * 86_400 / 1e6,
      unit: "MB/day"
    ),
    Figure(name: "\(name): threads", value: Double(end.figures.threadCount), unit: ""),
  ]
}

// MARK: - Troubles on a bus

func silentUnitFigures(
  _ name: String,
  _ line: (_ folder: String) -> BenchSite.Line,
  seconds: Double
) throws -> [Figure] {
  let processes = try AgentProcesses(period: "1 s", line: line)
  let silentFrom = now() + warmUpSeconds
  try processes.start(
    scenarios: ["machine-4: silent unit from \(Int(warmUpSeconds)) s"],
    isPaced: true
  )
  let window = silentFrom..<silentFrom + seconds
  pause(window.upperBound + 1 - now())
  let telemetry = try processes.finish().telemetry
  let good = telemetry.goodCount(in: window) { $0 != "machine-4" }
  let silent = telemetry.goodCount(in: silentFrom + 2..<window.upperBound) { $0 == "machine-4" }
  return [
    Figure(
      name: "\(name): rate that the nine others keep",
      value: percent(Double(good), of: 9 * Double(BenchSite.pointCount) * seconds),
      unit: "%",
      budget: .atLeast(95)
    ),
    Figure(
      name: "\(name): good values of the silent one",
      value: Double(silent),
      unit: "",
      budget: .atMost(0)
    ),
  ]
}

func unreadableAddressFigures(seconds: Double) throws -> [Figure] {
  let processes = try AgentProcesses(period: "1 s", line: { _ in oneGateway() })
  let from = now() + warmUpSeconds
  try processes.start(
    scenarios: ["machine-4/side/t23: unreadable address from \(Int(warmUpSeconds)) s"]
  )
  let window = from..<from + seconds
  pause(window.upperBound + 1 - now())
  let telemetry = try processes.finish().telemetry
  let others = Double(BenchSite.pointCount - 1)
  let good = Double(telemetry.goodCount(in: window) { $0 == "machine-4" })
  let all = Double(telemetry.goodCount(in: window))
  return [
    Figure(
      name: "unreadable address: values kept of the other 49 in its block",
      value: percent(good, of: others * seconds),
      unit: "%",
      budget: .atLeast(98)
    ),
    Figure(
      name: "unreadable address: values kept of all",
      value: percent(all, of: Double(10 * BenchSite.pointCount) * seconds),
      unit: "%",
      budget: .atLeast(98)
    ),
  ]
}

func slowBridgeFigures(seconds: Double) throws -> [Figure] {
  let port = freePort()
  let bridge = try SlowBridge(to: port, delay: .milliseconds(20))
  // Ten answers of 20 ms: the bridge is busy for four fifths of the time.
  let processes = try AgentProcesses(
    period: "250 ms",
    line: { _ in .gateway(port: bridge.port) },
    plantLine: .gateway(port: port)
  )
  try processes.start()
  pause(warmUpSeconds)
  let window = now()..<now() + seconds
  pause(seconds + 1)
  let telemetry = try processes.finish().telemetry
  return [
    Figure(
      name: "bridge that answers in 20 ms: rate kept",
      value: percent(
        Double(telemetry.goodCount(in: window)),
        of: 4 * 10 * Double(BenchSite.pointCount) * seconds
      ),
      unit: "%",
      budget: .atLeast(99.5)
    )
  ]
}

func lineRateFigures(baud: Int, seconds: Double) throws -> [Figure] {
  var site = BenchSite(period: "1 h", line: .serial(path: "/dev/none", baud: baud))
  let bus = try site.parsed().buses[0]
  // Full to the last percent: above that, the site file is refused.
  let load = BusPlan(bus).load * 3_600
  site.period = "\(Int((load / 0.99 * 1_000).rounded(.up))) ms"
  let processes = try AgentProcesses(
    period: site.period,
    line: { serial(in: $0, baud: baud) }
  )
  try processes.start(isPaced: true)
  pause(warmUpSeconds)
  let window = now()..<now() + seconds
  pause(seconds + 1)
  let telemetry = try processes.finish().telemetry
  let perDevice = load / 10
  let reads = Double(telemetry.goodCount(in: window)) / Double(BenchSite.pointCount)
  return [
    Figure(
      name: "RTU at \(baud) baud: time in which the line is used as the formula says",
      value: percent(reads * perDevice, of: seconds),
      unit: "%",
      // Above 100 %, the silence between frames would not be kept.
      budget: .within(95...100)
    )
  ]
}

// MARK: - Outages

/// The broker goes for 15 seconds; meanwhile the agent is killed and started again.
func outageFigures() async throws -> [Figure] {
  let processes = try AgentProcesses(period: "1 s", line: { _ in oneGateway() })
  try processes.start()
  pause(warmUpSeconds)
  try processes.withoutBroker(for: 15) {
    pause(6)
    processes.killAgent()
    pause(2)
    try processes.startAgent()
  }
  pause(warmUpSeconds)
  let result = try processes.finish()

  let reader = try HistoryReader(path: processes.storePath)
  let frames = try await reader.frames(after: Timestamp(nanoseconds: 0), limit: .max)
  await reader.close()
  let stored = frames.reduce(0) { $0 + $1.qualities.count { $0 == .good } }
  let answered = result.answers * BenchSite.pointCount
  return [
    Figure(
      name: "broker away for 15 s, agent killed meanwhile: values stored and never received",
      value: Double(stored - result.telemetry.goodCount),
      unit: "",
      budget: .atMost(0)
    ),
    Figure(
      name: "broker away for 15 s, agent killed meanwhile: values answered, unstored at the kill",
      value: Double(answered - stored),
      unit: "",
      // A second and a request.
      budget: .atMost(550)
    ),
    Figure(
      name: "broker away for 15 s, agent killed meanwhile: messages received twice",
      value: Double(result.telemetry.repeatedCount),
      unit: ""
    ),
  ]
}
