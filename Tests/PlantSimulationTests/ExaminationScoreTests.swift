import ConditionModel
import PlantSimulation
import Testing

struct ExaminationScoreTests {
  private static let day: Int64 = 86_400

  private func moment(_ day: Double) -> Timestamp {
    Timestamp(seconds: Int64(day * 86_400))
  }

  /// A machine of four weeks with one failure on days 14 to 22 and one stuck sensor on days 10 to 12.
  private func machine() -> ExaminationRecord {
    let truth = ExaminationTruth(
      machineFaults: [
        .init(
          mode: "wear",
          onset: moment(14),
          end: moment(22),
          fails: true,
          channels: ["a", "b"],
          curve: "linear",
          isCausedByWork: false,
          clarity: 10
        )
      ],
      sensorFaults: [.init(channels: ["c"], kind: .stuck, start: moment(10), end: moment(12))],
      workOrders: [],
      repairs: [moment(22)..<moment(23)]
    )
    return ExaminationRecord(
      name: "p",
      kind: "pump",
      recorded: moment(0)..<moment(28),
      truth: truth
    )
  }

  private func notice(
    _ findingClass: ExaminationNotice.Class,
    _ channel: String,
    _ days: ClosedRange<Double>,
    notifies: Bool = true
  ) -> ExaminationNotice {
    ExaminationNotice(
      machine: "p",
      start: moment(days.lowerBound),
      end: moment(days.upperBound),
      findingClass: findingClass,
      notifies: notifies,
      channel: channel
    )
  }

  private func score(_ notices: [ExaminationNotice]) -> ExaminationScore {
    var score = ExaminationScore()
    score.add(machine(), notices: notices)
    return score
  }

  @Test func `silence finds nothing and raises nothing`() {
    let score = score([])
    #expect(score.falseCount == 0 && score.foundShare == 0 && score.unwarnedFailureCount == 1)
    // 28 days less 2, 8 and 1.
    #expect(abs(score.normalWeeks - 17.0 / 7) < 1e-9)
    // Nothing in T weeks shows a rate below 3.69 / T.
    #expect(abs(score.falseRateBound * score.normalWeeks - 3.689) < 0.001)
  }

  @Test func `a right channel before half of the way counts with its lead`() {
    let score = score([notice(.machine, "b", 16...30)])
    #expect(score.foundShare == 1 && score.foundEarlyShare == 1 && score.medianLead == 0.75)
    #expect(score.firstRightShare == 1 && score.noticesPerFound == 1)
    // It stands until the end: days 23 to 28 are normal again.
    #expect(abs(score.alarmedShare - 5.0 / 17) < 1e-9)
  }

  @Test func `a wrong channel first, the right one late`() {
    let score = score([notice(.machine, "c", 15...16), notice(.limit, "a", 20...21)])
    #expect(score.foundShare == 1 && score.foundEarlyShare == 0 && score.firstRightShare == 0)
    #expect(score.noticesPerFound == 2 && score.unwarnedFailureCount == 0)
  }

  @Test func `an alarm that was standing before the fault began finds nothing`() {
    let score = score([notice(.machine, "a", 13...23)])
    #expect(score.foundShare == 0 && score.falseCount == 1)
  }

  @Test func `what notifies nobody is neither found nor false`() {
    let score = score([
      notice(.machine, "a", 15...16, notifies: false),
      notice(.machine, "a", 3...4, notifies: false),
    ])
    #expect(score.foundShare == 0 && score.falseCount == 0)
  }

  @Test func `a sensor fault named, and one taken for the machine`() {
    #expect(score([notice(.sensor, "c", 10.5...12)]).sensorNamedShare == 1)
    let called = score([notice(.machine, "a", 11...12), notice(.sensor, "a", 10.5...12)])
    #expect(called.sensorNamedShare == 0 && called.sensorCalledMachineShare == 1)
    #expect(score([notice(.sensor, "a", 18...19)]).machineCalledSensorShare == 1)
  }

  @Test func `remaining life: all rows of a perfect estimate, of a constant and of none`() {
    let machine = machine()
    func estimates(_ quantiles: (Double) -> LifeEstimate.Quantiles?) -> LifeScore {
      var score = LifeScore()
      let list = (0..<112).map { step in
        let day = Double(step) / 4
        return LifeEstimate(machine: "p", timestamp: moment(day), quantiles: quantiles(day))
      }
      score.add(machine, estimates: list)
      return score
    }
    let perfect = estimates { day in
      let left = (22 - day) * 24
      return (14..<22).contains(day) ? .init(p10: left - 6, p50: left - 2.5, p90: left) : nil
    }
    #expect(perfect.coverage == 1 && perfect.withoutEstimate == 0 && perfect.claimedShare == 0)
    #expect(perfect.relativeError < 0.1)
    #expect(abs(perfect.intervalScore - 6.0 / 192) < 1e-9)
    let constant = estimates { _ in .init(p10: 0, p50: 100, p90: 1_000) }
    #expect(constant.coverage == 1 && constant.claimedShare > 0.99)
    #expect(abs(constant.intervalScore - 1_000.0 / 192) < 1e-9)
    let none = estimates { _ in nil }
    #expect(none.withoutEstimate == 1 && none.coverages.isEmpty)
    #expect(constant.relativeError == none.constantError)
  }
}
