import ProcessSupport
import Testing

extension ProcessTests {
  struct SlowDiskTests {
    /// A card that takes a second for each write that is waited for.
    private static let slowness = """
      #include <unistd.h>
      #include <sys/syscall.h>
      int fsync(int file) { sleep(1); return (int)syscall(SYS_fsync, file); }
      int fdatasync(int file) { sleep(1); return (int)syscall(SYS_fdatasync, file); }
      """

    @Test func `behind a card that takes a second for each sync no value is missed or lost`()
      async throws
    {
      let folder = TemporaryFolder()
      let source = try folder.write(Self.slowness, to: "slow.c")
      let library = folder.file("slow.so")
      let built = try RunningProgram.run("clang", ["-shared", "-fPIC", "-o", library, source])
      try #require(built.exitCode == 0, "\(built.text)")

      let workplace = try Workplace()
      let broker = try Broker(port: workplace.brokerPort)
      let subscriber = try await Subscriber(port: broker.port)
      let plant = try await workplace.simulate("pump-1: imbalance from 0 s over 1 s", speed: 2)
      let agent = try await workplace.run(environment: ["LD_PRELOAD": library])
      try await eventually("an alert") { !subscriber.alerts.isEmpty }
      try await eventually("75 frames, of 15 seconds", limit: .seconds(30)) {
        subscriber.telemetry.count > 75
      }
      #expect(agent.stop() == 0)
      let times = try await workplace.storedTimes()
      // Five a second: the disk makes nobody wait who reads.
      let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
      #expect(gaps.max() ?? 9 < 0.9)
      let stored = try await workplace.storedFrames()
      #expect(subscriber.telemetry.map(\.key).sorted().difference(from: stored).isEmpty)
      let status = try workplace.status()
      #expect(status.valuesRead == 3 * stored.count)
      #expect(status.valuesDropped == 0)
      #expect(status.store.error == nil)
      plant.stop()
    }
  }
}
