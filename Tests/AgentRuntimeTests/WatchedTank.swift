import AgentRuntime
import ConditionModel
import DataAcquisition
import HistoryStore
import MonitoringPipeline
import ProcessSupport
import SiteConfiguration
import Synchronization

/// A tank with two values, a clock that the test holds, and the monitor that watches it.
struct WatchedTank {
  let site: Site
  let clocks: HeldClocks
  let time: StationTime
  let monitor: Monitor

  init() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(
      """
      site: works
      gateway: gw
      language: en
      buses:
        line: { host: 127.0.0.1 }
      machines:
        tank:
          kind: machine
          points:
            oil:
              device: generic
              bus: line
              unit: 1
              every: 1 s
              points:
                temperature: { address: 0, scale: 0.1, unit: °C, quantity: temperature }
                pressure: { address: 1, scale: 0.01, unit: bar, quantity: pressure }
          limits:
            oil/temperature: { alert above: 80 °C, alarm above: 90 °C }
      alerts: { on delay: 5 s, silent after: 10 s }
      """,
      to: "site.yaml"
    )
    let site = try SiteFile.load(path: file, profileDirectories: [])
    self.init(site, HeldClocks(), try Pipeline(site.pipeline))
  }

  /// The same, watched by a core that has a past; one that does not know its time is of an earlier
  /// version.
  init(_ site: Site, _ clocks: HeldClocks, _ pipeline: Pipeline, knowsItsTime: Bool = true) {
    self.site = site
    self.clocks = clocks
    let known = knowsItsTime ? pipeline.latestMoment : Timestamp(seconds: 0)
    time = StationTime(after: known) { clocks.read() }
    monitor = Monitor(
      pipeline: pipeline,
      assetCount: 1,
      time: time,
      describe: { AdvisoryText(language: .english, title: "alert \($0.id)", text: "") }
    )
  }

  /// The same after a restart, with the same clocks.
  func restarted(from snapshot: Snapshot) throws -> WatchedTank {
    WatchedTank(site, clocks, try restored(site.pipeline, from: snapshot))
  }

  /// The frame that a bus would hand in now.
  func frame(temperature: Double, quality: Quality = .good) -> Frame {
    Frame(
      asset: AssetID(index: 0),
      timestamp: time.stamp().timestamp,
      channels: [ChannelID(index: 0), ChannelID(index: 1)],
      values: [temperature, 4 + temperature / 100],
      qualities: [quality, quality]
    )
  }

  /// Lets seconds pass, with one tick and one frame in each.
  ///
  /// The value moves a little, as true ones do.
  func live(seconds: Int, temperature: Double, quality: Quality = .good) async {
    for second in 0..<seconds {
      clocks.advance(by: .seconds(1))
      await monitor.tick()
      let noise = Double(second % 7) / 10
      await monitor.consume([frame(temperature: temperature + noise, quality: quality)])
    }
  }
}

/// Both clocks of a gateway, moved by hand.
final class HeldClocks: Sendable {
  private let state = Mutex(
    (monotonic: Duration.seconds(100), wall: Timestamp(seconds: 1_791_950_400))
  )

  func read() -> (monotonic: Duration, wall: Timestamp) { state.withLock { $0 } }

  func advance(by duration: Duration) {
    state.withLock { $0 = ($0.monotonic + duration, $0.wall + duration) }
  }

  /// Sets the clock on the wall, as people and NTP do.
  func set(by step: Duration) {
    state.withLock { $0.wall = $0.wall + step }
  }
}

extension PipelineOutput {
  var advisory: Advisory? {
    if case .advisory(let advisory) = content { advisory } else { nil }
  }
}
