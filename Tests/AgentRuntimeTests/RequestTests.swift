import AgentRuntime
import ConditionModel
import HistoryStore
import Logging
import ProcessSupport
import SiteConfiguration
import Testing

/// What people ask of the agent, from the store into the core and back.
struct RequestTests {
  private let tank: WatchedTank
  private let folder = TemporaryFolder()
  private let path: String
  private let store: HistoryStore
  private let recorder: Recorder
  private let desk: RequestDesk

  init() async throws {
    tank = try WatchedTank()
    path = folder.file("history.sqlite")
    store = try await HistoryStore(path: path, plant: tank.site.plant)
    recorder = Recorder(monitor: tank.monitor, store: store, logger: Logger(label: "test"))
    desk = try RequestDesk(path: path)
  }

  private func ask(_ content: PersonalRequest.Content) throws -> Int64 {
    try desk.ask(content, at: tank.clocks.read().wall, by: "anna")
  }

  @Test func `an open alert is acknowledged once, with its answer in the store`() async throws {
    await tank.live(seconds: 30, temperature: 85)
    await recorder.storeRound(status: nil)
    let open = try await store.openAlerts().compactMap(\.output.advisory)
    let alert = try #require(open.first { $0.findingClass == .machine })
    #expect(!alert.isAcknowledged)
    let id = try ask(.acknowledge(alert: alert.id))
    #expect(try desk.answer(to: id) == nil)
    await recorder.storeRound(status: nil)
    #expect(try desk.answer(to: id)?.refusal == nil)
    #expect(try desk.answer(to: id) != nil)
    let seen = try await store.openAlerts().compactMap(\.output.advisory)
    #expect(seen.first { $0.id == alert.id }?.isAcknowledged == true)
    // It is not taken up again.
    #expect(try await store.waitingRequests().isEmpty)
  }

  @Test func `an alert of a limit is not accepted as if it were normal`() async throws {
    await tank.live(seconds: 30, temperature: 85)
    await recorder.storeRound(status: nil)
    let open = try await store.openAlerts().compactMap(\.output.advisory)
    let alert = try #require(open.first { $0.findingClass == .machine })
    let id = try ask(.accept(alert: alert.id))
    await recorder.storeRound(status: nil)
    let refusal = try #require(try desk.answer(to: id)?.refusal)
    #expect(refusal.hasPrefix("alert \(alert.id) is no deviation from a learned level"))
  }

  @Test func `what cannot be done is refused with its reason`() async throws {
    await tank.live(seconds: 5, temperature: 60)
    let ids = [
      try ask(.acknowledge(alert: 99)), try ask(.accept(alert: 99)),
      try ask(.mark(machine: "oven", kind: .part, text: "")),
    ]
    await recorder.storeRound(status: nil)
    let answers = try ids.map { try desk.answer(to: $0)?.refusal }
    #expect(
      answers == [
        "there is no open alert 99", "there is no open alert 99", "there is no machine 'oven'",
      ]
    )
  }

  @Test func `a mark reaches the core with its words, not before its time`() async throws {
    await tank.live(seconds: 5, temperature: 60)
    let future = tank.clocks.read().wall + .seconds(3_600)
    let id = try desk.ask(
      .mark(machine: "tank", kind: .greasing, text: "both ends, \"20 g\""),
      at: future,
      by: "anna"
    )
    let waiting = try await store.waitingRequests()
    #expect(
      waiting == [
        PersonalRequest(
          id: id,
          timestamp: future,
          content: .mark(machine: "tank", kind: .greasing, text: "both ends, \"20 g\"")
        )
      ]
    )
    await recorder.storeRound(status: nil)
    let answer = try #require(try desk.answer(to: id))
    #expect(answer.refusal == nil)
    #expect(answer.timestamp <= tank.clocks.read().wall)
    // The state of the core goes with it, so that a kill neither loses nor doubles it.
    #expect(try await store.snapshots().first != nil)
  }

  @Test func `requests wait while no agent takes them, and a store without them says so`()
    async throws
  {
    let ids = try (1...3).map { try ask(.acknowledge(alert: UInt64($0))) }
    #expect(ids == ids.sorted())
    #expect(try await store.waitingRequests().map(\.id) == ids)
    let error = #expect(throws: StoreError.self) {
      try RequestDesk(path: folder.file("none.sqlite"))
    }
    #expect(error != nil)
  }
}
