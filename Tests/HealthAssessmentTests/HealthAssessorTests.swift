import ConditionModel
import HealthAssessment
import Testing

struct HealthAssessorTests {
  private let machine = AssetID(index: 0)
  private let start = Timestamp(seconds: 1_000)

  private static let quantities: [(Quantity, String)] = [
    (.velocityRMS, "drive end"), (.highFrequencyAccelerationRMS, "drive end"),
    (.temperature, "drive end"), (.velocityRMS, "non-drive end"), (.pressure, "discharge"),
    (.activePower, "motor supply"), (.differentialPressure, "filter"),
  ]

  private func plant(_ kind: MachineKind) -> Plant {
    Plant(
      site: "s",
      gateway: "g",
      assets: [Asset(id: machine, name: "m", kind: kind)],
      channels: Self.quantities.enumerated().map { index, channel in
        Channel(
          id: ChannelID(index: UInt16(index)),
          asset: machine,
          location: channel.1,
          point: channel.0.rawValue,
          unit: "1",
          quantity: channel.0,
          device: 0
        )
      }
    )
  }

  private func finding(
    _ channel: UInt16,
    _ side: Finding.Side = .above,
    _ state: ConditionState = .alert,
    since seconds: Int64 = 900
  ) -> Finding {
    Finding(
      channel: ChannelID(index: channel),
      kind: .limit(side, threshold: 1),
      state: state,
      since: Timestamp(seconds: seconds),
      observed: 2,
      extreme: 2
    )
  }

  private func report(
    _ finding: Finding,
    _ change: StateReport.Change = .began
  ) -> StateReport {
    StateReport(asset: machine, timestamp: start, change: change, finding: finding)
  }

  private func values(_ count: Int) -> Frame {
    Frame(
      asset: machine,
      timestamp: start,
      channels: (0..<count).map { ChannelID(index: UInt16($0)) },
      values: Array(repeating: 1, count: count),
      qualities: Array(repeating: .good, count: count)
    )
  }

  private func modes(of findings: [Finding], on kind: MachineKind) -> [String] {
    var assessor = HealthAssessor(plant(kind))
    for finding in findings { assessor.process(report(finding)) }
    return assessor.assess(machine, operation: .untold, at: start)?.suspects.map(\.mode) ?? []
  }

  @Test func `a machine of which nothing is known is not reported`() {
    var assessor = HealthAssessor(plant(.fan))
    #expect(assessor.assess(machine, operation: .untold, at: start) == nil)
  }

  @Test func `findings are told at once, the rest at most once a minute, nothing twice`() {
    var assessor = HealthAssessor(plant(.fan))
    assessor.observe(values(3))
    #expect(assessor.assess(machine, operation: .untold, at: start)?.coverage == 3.0 / 7)
    assessor.observe(values(7))
    #expect(assessor.assess(machine, operation: .untold, at: start + .seconds(59)) == nil)
    #expect(assessor.assess(machine, operation: .untold, at: start + .seconds(60))?.coverage == 1)
    #expect(assessor.assess(machine, operation: .untold, at: start + .seconds(500)) == nil)
    assessor.process(report(finding(0)))
    #expect(assessor.assess(machine, operation: .untold, at: start + .seconds(501)) != nil)
    #expect(assessor.assess(machine, operation: .untold, at: start + .seconds(502)) == nil)
    let running = OperatingState.running(since: start)
    #expect(assessor.assess(machine, operation: running, at: start + .seconds(900)) != nil)
  }

  @Test func `the grade falls by state and number, and never for a sensor`() {
    let silent = Finding(
      channel: ChannelID(index: 6),
      kind: .silent(.noAnswer),
      state: .alert,
      since: start,
      observed: nil,
      extreme: nil
    )
    var assessor = HealthAssessor(plant(.fan))
    assessor.observe(values(7))
    assessor.process(report(silent))
    var health = assessor.assess(machine, operation: .untold, at: start)
    #expect(health?.grade == 1 && health?.state == .normal)
    #expect(health?.coverage == 6.0 / 7)
    #expect(!assessor.isUsable(ChannelID(index: 6)) && assessor.isUsable(ChannelID(index: 5)))
    assessor.process(report(finding(0)))
    health = assessor.assess(machine, operation: .untold, at: start)
    #expect(health?.grade == 0.6 && health?.state == .alert)
    assessor.process(report(finding(2, .above, .alarm)))
    health = assessor.assess(machine, operation: .untold, at: start)
    #expect(health?.grade == 0.3 * 0.9 && health?.state == .alarm)
  }

  @Test func `findings stand worst first, then oldest first, each once`() {
    var assessor = HealthAssessor(plant(.fan))
    assessor.process(report(finding(0, since: 950)))
    assessor.process(report(finding(3, since: 940)))
    assessor.process(report(finding(2, .above, .alert, since: 960)))
    assessor.process(report(finding(2, .above, .alarm, since: 960), .worsened))
    let health = assessor.assess(machine, operation: .untold, at: start)
    #expect(health?.findings.map(\.channel.index) == [2, 3, 0])
    assessor.process(report(finding(2), .ended))
    let later = assessor.assess(machine, operation: .untold, at: start)
    #expect(later?.findings.map(\.channel.index) == [3, 0])
  }

  @Test func `early bearing damage shows without velocity, late damage with it`() {
    #expect(modes(of: [finding(1)], on: .electricMotor) == ["bearing-or-lubrication"])
    #expect(
      modes(of: [finding(0), finding(1)], on: .electricMotor)
        == ["bearing-advanced", "vibration-raised"]
    )
    // The velocity of the other bearing says nothing against it.
    #expect(
      modes(of: [finding(3), finding(1)], on: .electricMotor)
        == ["bearing-or-lubrication", "vibration-raised"]
    )
  }

  @Test func `the same symptom means what it means on this machine`() {
    #expect(modes(of: [finding(2)], on: .screwCompressor).first == "cooler-fouled")
    #expect(modes(of: [finding(2)], on: .cabinet).first == "loose-connection")
    #expect(modes(of: [finding(2), finding(5)], on: .cabinet) == ["overload", "overheating"])
    #expect(modes(of: [finding(6)], on: .fan) == ["filter-clogged"])
    #expect(modes(of: [finding(6)], on: .screwCompressor) == ["separator-clogged"])
    #expect(modes(of: [finding(4, .below)], on: .screwCompressor) == ["air-leak"])
    #expect(
      modes(of: [finding(4, .below), finding(5, .below)], on: .centrifugalPump) == ["prime-lost"]
    )
    #expect(modes(of: [finding(4, .below)], on: .cabinet).isEmpty)
  }

  @Test func `faults of sensors arouse no suspicion`() {
    let stuck = Finding(
      channel: ChannelID(index: 2),
      kind: .stuck(for: .seconds(60)),
      state: .alert,
      since: start,
      observed: 50,
      extreme: 50
    )
    #expect(modes(of: [stuck], on: .electricMotor).isEmpty)
  }

  @Test func `keys of failure modes are unique`() {
    #expect(Set(Suspect.modes).count == Suspect.modes.count)
  }
}
