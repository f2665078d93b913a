import AgentRuntime
import Glibc
import Logging
import ProcessSupport
import Testing

struct SystemdTests {
  @Test(arguments: [true, false])
  func `systemd hears ready, status, life and stop`(abstract: Bool) {
    let systemd = DatagramListener(abstract: abstract)
    let notifier = SystemdNotifier(environment: ["NOTIFY_SOCKET": systemd.address])
    notifier.ready()
    notifier.status("5 machines\nnormal")
    notifier.watchdog()
    notifier.stopping()
    #expect(systemd.nextText() == "READY=1")
    #expect(systemd.nextText() == "STATUS=5 machines normal")
    #expect(systemd.nextText() == "WATCHDOG=1")
    #expect(systemd.nextText() == "STOPPING=1")
    #expect(systemd.next() == nil)
  }

  @Test func `without systemd nothing is sent and nothing fails`() {
    let notifier = SystemdNotifier(environment: [:])
    notifier.ready()
    #expect(notifier.watchdogPeriod == nil)
  }

  @Test func `the watchdog period is taken only when it is meant for this process`() {
    let ours = ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": String(getpid())]
    #expect(SystemdNotifier(environment: ours).watchdogPeriod == .seconds(30))
    let another = ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"]
    #expect(SystemdNotifier(environment: another).watchdogPeriod == nil)
    #expect(SystemdNotifier(environment: ["WATCHDOG_USEC": "soon"]).watchdogPeriod == nil)
  }

  @Test func `a log entry reaches the journal with its metadata as fields`() throws {
    let journal = DatagramListener(abstract: false)
    var handler = try #require(JournalLogHandler(path: journal.address))
    handler.logLevel = .debug
    let made = handler
    var logger = Logger(label: "vigie") { _ in made }
    logger[metadataKey: "bus"] = "ligne-1"
    logger.warning("unit 7 is silent", metadata: ["device": "pompe-3, drive end"])
    let entry = try #require(journal.nextText())
    let fields = entry.split(separator: "\n").map(String.init)
    #expect(fields.contains("MESSAGE=unit 7 is silent"))
    #expect(fields.contains("PRIORITY=4"))
    #expect(fields.contains("SYSLOG_IDENTIFIER=vigie"))
    #expect(fields.contains("VIGIE_BUS=ligne-1"))
    #expect(fields.contains("VIGIE_DEVICE=pompe-3, drive end"))
  }

  @Test func `a message with a line break travels with its length before it`() throws {
    let journal = DatagramListener(abstract: false)
    let handler = try #require(JournalLogHandler(path: journal.address))
    Logger(label: "vigie") { _ in handler }.error("first\nsecond")
    let entry = try #require(journal.next())
    let expected: [UInt8] =
      Array("MESSAGE\n".utf8) + [12, 0, 0, 0, 0, 0, 0, 0] + Array("first\nsecond\nPRIORITY=3".utf8)
    #expect(Array(entry.prefix(expected.count)) == expected)
  }

  @Test func `outside systemd the log goes to standard error as text`() {
    #expect(makeLogHandler(environment: [:]) is PlainLogHandler)
    #expect(makeLogHandler(environment: ["JOURNAL_STREAM": "1:2"]) is PlainLogHandler)
  }

  @Test func `the agent knows its own memory and processor time`() {
    let usage = ProcessUsage.current()
    #expect(usage.residentBytes > 1_000_000)
    #expect((1...usage.residentBytes).contains(usage.privateBytes))
    #expect(usage.processorSeconds > 0)
  }
}
