import AdvisoryGeneration
import ConditionModel
import Foundation
import Testing

struct AdvisoryDeskTests {
  private let machine = AssetID(index: 0)
  private static let places = ["a", "a", "a", "b", "b"]
  private static let quantities: [Quantity] = [
    .velocityRMS, .pressure, .temperature, .temperature, .current,
  ]

  private var plant: Plant {
    Plant(
      site: "s",
      gateway: "g",
      assets: [Asset(id: machine, name: "m", kind: .fan)],
      channels: (0..<5).map { index in
        Channel(
          id: ChannelID(index: UInt16(index)),
          asset: machine,
          location: Self.places[index],
          point: "p\(index)",
          unit: "1",
          quantity: Self.quantities[index],
          device: index < 2 ? 0 : 1
        )
      }
    )
  }

  private func finding(
    _ channel: UInt16,
    _ kind: Finding.Kind = .limit(.above, threshold: 1),
    _ state: ConditionState = .alert,
    extreme: Double? = 2
  ) -> Finding {
    Finding(
      channel: ChannelID(index: channel),
      kind: kind,
      state: state,
      since: Timestamp(seconds: 1_000),
      observed: extreme,
      extreme: extreme
    )
  }

  /// A desk and what it said.
  private struct Desk {
    var desk: AdvisoryDesk
    var said: [Advisory] = []

    mutating func take(
      _ findings: [Finding],
      at seconds: Int64 = 1_000,
      coverage: Double = 1,
      isRunning: Bool? = nil
    ) {
      let report = HealthReport(
        asset: AssetID(index: 0),
        timestamp: Timestamp(seconds: seconds),
        state: .normal,
        grade: 1,
        isRunning: isRunning,
        coverage: coverage,
        findings: findings,
        suspects: []
      )
      desk.process(report, isQuiet: { $0.index != 4 }, into: &said)
    }
  }

  private func desk(watched: [Bool] = [true, true, true, true, true]) -> Desk {
    Desk(desk: AdvisoryDesk(plant, isWatched: watched))
  }

  @Test func `each place and class has its own advisory, numbered in order`() {
    var desk = desk()
    desk.take([
      finding(0), finding(3), finding(1, .stuck(for: .seconds(60))), finding(2),
    ])
    #expect(desk.said.map(\.id) == [1, 2, 3])
    #expect(desk.said.map(\.location) == ["a", "b", "a"])
    #expect(desk.said.map(\.findingClass) == [.machine, .machine, .sensor])
    #expect(desk.said[0].findings.count == 2)
  }

  @Test func `silent channels are one advisory for each device, and more of them are no news`() {
    var desk = desk()
    desk.take([finding(0, .silent(.busy)), finding(2, .silent(.busy))])
    #expect(desk.said.count == 2)
    desk.take([
      finding(0, .silent(.busy)), finding(1, .silent(.busy)), finding(2, .silent(.busy)),
    ])
    #expect(desk.said.count == 2)
    desk.take([finding(0, .silent(.busy))], coverage: 0)
    #expect(desk.said.map(\.phase) == [.raised, .raised, .cleared, .updated])
    #expect(desk.said.last?.priority == .medium)
  }

  private func prognosis(
    days: (Double, Double, Double)?,
    at seconds: Int64,
    swinging: Bool = false,
    basis: RemainingLife.Basis = .trend
  ) -> Prognosis {
    let now = Timestamp(seconds: seconds)
    guard let days else {
      return Prognosis(asset: machine, timestamp: now, outlook: .noTrend(.steady))
    }
    func due(_ days: Double) -> Timestamp { now + Duration(inSeconds: days * 86_400) }
    return Prognosis(
      asset: machine,
      timestamp: now,
      outlook: .remainingLife(
        RemainingLife(
          indicator: RemainingLife.Indicator(
            channel: ChannelID(index: 0),
            side: .above,
            measure: .limit,
            level: 1,
            limit: 2
          ),
          since: now,
          operatingHours: RemainingLife.Quantiles(
            p10: days.0 * 24,
            p50: days.1 * 24,
            p90: days.2 * 24
          ),
          due: RemainingLife.Quantiles(p10: due(days.0), p50: due(days.1), p90: due(days.2)),
          basis: basis,
          isSwinging: swinging
        )
      )
    )
  }

  @Test func `remaining life is told once, raises the priority, and never as it swings`() {
    var desk = desk()
    desk.take([finding(0)])
    #expect(desk.said.last?.priority == .medium)
    desk.desk.process(prognosis(days: (9, 24, 41), at: 2_000), into: &desk.said)
    #expect(desk.said.map(\.phase) == [.raised, .updated])
    // Nearly the same again, then contradictions: nothing new.
    desk.desk.process(prognosis(days: (8, 23, 40), at: 3_000), into: &desk.said)
    desk.desk.process(prognosis(days: (1, 2, 3), at: 4_000, swinging: true), into: &desk.said)
    desk.take([finding(0)], at: 4_500)
    #expect(desk.said.count == 2)
    // Its end comes into sight: news, and urgent; and it stays urgent.
    desk.desk.process(prognosis(days: (1, 2, 3), at: 5_000), into: &desk.said)
    #expect(desk.said.count == 3)
    #expect(desk.said.last?.priority == .high)
    desk.desk.process(prognosis(days: (2.1, 2.9, 4), at: 6_000), into: &desk.said)
    desk.take([finding(0)], at: 6_500)
    desk.desk.process(prognosis(days: nil, at: 7_000), into: &desk.said)
    desk.take([finding(0)], at: 7_500)
    #expect(desk.said.count == 3)
  }

  @Test func `an estimate that was withdrawn is not told again, yet the matter stays urgent`() {
    var desk = desk()
    desk.take([finding(0)])
    desk.desk.process(prognosis(days: (1, 2, 3), at: 2_000), into: &desk.said)
    #expect(desk.said.last?.life != nil)
    desk.desk.process(prognosis(days: nil, at: 3_000), into: &desk.said)
    desk.take([finding(0, extreme: 9)], at: 400_000)
    #expect(desk.said.count == 3)
    #expect(desk.said.last?.life == nil)
    #expect(desk.said.last?.priority == .high)
    desk.take([finding(0, extreme: 9)], at: 400_500)
    #expect(desk.said.count == 3, "it is no less urgent now")
  }

  @Test func `an acknowledgement tells no estimate that was withdrawn`() {
    var desk = desk()
    desk.take([finding(0)])
    desk.desk.process(prognosis(days: (1, 2, 3), at: 2_000), into: &desk.said)
    desk.desk.process(prognosis(days: nil, at: 3_000), into: &desk.said)
    desk.desk.acknowledge(1, at: Timestamp(seconds: 4_000), into: &desk.said)
    #expect(desk.said.count == 3)
    #expect(desk.said.last?.life == nil)
    #expect(desk.said.last?.priority == .high)
  }

  @Test func `an estimate that a machine has outlived is not told again`() {
    var desk = desk()
    desk.take([finding(0)])
    desk.desk.process(prognosis(days: (1, 2, 3), at: 2_000), into: &desk.said)
    desk.take([finding(0, extreme: 9)], at: 2_000 + 2 * 86_400)
    #expect(desk.said.last?.life != nil)
    desk.take([finding(0, extreme: 12)], at: 2_000 + 4 * 86_400)
    #expect(desk.said.last?.life == nil)
    #expect(desk.said.last?.priority == .high)
  }

  @Test func `the usual length of faults is no news and makes nothing urgent`() {
    var desk = desk()
    desk.take([finding(0)])
    desk.desk.process(prognosis(days: (0.2, 2, 20), at: 2_000, basis: .usual), into: &desk.said)
    #expect(desk.said.count == 1)
    desk.take([finding(0, extreme: 9)])
    #expect(desk.said.last?.life?.basis == .usual)
    #expect(desk.said.last?.priority == .medium)
    // A trend is news after it, whatever it says.
    desk.desk.process(prognosis(days: (1, 4, 9), at: 5_000), into: &desk.said)
    #expect(desk.said.count == 3)
    #expect(desk.said.last?.priority == .high)
  }

  @Test func `remaining life by a trend alone waits for a finding`() {
    var desk = desk()
    desk.desk.process(prognosis(days: (1, 2, 3), at: 500), into: &desk.said)
    #expect(desk.said.isEmpty)
    desk.take([finding(0)])
    #expect(desk.said.last?.life != nil)
    #expect(desk.said.last?.priority == .high)
  }

  @Test func `only what is new is told`() {
    var desk = desk()
    desk.take([finding(0)])
    desk.take([finding(0)])
    #expect(desk.said.count == 1)
    desk.take([finding(0, extreme: 3)])
    desk.take([finding(0, extreme: 3), finding(2)])
    desk.take([finding(0, .limit(.above, threshold: 2), .alarm, extreme: 4), finding(2)])
    #expect(desk.said.map(\.phase) == [.raised, .updated, .updated, .updated])
    desk.take([finding(2)])
    #expect(desk.said.last?.priority == .medium)
    desk.take([])
    #expect(desk.said.last?.phase == .cleared)
    #expect(desk.said.last?.findings == [finding(2)])
    #expect(desk.desk.open.isEmpty)
  }

  @Test func `a story of what is unusual that goes on after hours is the same advisory`() {
    let deviation = Finding.Deviation(side: .above, usual: 0...1, share: 1, episode: 7)
    var desk = desk()
    desk.take([finding(0, .unusual(deviation))], at: 1_000)
    desk.take([], at: 2_000)
    desk.take([finding(0, .unusual(deviation))], at: 40_000)
    #expect(desk.said.map(\.id) == [1, 1, 1])
    var next = deviation
    next.episode = 8
    desk.take([], at: 50_000)
    desk.take([finding(0, .unusual(next))], at: 60_000)
    #expect(desk.said.last?.id == 2)
  }

  @Test func `stories that are over are forgotten, however many there were`() throws {
    let deviation = Finding.Deviation(side: .above, usual: 0...1, share: 1, episode: 0)
    var desk = desk()
    let day = Int64(86_400)
    var sizes: Set<Int> = []
    for episode in Int64(1)...30 {
      var next = deviation
      next.episode = UInt32(episode)
      desk.take([finding(0, .unusual(next))], at: 10 * episode * day)
      desk.take([], at: (10 * episode + 1) * day)
      desk.desk.advance(to: Timestamp(seconds: (10 * episode + 2) * day), into: &desk.said)
      desk.desk.advance(to: Timestamp(seconds: (10 * episode + 9) * day), into: &desk.said)
      sizes.insert(try JSONEncoder().encode(desk.desk.memory).count)
    }
    #expect(sizes.count <= 2 && sizes.allSatisfy { $0 < 100 }, "\(sizes)")
    #expect(desk.said.suffix(2).map(\.id) == [30, 30])
  }

  @Test func `a limit that is passed again within eight days is the same advisory`() {
    var desk = desk()
    desk.take([finding(0)], at: 1_000)
    desk.take([], at: 1_100)
    desk.take([finding(0)], at: 600_000)
    desk.take([], at: 600_100)
    desk.take([finding(0)], at: 1_291_301)
    #expect(desk.said.map(\.id) == [1, 1, 1, 1, 2])
    #expect(desk.said.map(\.phase) == [.raised, .cleared, .updated, .cleared, .raised])
  }

  @Test func `what did not move is watched, quiet and not the same thing elsewhere on it`() {
    var all = desk()
    all.take([finding(0)])
    #expect(all.said[0].unmoved.map(\.index) == [2, 3, 1])
    var some = desk(watched: [true, false, true, false, true])
    some.take([finding(0)])
    #expect(some.said[0].unmoved.map(\.index) == [2])
    var stopped = desk()
    stopped.take([finding(0)], isRunning: false)
    #expect(stopped.said[0].unmoved.isEmpty)
  }

  @Test func `a shelved advisory is quiet until its time is over, but ends when it ends`() {
    var desk = desk()
    desk.take([finding(0)])
    let moment = Timestamp(seconds: 1_500)
    let end = moment + .seconds(3_600)
    for id in [1, 2] as [UInt64] {
      desk.desk.shelve(id, until: end, at: moment, into: &desk.said)
    }
    desk.desk.shelve(1, until: moment, at: moment, into: &desk.said)
    #expect(desk.said.count == 2)
    #expect(desk.said[1].shelvedUntil == end && desk.said[1].isAcknowledged)
    #expect(desk.said[1].phase == .updated)
    // What comes on top is not told now.
    desk.take([finding(0), finding(1)])
    #expect(desk.said.count == 2)
    desk.desk.advance(to: end - .seconds(1), into: &desk.said)
    #expect(desk.said.count == 2)
    desk.desk.advance(to: end, into: &desk.said)
    #expect(desk.said.count == 3)
    #expect(desk.said[2].shelvedUntil == nil && !desk.said[2].isAcknowledged)
    #expect(desk.said[2].findings.count == 2)
    desk.desk.shelve(1, until: end + .seconds(60), at: end, into: &desk.said)
    desk.take([])
    #expect(desk.said.map(\.phase) == [.raised, .updated, .updated, .updated, .cleared])
  }

  @Test func `an acknowledgement counts once, for what is open`() {
    var desk = desk()
    desk.take([finding(0)])
    let moment = Timestamp(seconds: 1_500)
    for id in [1, 1, 2] as [UInt64] { desk.desk.acknowledge(id, at: moment, into: &desk.said) }
    #expect(desk.said.map(\.isAcknowledged) == [false, true])
    #expect(desk.said[1].phase == .updated)
    #expect(desk.said[1].timestamp == moment)
    desk.take([])
    desk.desk.acknowledge(1, at: moment, into: &desk.said)
    #expect(desk.said.count == 3)
  }
}
