import ConditionModel
import DataAcquisition
import Glibc

// Reading what `ExaminationFiles` wrote, and what a detector said of it, so that it can be scored.

extension ExaminationRecord {
  /// The machines of a folder that `ExaminationFiles` wrote, from its `truth/`.
  ///
  /// - Throws: For a file that is not there or lacks a column or a moment.
  package static func records(in folder: String) throws(ExaminationFileError) -> [ExaminationRecord]
  {
    let truth = "\(folder)/truth"
    let machines = try Table(path: "\(truth)/machines.csv")
    let faults = try Table(path: "\(truth)/faults.csv")
    let sensors = try Table(path: "\(truth)/sensors.csv")
    let repairs = try Table(path: "\(truth)/repairs.csv")
    var records: [ExaminationRecord] = []
    for row in machines.rows {
      let name = try row("machine")
      var told = ExaminationTruth()
      for fault in faults.rows where try fault("machine") == name {
        told.machineFaults.append(
          .init(
            mode: try fault("mode"),
            onset: try fault.moment("onset"),
            end: try fault.moment("end"),
            fails: try fault("fails") == "yes",
            channels: try fault("channels").split(separator: ";").map(String.init),
            curve: try fault("curve"),
            isCausedByWork: try fault("caused by work") == "yes",
            clarity: Double(try fault("clarity")) ?? 0
          )
        )
      }
      for fault in sensors.rows where try fault("machine") == name {
        guard let kind = ExaminationTruth.SensorFault.Kind(rawValue: try fault("kind")) else {
          throw fault.error("'kind' is no kind of sensor fault")
        }
        told.sensorFaults.append(
          .init(
            channels: try fault("channels").split(separator: ";").map(String.init),
            kind: kind,
            start: try fault.moment("start"),
            end: try fault.moment("end")
          )
        )
      }
      for repair in repairs.rows where try repair("machine") == name {
        told.repairs.append(try repair.moment("start")..<repair.moment("end"))
      }
      records.append(
        ExaminationRecord(
          name: name,
          kind: try row("kind"),
          recorded: try row.moment("start")..<row.moment("end"),
          truth: told
        )
      )
    }
    return records
  }
}

extension ExaminationNotice {
  /// The rows of `vigie replay --alerts`: `machine,start,end,class,severity,channel`.
  ///
  /// An empty `end` is an alarm that nobody took back.
  package static func notices(at path: String) throws(ExaminationFileError) -> [ExaminationNotice] {
    let table = try Table(path: path)
    var notices: [ExaminationNotice] = []
    for row in table.rows {
      guard let findingClass = Class(rawValue: try row("class")) else {
        throw row.error("'class' is none of machine, sensor, limit")
      }
      let isOpen = try row("end").isEmpty
      let severity = try row("severity")
      notices.append(
        ExaminationNotice(
          machine: try row("machine"),
          start: try row.moment("start"),
          end: isOpen ? Timestamp(nanoseconds: .max) : try row.moment("end"),
          findingClass: findingClass,
          notifies: severity != "info" && severity != "watch",
          channel: try row("channel")
        )
      )
    }
    return notices
  }
}

extension LifeEstimate {
  /// The rows of `vigie replay --rul`: `machine,timestamp,p10,p50,p90` in hours, empty for none.
  package static func estimates(at path: String) throws(ExaminationFileError) -> [LifeEstimate] {
    let table = try Table(path: path)
    var estimates: [LifeEstimate] = []
    for row in table.rows {
      let texts = [try row("p10"), try row("p50"), try row("p90")]
      let hours = texts.compactMap { Double($0) }
      guard hours.count == 3 || texts.allSatisfy(\.isEmpty) else {
        throw row.error("'p10', 'p50' and 'p90' are three numbers or all empty")
      }
      estimates.append(
        LifeEstimate(
          machine: try row("machine"),
          timestamp: try row.moment("timestamp"),
          quantiles: hours.count == 3
            ? Quantiles(p10: hours[0], p50: hours[1], p90: hours[2]) : nil
        )
      )
    }
    return estimates
  }
}

/// A small table with a header, whole in memory.
private struct Table {
  struct Row {
    let path: String
    let line: Int
    let header: [String]
    let cells: [String]

    func callAsFunction(_ column: String) throws(ExaminationFileError) -> String {
      guard let place = header.firstIndex(of: column), place < cells.count else {
        throw error("there is no '\(column)'")
      }
      return cells[place]
    }

    func moment(_ column: String) throws(ExaminationFileError) -> Timestamp {
      var clock = RecordedClock()
      let text = try self(column)
      let bytes = Array(text.utf8)
      guard let moment = clock.moment(bytes.span) else {
        throw error("'\(text)' is no moment such as 2026-01-05T00:00:00Z")
      }
      return moment
    }

    func error(_ problem: String) -> ExaminationFileError {
      ExaminationFileError(path: path, problem: "line \(line): \(problem)")
    }
  }

  private(set) var rows: [Row] = []

  init(path: String) throws(ExaminationFileError) {
    guard let file = fopen(path, "rb") else { throw ExaminationFileError(path: path) }
    defer { fclose(file) }
    var text = DelimitedRows(separator: UInt8(ascii: ","))
    var header: [String]?
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    do throws(RecordingError) {
      while true {
        let count = fread(&chunk, 1, chunk.count, file)
        if count > 0 { text.append(chunk[..<count]) } else { text.end() }
        while try text.next() {
          let cells = (0..<text.fieldCount).map { text.text($0) }
          if let header {
            rows.append(Row(path: path, line: text.line, header: header, cells: cells))
          } else {
            header = cells
          }
        }
        if count == 0 { break }
      }
    } catch {
      throw ExaminationFileError(path: path, problem: "\(error)")
    }
    guard header != nil else { throw ExaminationFileError(path: path, problem: "it is empty") }
  }
}
