import Foundation
import ProcessSupport
import SiteConfiguration
import Testing

/// The root of the repository.
let repository = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

func repositoryText(_ path: String) throws -> String {
  try String(contentsOf: repository.appending(path: path), encoding: .utf8)
}

/// A small site that is in order; tests change one part of it.
let goodSite = """
  site: workshop
  gateway: gw-01
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
        drive end: { device: acme/vibration, bus: line-1, unit: 5, every: 1 s }
        supply: { device: acme/meter, bus: press, unit: 9, every: 5 s }
      running: { point: supply/active power, above: 0.5 kW }
      limits:
        drive end/temperature: { alert above: 80 °C, alarm above: 90 °C }
  """

let goodProfile = """
  schema: 1
  maker: Acme
  model: V1
  revision: 1
  status: vendor document
  sources: [ { title: Manual, confidence: A } ]
  requests: { registers: 20 }
  timing: { response: 200 ms, period: 100 ms }
  points:
    velocity rms z: { address: 0, scale: 0.001, unit: mm/s, quantity: velocity rms, axis: z }
    velocity rms x: { address: 1, scale: 0.001, unit: mm/s, quantity: velocity rms, axis: x }
    temperature: { address: 2, type: s16, scale: 0.01, unit: °C, quantity: temperature }
    serial number: { address: 10, type: text, registers: 4, quantity: other, role: identity }
    hours: { address: 14, type: u32, unit: h, quantity: duration, role: counter }
  """

let meterProfile = """
  schema: 1
  maker: Acme
  model: M1
  revision: 1
  status: vendor document
  sources: [ { title: Manual, confidence: A } ]
  defaults: { table: input, type: f32 }
  points:
    active power: { address: 52, unit: W, quantity: active power }
    pressure: { address: 60, unit: bar, quantity: pressure }
  """

let library = ProfileLibrary(texts: ["acme/vibration": goodProfile, "acme/meter": meterProfile])

/// What reading a site file gives: the site, or all problems.
func readSite(
  _ text: String,
  profiles: ProfileLibrary = library,
  busLoad: SiteFile.BusLoad? = nil
) -> Result<Site, ConfigurationProblems> {
  Result { () throws(ConfigurationProblems) in
    try SiteFile.parse(text, file: "site.yaml", profiles: profiles, busLoad: busLoad)
  }
}

/// The errors of a wrong file, without warnings and notes, as people see them.
func errors<Success>(_ result: Result<Success, ConfigurationProblems>) -> [String] {
  switch result {
  case .success: []
  case .failure(let problems):
    problems.problems.filter { $0.severity == .error }.map(\.description)
  }
}

/// One change to a good file, and all that is said about it.
struct WrongFile: CustomTestStringConvertible, Sendable {
  var change: String
  var into: String
  var errors: [String]

  init(_ change: String, _ into: String, _ errors: String...) {
    self.change = change
    self.into = into
    self.errors = errors
  }

  func applied(to text: String) throws -> String {
    let place = try #require(text.range(of: change), "'\(change)' is not in the good file")
    return text.replacingCharacters(in: place, with: into)
  }

  var testDescription: String { "\(change) → \(into)" }
}

/// Runs a Python program with arguments and input; returns what it printed.
func python(_ program: String, _ arguments: [String] = [], input: Data) throws -> String {
  let process = Process()
  let interpreter = ProcessInfo.processInfo.environment["VIGIE_TEST_PYTHON"] ?? "python3"
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [interpreter, "-c", program] + arguments
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let inputFile = folder.appending(path: "input")
  try input.write(to: inputFile)
  process.standardInput = try FileHandle(forReadingFrom: inputFile)
  let output = try startingAlone {
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    return output
  }
  let data = try output.fileHandleForReading.readToEnd() ?? Data()
  while process.isRunning { usleep(1_000) }
  #expect(process.terminationStatus == 0, "the Python program failed")
  return String(decoding: data, as: UTF8.self)
}
