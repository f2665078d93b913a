import ConditionModel
import Glibc

/// Writes recordings of simulated machines as the files that `vigie replay --config` reads.
///
/// The folder then holds `site.yaml`, a recording `<machine>.csv` for each machine (`timestamp` in ISO
/// 8601 and one column per point), the work orders `events.csv` (`timestamp,machine,text`), and in
/// `truth/` what was really wrong, which no detector may read.
package struct ExaminationFiles {
  private let machines: [ExaminedMachine]
  private let rowsBetween: Int

  /// - Parameters:
  ///   - machines: What to write.
  ///   - every: The time between two rows; a multiple of 10 s.
  package init(_ machines: [ExaminedMachine], every: Duration = .seconds(10)) {
    let rows = Int((every.inSeconds / Double(PlantCalendar.secondsPerRow)).rounded())
    precondition(
      rows >= 1 && .seconds(rows * PlantCalendar.secondsPerRow) == every,
      "recordings are written at multiples of 10 s"
    )
    self.machines = machines
    rowsBetween = rows
  }

  /// Writes everything.
  ///
  /// - Parameters:
  ///   - folder: Where to; it is made if it is not there.
  ///   - progress: Told the name of each machine that is written.
  /// - Throws: `ExaminationFileError` for the first file that cannot be written.
  package func write(
    to folder: String,
    progress: (String) -> Void = { _ in }
  ) throws(ExaminationFileError) {
    for path in [folder, "\(folder)/truth"] where mkdir(path, 0o755) != 0 && errno != EEXIST {
      throw ExaminationFileError(path: path)
    }
    try write(siteText, to: "\(folder)/site.yaml")
    for machine in machines {
      progress(machine.name)
      try writeRecording(of: machine, to: "\(folder)/\(machine.name).csv")
    }
    try write(eventText { _ in true }, to: "\(folder)/events.csv")
    try write(eventText(where: \.isCause), to: "\(folder)/truth/causes.csv")
    try write(machineText, to: "\(folder)/truth/machines.csv")
    try write(faultText, to: "\(folder)/truth/faults.csv")
    try write(sensorText, to: "\(folder)/truth/sensors.csv")
    try write(repairText, to: "\(folder)/truth/repairs.csv")
  }

  /// The site file of the machines.
  package var siteText: String {
    var text = "site: examination\ngateway: simulation\nmachines:\n"
    for machine in machines {
      text += "  \(machine.name):\n    kind: \(machine.kind.machineKind.rawValue)\n"
      text += "    recording: \(machine.name).csv\n    points:\n"
      for channel in machine.channels {
        let digits = channel.decimals
        let range = channel.range
        text += "      \"\(channel.point)\": { column: \"\(channel.point)\", "
        text += "quantity: \(channel.quantity.rawValue), unit: \"\(channel.unit)\", "
        text += "range: [\(range.lowerBound.text(digits)), \(range.upperBound.text(digits))], "
        text += "resolution: \(channel.resolution.text(digits)) }\n"
      }
    }
    return text
  }

  private func writeRecording(
    of machine: ExaminedMachine,
    to path: String
  ) throws(ExaminationFileError) {
    var file = try TextFile(path)
    let digits = machine.channels.map(\.decimals)
    file.append("timestamp," + machine.channels.map(\.point).joined(separator: ",") + "\n")
    var run = machine.rows()
    var row = [Double](repeating: 0, count: machine.channels.count)
    while true {
      let isWritten = run.row.isMultiple(of: rowsBetween)
      let moment = run.timestamp
      guard run.next(&row) else { break }
      // A gateway that was down wrote nothing at all.
      guard isWritten, row.contains(where: { !$0.isNaN }) else { continue }
      file.append(moment.secondsText)
      for (value, digits) in zip(row, digits) {
        file.append(",")
        if !value.isNaN { file.append(value.text(digits)) }
      }
      file.append("\n")
      try file.flush(above: 60_000)
    }
    try file.close()
  }

  // MARK: - Truth

  private func eventText(where isMeant: (ExaminationTruth.WorkOrder) -> Bool) -> String {
    let orders = machines.flatMap { machine in
      machine.truth.workOrders.filter(isMeant).map { (machine.name, $0) }
    }
    .sorted { ($0.1.timestamp, $0.0) < ($1.1.timestamp, $1.0) }
    return "timestamp,machine,text\n"
      + orders.map { "\($1.timestamp.secondsText),\($0),\($1.text.asCell)\n" }.joined()
  }

  private var machineText: String {
    "machine,kind,start,end\n"
      + machines.map { machine in
        "\(machine.name),\(machine.kind.rawValue),\(machine.start.secondsText),"
          + "\(machine.end.secondsText)\n"
      }.joined()
  }

  private var faultText: String {
    rows("machine,onset,end,fails,mode,curve,caused by work,clarity,channels") { machine in
      machine.truth.machineFaults.map { fault in
        [
          fault.onset.secondsText, fault.end.secondsText, fault.fails ? "yes" : "no", fault.mode,
          fault.curve, fault.isCausedByWork ? "yes" : "no", fault.clarity.text(2),
          fault.channels.joined(separator: ";"),
        ]
      }
    }
  }

  private var sensorText: String {
    rows("machine,start,end,kind,channels") { machine in
      machine.truth.sensorFaults.map { fault in
        [
          fault.start.secondsText, fault.end.secondsText, fault.kind.rawValue,
          fault.channels.joined(separator: ";"),
        ]
      }
    }
  }

  private var repairText: String {
    rows("machine,start,end") { machine in
      machine.truth.repairs.map { [$0.lowerBound.secondsText, $0.upperBound.secondsText] }
    }
  }

  private func rows(_ header: String, _ cells: (ExaminedMachine) -> [[String]]) -> String {
    header + "\n"
      + machines.flatMap { machine in
        cells(machine).map { row in
          ([machine.name] + row).map(\.asCell).joined(separator: ",") + "\n"
        }
      }.joined()
  }

  private func write(_ text: String, to path: String) throws(ExaminationFileError) {
    var file = try TextFile(path)
    file.append(text)
    try file.close()
  }
}

/// A file that cannot be written, or read as what it should be.
package struct ExaminationFileError: Error, CustomStringConvertible {
  package var path: String
  package var problem: String

  package init(path: String, problem: String? = nil) {
    self.path = path
    self.problem = problem ?? String(cString: strerror(errno))
  }

  package var description: String { "\(path): \(problem)" }
}

/// Text on its way into a file.
private struct TextFile {
  private let path: String
  private let file: UnsafeMutablePointer<FILE>
  private var bytes: [UInt8] = []

  init(_ path: String) throws(ExaminationFileError) {
    guard let file = fopen(path, "wb") else { throw ExaminationFileError(path: path) }
    self.path = path
    self.file = file
  }

  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func flush(above count: Int = 0) throws(ExaminationFileError) {
    guard bytes.count > count else { return }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
      throw ExaminationFileError(path: path)
    }
    bytes.removeAll(keepingCapacity: true)
  }

  mutating func close() throws(ExaminationFileError) {
    try flush()
    guard fclose(file) == 0 else { throw ExaminationFileError(path: path) }
  }
}

extension ExaminationChannel {
  /// How many digits its values have behind the point.
  var decimals: Int {
    var digits = 0
    var step = resolution
    while digits < 6, abs(step - step.rounded()) > 1e-6 * step {
      step *= 10
      digits += 1
    }
    return digits
  }
}

extension Timestamp {
  /// ISO 8601 without fraction: `2026-01-05T00:00:00Z`.
  fileprivate var secondsText: String { String(description.dropLast(5)) + "Z" }
}

extension Double {
  /// With so many digits behind the point, for numbers below 10¹².
  func text(_ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = Int64((abs(self) * scale).rounded())
    let sign = self < 0 && whole != 0 ? "-" : ""
    guard digits > 0 else { return sign + String(whole) }
    let shown = String(whole)
    let padded = String(repeating: "0", count: max(0, digits + 1 - shown.count)) + shown
    return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
  }
}

extension String {
  fileprivate var asCell: String {
    contains(where: { "\",\n".contains($0) })
      ? "\"" + map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\"" : self
  }
}
