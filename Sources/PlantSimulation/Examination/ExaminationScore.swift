package import ConditionModel
import Glibc

/// One notification about a machine, as a detector sent it.
package struct ExaminationNotice: Hashable, Sendable {
  package var machine: String
  package var start: Timestamp
  /// When it was taken back; the end of the recording where it never was.
  package var end: Timestamp
  package var findingClass: Class
  /// Whether somebody is told; `info` and `watch` notify nobody.
  package var notifies: Bool
  /// The point that it names first.
  package var channel: String

  package enum Class: String, Hashable, Sendable, CaseIterable {
    case machine, sensor, limit
  }

  package init(
    machine: String,
    start: Timestamp,
    end: Timestamp,
    findingClass: Class,
    notifies: Bool = true,
    channel: String
  ) {
    self.machine = machine
    self.start = start
    self.end = end
    self.findingClass = findingClass
    self.notifies = notifies
    self.channel = channel
  }
}

/// How notifications compare with what was really wrong, over any number of machines.
///
/// Where words leave room, the harder reading holds:
/// - A notification belongs to a fault when it *starts* between the fault's beginning and its end;
///   one that was standing already counts for nothing. Those of class `machine` and `limit` may find
///   machine faults, those of class `sensor` sensor faults.
/// - Normal is the time outside all faults of the machine and its sensors and outside repairs (until
///   a day after the machine runs again). A notification of whatever class that starts in normal
///   time is false. The rate is per machine-week *of normal time*, learning weeks included.
/// - A fault without failure ends with its repair or the recording; half of its way is half of that.
/// - Among faults of one machine that overlap, a notification may find each whose channels it names.
package struct ExaminationScore: Hashable, Sendable {
  /// Counts, to be added up over machines.
  package private(set) var machineCount = 0
  package private(set) var normalWeeks = 0.0
  package private(set) var falseCount = 0
  package private(set) var falseSensorCount = 0
  package private(set) var alarmedWeeks = 0.0
  package private(set) var faultCount = 0
  package private(set) var failureCount = 0
  package private(set) var foundCount = 0
  package private(set) var foundEarlyCount = 0
  /// Of found faults, which share of the way was left.
  package private(set) var leads: [Double] = []
  package private(set) var unwarnedFailureCount = 0
  package private(set) var firstNamedCount = 0
  package private(set) var firstRightCount = 0
  package private(set) var noticesInFound = 0
  package private(set) var sensorFaultCount = 0
  package private(set) var sensorNamedCount = 0
  package private(set) var sensorCalledMachineCount = 0
  package private(set) var machineCalledSensorCount = 0
  /// What became of each fault, for those who look for patterns.
  package private(set) var outcomes: [Outcome] = []

  package struct Outcome: Hashable, Sendable {
    package var machine: String
    package var kind: String
    /// The mode of wear, the kind of sensor fault, or `false`.
    package var subject: String
    package var detail: String
    package var result: String
    package var clarity: Double?
  }

  package init() {}

  package mutating func add(_ machine: ExaminationRecord, notices all: [ExaminationNotice]) {
    machineCount += 1
    let notices = all.filter { $0.notifies }.sorted { $0.start < $1.start }
    addNormalTime(of: machine, notices)
    for fault in machine.truth.machineFaults { add(fault, of: machine, notices) }
    for fault in machine.truth.sensorFaults { add(fault, of: machine, notices) }
  }

  private mutating func addNormalTime(
    of machine: ExaminationRecord,
    _ notices: [ExaminationNotice]
  ) {
    let normal = machine.truth.normalTime(in: machine.recorded)
    normalWeeks += normal.map { ($0.upperBound - $0.lowerBound).weeks }.reduce(0, +)
    for notice in notices where normal.contains(where: { $0.contains(notice.start) }) {
      falseCount += 1
      if notice.findingClass == .sensor { falseSensorCount += 1 }
      outcomes.append(
        Outcome(
          machine: machine.name,
          kind: machine.kind,
          subject: "false",
          detail: "\(notice.findingClass.rawValue) \(notice.channel) at \(notice.start)",
          result: machine.truth.remark(at: notice.start)
        )
      )
    }
    // The union of all notifications within normal time.
    for part in normal {
      var covered = part.lowerBound
      for notice in notices {
        let from = max(notice.start, covered)
        let until = min(notice.end, part.upperBound)
        guard until > from else { continue }
        alarmedWeeks += (until - from).weeks
        covered = until
      }
    }
  }

  private mutating func add(
    _ fault: ExaminationTruth.MachineFault,
    of machine: ExaminationRecord,
    _ notices: [ExaminationNotice]
  ) {
    faultCount += 1
    if fault.fails { failureCount += 1 }
    let span = fault.onset..<fault.end
    let inside = notices.filter { span.contains($0.start) }
    let about = inside.filter { $0.findingClass != .sensor }
    if let first = about.first {
      firstNamedCount += 1
      if fault.channels.contains(first.channel) { firstRightCount += 1 }
    }
    let right = about.first { fault.channels.contains($0.channel) }
    if fault.fails, about.isEmpty { unwarnedFailureCount += 1 }
    var result = "missed"
    if let right {
      foundCount += 1
      noticesInFound += about.count
      let lead = (fault.end - right.start) / (fault.end - fault.onset)
      leads.append(lead)
      if lead > 0.5 { foundEarlyCount += 1 }
      result = "found, lead \((lead * 100).rounded() / 100)"
    } else if !about.isEmpty {
      result = "wrong channel: \(about[0].channel)"
    } else if isTakenForSensor(fault, inside, machine) {
      machineCalledSensorCount += 1
      result = "called sensor"
    }
    outcomes.append(
      Outcome(
        machine: machine.name,
        kind: machine.kind,
        subject: fault.mode,
        detail: "\(fault.curve), \(fault.onset) to \(fault.end)\(fault.fails ? ", fails" : ""), "
          + fault.channels.joined(separator: "; "),
        result: result,
        clarity: fault.clarity
      )
    )
  }

  /// Whether a right channel of the fault was called broken while its sensor was well.
  private func isTakenForSensor(
    _ fault: ExaminationTruth.MachineFault,
    _ inside: [ExaminationNotice],
    _ machine: ExaminationRecord
  ) -> Bool {
    inside.contains { notice in
      notice.findingClass == .sensor
        && !machine.truth.sensorFaults.contains {
          $0.channels.contains(notice.channel) && ($0.start..<$0.end).contains(notice.start)
        }
    }
  }

  private mutating func add(
    _ fault: ExaminationTruth.SensorFault,
    of machine: ExaminationRecord,
    _ notices: [ExaminationNotice]
  ) {
    sensorFaultCount += 1
    let inside = notices.filter { (fault.start..<fault.end).contains($0.start) }
    let isNamed = inside.contains {
      $0.findingClass == .sensor && fault.channels.contains($0.channel)
    }
    if isNamed { sensorNamedCount += 1 }
    let called = inside.filter { notice in
      notice.findingClass != .sensor
        && !machine.truth.machineFaults.contains { ($0.onset..<$0.end).contains(notice.start) }
    }
    if !called.isEmpty { sensorCalledMachineCount += 1 }
    outcomes.append(
      Outcome(
        machine: machine.name,
        kind: machine.kind,
        subject: "sensor \(fault.kind.rawValue)",
        detail: "\(fault.start) to \(fault.end), " + fault.channels.joined(separator: "; "),
        result: (isNamed ? "named" : "not named")
          + (called.isEmpty ? "" : ", called machine: \(called[0].channel)")
      )
    )
  }

  /// The same for machines of several scores together.
  package mutating func add(_ other: ExaminationScore) {
    machineCount += other.machineCount
    normalWeeks += other.normalWeeks
    falseCount += other.falseCount
    falseSensorCount += other.falseSensorCount
    alarmedWeeks += other.alarmedWeeks
    faultCount += other.faultCount
    failureCount += other.failureCount
    foundCount += other.foundCount
    foundEarlyCount += other.foundEarlyCount
    leads += other.leads
    unwarnedFailureCount += other.unwarnedFailureCount
    firstNamedCount += other.firstNamedCount
    firstRightCount += other.firstRightCount
    noticesInFound += other.noticesInFound
    sensorFaultCount += other.sensorFaultCount
    sensorNamedCount += other.sensorNamedCount
    sensorCalledMachineCount += other.sensorCalledMachineCount
    machineCalledSensorCount += other.machineCalledSensorCount
    outcomes += other.outcomes
  }
}

// MARK: - Figures

extension ExaminationScore {
  package var falseRate: Double { Double(falseCount) / normalWeeks }
  /// The upper end of the two-sided 95 % interval of the rate.
  package var falseRateBound: Double { poissonUpperBound(count: falseCount) / normalWeeks }
  package var foundShare: Double { share(foundCount, of: faultCount) }
  package var foundEarlyShare: Double { share(foundEarlyCount, of: faultCount) }
  package var medianLead: Double {
    leads.isEmpty ? 0 : leads.sorted()[leads.count / 2]
  }
  package var firstRightShare: Double { share(firstRightCount, of: firstNamedCount) }
  package var sensorNamedShare: Double { share(sensorNamedCount, of: sensorFaultCount) }
  package var sensorCalledMachineShare: Double {
    share(sensorCalledMachineCount, of: sensorFaultCount)
  }
  package var machineCalledSensorShare: Double { share(machineCalledSensorCount, of: faultCount) }
  package var noticesPerFound: Double { share(noticesInFound, of: foundCount) }
  package var alarmedShare: Double { alarmedWeeks / normalWeeks }

  private func share(_ part: Int, of whole: Int) -> Double {
    whole == 0 ? 0 : Double(part) / Double(whole)
  }
}

extension ExaminationTruth {
  /// The time in which nothing is wrong and nothing is being repaired.
  package func normalTime(in whole: Range<Timestamp>) -> [Range<Timestamp>] {
    let wrong =
      (machineFaults.map { $0.onset..<$0.end } + sensorFaults.map { $0.start..<$0.end } + repairs)
      .sorted { $0.lowerBound < $1.lowerBound }
    var normal: [Range<Timestamp>] = []
    var from = whole.lowerBound
    for part in wrong {
      if part.lowerBound > from { normal.append(from..<part.lowerBound) }
      from = max(from, part.upperBound)
    }
    if from < whole.upperBound { normal.append(from..<whole.upperBound) }
    return normal
  }

  /// What happened shortly before a moment in normal time.
  func remark(at moment: Timestamp) -> String {
    var remarks: [String] = []
    for order in workOrders
    where order.timestamp <= moment && moment - order.timestamp < .seconds(3 * 86_400) {
      remarks.append("after: \(order.text)")
    }
    for fault in machineFaults
    where fault.end <= moment && moment - fault.end < .seconds(7 * 86_400) {
      remarks.append("after \(fault.mode)")
    }
    for fault in sensorFaults where fault.end <= moment && moment - fault.end < .seconds(7 * 86_400)
    {
      remarks.append("after sensor \(fault.kind.rawValue)")
    }
    return remarks.joined(separator: ", ")
  }
}

extension Duration {
  fileprivate var weeks: Double { inSeconds / 604_800 }

  fileprivate static func / (part: Duration, whole: Duration) -> Double {
    part.inSeconds / whole.inSeconds
  }
}

/// The mean of a Poisson count at which so few come with a probability of 2.5 %.
private func poissonUpperBound(count: Int) -> Double {
  var low = Double(count)
  var high = 2 * Double(count) + 20
  for _ in 0..<60 {
    let mean = (low + high) / 2
    var term = -mean
    var sum = exp(term)
    for index in 0..<count {
      term += log(mean / Double(index + 1))
      sum += exp(term)
    }
    if sum > 0.025 { low = mean } else { high = mean }
  }
  return (low + high) / 2
}
