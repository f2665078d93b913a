import DataAcquisition
import Foundation
import ModbusTransport
import ProcessSupport
import Testing

/// A program that a test starts and that ends with the test.
final class Server: Sendable {
  private let process: Process
  /// Held open: its end tells the scripts that the test is gone, even if it crashed.
  private let input: Pipe
  private let folder: TemporaryFolder?
  /// The line that told it was ready.
  let greeting: String

  /// Starts a program and waits for the line that tells it is ready.
  ///
  /// - Parameters:
  ///   - arguments: The program, found in the path, and what it is given.
  ///   - sign: A part of the line to wait for, on standard output or error.
  ///   - folder: What it needs as long as it runs.
  /// - Throws: When the program cannot be started or ends without the sign.
  init(
    _ arguments: [String],
    readyAt sign: String = "",
    in folder: TemporaryFolder? = nil
  ) throws {
    self.folder = folder
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    let (input, pipe) = try startingAlone {
      let pipes = (Pipe(), Pipe())
      process.standardInput = pipes.0
      process.standardOutput = pipes.1
      process.standardError = pipes.1
      try process.run()
      return pipes
    }
    self.process = process
    self.input = input
    var text = ""
    var line = ""
    while true {
      guard let byte = try pipe.fileHandleForReading.read(upToCount: 1)?.first else {
        throw ServerError(text: text)
      }
      let character = Character(UnicodeScalar(byte))
      text.append(character)
      if character != "\n" {
        line.append(character)
      } else if sign.isEmpty || line.contains(sign) {
        break
      } else {
        line = ""
      }
    }
    greeting = line
  }

  deinit { stop() }

  func stop() {
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    // Not `waitUntilExit()`: on a thread of Swift's pool its run loop may never end.
    while process.isRunning { usleep(1_000) }
  }
}

struct ServerError: Error {
  let text: String
}

private let python = ProcessInfo.processInfo.environment["VIGIE_TEST_PYTHON"] ?? "python3"

private func fixture(_ name: String) throws -> String {
  try #require(Bundle.module.path(forResource: name, ofType: "py", inDirectory: "Fixtures"))
}

/// What a test talks over.
enum Wire: CaseIterable {
  case tcp
  case rtu

  /// A server that misbehaves by unit, as its script says.
  func misbehavingServer() throws -> (Server, BusDefinition.Line) {
    switch self {
    case .tcp:
      let server = try Server([python, fixture("misbehaving_server"), "tcp"])
      let port = try #require(UInt16(server.greeting))
      return (server, .tcp(TCPEndpoint(host: "127.0.0.1", port: port)))
    case .rtu:
      let folder = TemporaryFolder()
      let server = try Self.misbehavingTerminal(in: folder)
      return (server, .serial(Self.serial(folder.path + "/tty")))
    }
  }

  static func misbehavingTerminal(in folder: TemporaryFolder) throws -> Server {
    try Server(
      [python, fixture("misbehaving_server"), "rtu", folder.path + "/tty"],
      readyAt: "ready",
      in: folder
    )
  }

  /// A server that others wrote.
  func referenceServer() throws -> ([Server], BusDefinition.Line) {
    switch self {
    case .tcp:
      let port = freePort()
      let server = try Server(
        [python, fixture("reference_server"), "tcp", "\(port)"],
        readyAt: "ready"
      )
      return ([server], .tcp(TCPEndpoint(host: "127.0.0.1", port: port)))
    case .rtu:
      let folder = TemporaryFolder()
      let pair = try Server(
        [
          "socat", "-d", "-d", "pty,raw,echo=0,link=\(folder.path)/ours",
          "pty,raw,echo=0,link=\(folder.path)/theirs",
        ],
        readyAt: "starting data transfer",
        in: folder
      )
      let server = try Server(
        [python, fixture("reference_server"), "rtu", "\(folder.path)/theirs"],
        readyAt: "ready"
      )
      return ([server, pair], .serial(Self.serial("\(folder.path)/ours")))
    }
  }

  static func serial(_ port: String, baud: Int = 19_200) -> SerialLine {
    SerialLine(port: port, baud: baud, parity: .even, stopBits: 1)
  }
}

func bus(_ line: BusDefinition.Line) -> BusDefinition {
  BusDefinition(name: "test", line: line, devices: [])
}

func request(
  _ unit: UInt8,
  _ address: UInt16,
  count: Int = 4,
  table: RegisterTable = .holding,
  timeout: Duration = .milliseconds(200)
) -> PollRequest {
  PollRequest(
    deviceName: "machine-\(unit), drive end",
    unit: unit,
    table: table,
    address: address,
    count: count,
    responseTimeout: timeout,
    guardTime: .zero
  )
}

extension LibmodbusConnection {
  /// The registers, or the error as a value.
  func result(_ request: PollRequest) async -> Result<[UInt16], ModbusError> {
    do throws(ModbusError) { return .success(try await read(request)) } catch {
      return .failure(error)
    }
  }
}
