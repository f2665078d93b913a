import ConditionModel
import MQTTPublishing
import Testing

/// What goes out and when, decided without a broker.
struct DeliveryTests {
  private let plant = samplePlant(channels: 2)

  private func sparkplug() -> SparkplugSession {
    SparkplugSession(
      settings: SparkplugSettings(group: "g", node: "n"),
      plant: plant,
      wording: words
    )
  }

  /// An outbox and a broker that take everything at once, for a delivery that is asked until it rests.
  private struct Bench {
    var delivery: Delivery
    var entries: [OutboxEntry] = []
    var sent: [Int64] = []
    private var session = 0
    private var lastID: Int64 = 0

    init(_ publication: any Publication, historyRate: Int) {
      delivery = Delivery(publication, historyRate: historyRate)
    }

    mutating func connect(at second: Int64) {
      session += 1
      _ = delivery.connecting(at: Timestamp(seconds: second))
      _ = delivery.connected(session, at: Timestamp(seconds: second))
    }

    mutating func store(_ frame: Frame) {
      lastID += 1
      entries.append(OutboxEntry(id: lastID, content: .telemetry(frame)))
      delivery.stored([.telemetry(frame)])
    }

    /// - Returns: The step at which it stopped.
    mutating func turn(at second: Int64, confirming: Bool = true) -> Delivery.Step {
      let now = Timestamp(seconds: second)
      while true {
        let step = delivery.next(at: now, elapsed: .seconds(second))
        switch step {
        case .send(let parcels):
          sent += parcels.compactMap(\.ticket)
          guard confirming else { continue }
          var progress = LinkProgress()
          progress.doneCount = parcels.count
          progress.confirmed = parcels.compactMap(\.ticket)
          _ = delivery.progressed(progress, session: session, at: now)
        case .acknowledge(let ids):
          entries.removeAll { ids.contains($0.id) }
          delivery.settled()
        case .findLatest: delivery.begin(behind: lastID, elapsed: .seconds(second))
        case .fetch(let position, let limit):
          delivery.take(Array(entries.filter { $0.id > position }.prefix(limit)), at: now)
        case .pause, .rest: return step
        }
      }
    }
  }

  @Test func `values that are not worth a message leave the outbox, and nothing in memory`() {
    var bench = Bench(sparkplug(), historyRate: 1_000)
    bench.connect(at: 1)
    _ = bench.turn(at: 1)
    for second in 2...Int64(500) {
      bench.store(plant.frame(second: second, values: [1, 2]))
      _ = bench.turn(at: second)
    }
    #expect(bench.sent == [1])
    #expect(bench.entries.isEmpty)
    #expect(bench.delivery.heldCount == 0)
  }

  @Test func `never more than a window is on its way, and history waits for its allowance`() {
    var bench = Bench(JSONSession(plant: plant, wording: words), historyRate: 100)
    for second in 1...Int64(60) { bench.store(plant.frame(second: second, values: [0, 0])) }
    bench.connect(at: 100)
    _ = bench.turn(at: 100, confirming: false)
    #expect(bench.delivery.inFlightCount <= Delivery.window)
    // A new connection, on which everything is confirmed: ten entries at once, then a pause.
    bench.delivery.disconnected(wasHeard: true)
    bench.sent = []
    bench.connect(at: 200)
    guard case .pause = bench.turn(at: 200) else {
      Issue.record("history is told without a pause")
      return
    }
    #expect(bench.sent == Array(1...10))
    bench.store(plant.frame(second: 201, values: [5, 5]))
    _ = bench.turn(at: 201)
    // What is new goes first.
    #expect(bench.sent[10] == 61 && bench.sent[11] == 11)
  }
}
