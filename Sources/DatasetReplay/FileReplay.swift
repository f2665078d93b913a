import ConditionModel
import LearnedDetection

/// Runs the detector that fits a file's sampling over its rows, and writes what it says of each.
struct FileReplay {
  let descriptor: DatasetDescriptor
  /// The file to read.
  let path: String
  /// The score file to write.
  let scorePath: String
  /// Whether to keep what a report draws.
  var drawsReport = false

  /// Replays the file.
  ///
  /// - Parameters:
  ///   - name: The file's name in scores and reports.
  ///   - group: The group that it belongs to.
  /// - Returns: Everything that the figures need.
  /// - Throws: If the file cannot be read, lacks a column, or the scores cannot be written.
  func run(
    name: String,
    group: DatasetDescriptor.Group
  ) throws(DatasetError) -> ReplayedFile {
    var file = ReplayedFile(name: name, group: group)
    let survey = try survey()
    file.learningRows = descriptor.learning.rows(of: survey.rowCount)
    var detector = try detector(survey: survey, learningRows: file.learningRows)
    var table = try DelimitedTable(path: path, separator: descriptor.separator)
    let columns = try Columns(of: table, descriptor: descriptor, hasLabels: group.hasFaults)
    var scores = try ScoreFile(path: scorePath, name: name)
    var values = [Double](repeating: .nan, count: columns.channels.count)
    var moment = Timestamp(seconds: 0)
    while try table.readRow() {
      if table.fieldCount < table.header.count { file.problems.shortRows += 1 }
      if let read = descriptor.timeFormat.moment(table[columns.time]) {
        if file.rowCount > 0, read <= moment { file.problems.disorderedTimes += 1 }
        moment = read
      } else {
        file.problems.unreadableTimes += 1
      }
      for (index, column) in columns.channels.enumerated() {
        let value = table.number(column)
        if value == nil { file.problems.missingValues += 1 }
        values[index] = value ?? .nan
      }
      let verdict = detector.judge(values.span, at: moment)
      try scores.append(time: table[columns.time], verdict)
      file.seconds.append(Double(moment.nanoseconds) / 1e9)
      file.scores.append(Double(verdict.scoreBillionths) / 1e9)
      file.alarms.append(verdict.isAlarm)
      file.notices.append(verdict.isNotice)
      file.channels.append(UInt16(verdict.channel))
      if drawsReport { file.draw(values, at: moment) }
      file.faults.append(columns.isFault(table))
      file.changes.append(columns.isChange(table))
    }
    try scores.finish()
    return file
  }

  private func detector(
    survey: (rowCount: Int, periodSeconds: Double),
    learningRows: Int
  ) throws(DatasetError) -> FileDetector {
    let detector = FileDetector(
      channelCount: descriptor.channels.count,
      periodSeconds: descriptor.periodSeconds ?? survey.periodSeconds,
      learningRows: learningRows
    )
    guard let detector else {
      throw DatasetError(
        path: path,
        problem: "\(learningRows) rows to learn from are too few;"
          + " at least \(LevelSettings.fewestLearningSamples) are needed"
      )
    }
    return detector
  }

  /// What must be known before the first row is judged: by protocol, the learning part may depend on
  /// the number of rows; the sampling period comes from the learning part alone.
  private func survey() throws(DatasetError) -> (rowCount: Int, periodSeconds: Double) {
    if case .rows(let rows) = descriptor.learning, descriptor.periodSeconds != nil {
      return (rows, 0)
    }
    var table = try DelimitedTable(path: path, separator: descriptor.separator)
    let columns = try Columns(of: table, descriptor: descriptor, hasLabels: false)
    var rowCount = 0
    var moments: [Timestamp] = []
    while try table.readRow() {
      rowCount += 1
      if rowCount <= Self.surveyedRows,
        let moment = descriptor.timeFormat.moment(table[columns.time])
      {
        moments.append(moment)
      }
    }
    let learned = moments.prefix(descriptor.learning.rows(of: rowCount))
    let steps = zip(learned.dropFirst(), learned).map { ($0 - $1).inSeconds }.sorted()
    guard !steps.isEmpty, steps[steps.count / 2] > 0 else {
      throw DatasetError(path: path, problem: "no sampling period can be read from its times")
    }
    return (rowCount, steps[steps.count / 2])
  }

  /// From more rows a sampling period does not become clearer.
  private static let surveyedRows = 1_000
}

extension ReplayedFile {
  fileprivate mutating func draw(_ values: [Double], at moment: Timestamp) {
    if traces.isEmpty {
      traces = Array(repeating: Trace(period: .seconds(1)), count: values.count)
      scoreTrace = Trace(period: .seconds(1))
    }
    // Rows that go back in time have scores, but no place on an axis.
    if let start = traces[0].start, moment < start { return }
    for (place, value) in values.enumerated() where value.isFinite {
      traces[place].add(value, at: moment)
    }
    scoreTrace?.add(scores[scores.count - 1], at: moment)
  }
}

/// Which columns of a table hold what.
private struct Columns {
  let time: Int
  let channels: [Int]
  let fault: Int?
  let change: Int?

  init(
    of table: borrowing DelimitedTable,
    descriptor: DatasetDescriptor,
    hasLabels: Bool
  ) throws(DatasetError) {
    let header = table.header
    let path = table.path
    func place(_ name: String) throws(DatasetError) -> Int {
      guard let place = header.firstIndex(of: name) else {
        throw DatasetError(
          path: path,
          line: 1,
          problem: "there is no column '\(name)'; the header has: \(header.joined(separator: ", "))"
        )
      }
      return place
    }
    time = try place(descriptor.timeColumn)
    var channels: [Int] = []
    for channel in descriptor.channels { channels.append(try place(channel.name)) }
    self.channels = channels
    if hasLabels, case .columns(let fault, let change, _) = descriptor.labels {
      self.fault = try place(fault)
      self.change = try place(change)
    } else {
      fault = nil
      change = nil
    }
  }

  func isFault(_ table: borrowing DelimitedTable) -> Bool {
    guard let fault else { return false }
    return table.number(fault) == 1
  }

  func isChange(_ table: borrowing DelimitedTable) -> Bool {
    guard let change else { return false }
    return table.number(change) == 1
  }
}
