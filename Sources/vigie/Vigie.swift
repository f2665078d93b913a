import ArgumentParser
// `stdout` is a variable to C.
@preconcurrency import Glibc

struct Vigie: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vigie",
    abstract:
      "A lookout over the machines of a workshop: reads, learns, explains. It never writes.",
    discussion: """
      Start with 'vigie check --config site.yaml', then 'vigie read', then 'vigie run'.
      Exit codes: 0 all well, 1 findings, 2 wrong use, 3 configuration, 4 environment.
      """,
    version: version,
    subcommands: [
      RunCommand.self, CheckCommand.self, ReadCommand.self, ReplayCommand.self, TuneCommand.self,
      SimulateCommand.self, WatchCommand.self, StatusCommand.self, AlertsCommand.self,
      MarkCommand.self, ExportCommand.self, TrainCommand.self, PredictCommand.self,
      DiagnoseCommand.self,
    ]
  )

  static let version = "0.1.0"
}

/// Ends the program with a code that scripts can tell apart.
struct Failure: Error {
  enum Code: Int32 {
    case findings = 1
    case usage = 2
    case configuration = 3
    case environment = 4
  }

  var code: Code
  /// What is wrong and what to do, for standard error; empty when all is said already.
  var message: String

  init(_ code: Code, _ message: String = "") {
    self.code = code
    self.message = message
  }
}

@main
enum Program {
  static func main() async {
    // A reader of our output that goes away ends the write, not the program.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try Vigie.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      try finishOutput()
    } catch let failure as Failure {
      if !failure.message.isEmpty { tell("vigie: \(failure.message)") }
      exit(failure.code.rawValue)
    } catch {
      let code = Vigie.exitCode(for: error)
      let message = Vigie.fullMessage(for: error)
      guard code != .success else {
        print(message)
        exit(0)
      }
      tell("\(message)")
      exit(code == .validationFailure ? Failure.Code.usage.rawValue : code.rawValue)
    }
  }

  /// Writes what waits; whoever does not read to the end has what he wanted.
  private static func finishOutput() throws {
    errno = 0
    fflush(stdout)
    guard ferror(stdout) != 0, errno != EPIPE else { return }
    let reason = errno == 0 ? "a write failed" : String(cString: strerror(errno))
    throw Failure(.environment, "the output cannot be written: \(reason); check the space")
  }
}
