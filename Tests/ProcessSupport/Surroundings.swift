import Foundation

/// A folder that goes away with its test.
package final class TemporaryFolder: Sendable {
  package let path: String

  package init() {
    var template = Array("/tmp/vigie-test-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }
    }
    guard let made else { preconditionFailure("no temporary folder can be made below /tmp") }
    path = String(cString: made)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of `name` in the folder.
  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file into the folder and returns its path.
  package func write(_ text: String, to name: String) throws -> String {
    let path = file(name)
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }
}

/// A port of the loopback interface that nothing listens on now.
package func freePort() -> UInt16 {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      _ = bind(descriptor, $0, length)
      _ = getsockname(descriptor, $0, &length)
    }
  }
  return UInt16(bigEndian: address.sin_port)
}

/// A private mosquitto on loopback.
package final class Broker: Sendable {
  package let port: UInt16
  private let folder = TemporaryFolder()
  private let program: RunningProgram

  package init(port: UInt16 = freePort()) throws {
    self.port = port
    let configuration = try folder.write(
      """
      listener \(port) 127.0.0.1
      allow_anonymous true
      persistence false
      log_type all
      """,
      to: "mosquitto.conf"
    )
    program = try RunningProgram("mosquitto", ["-c", configuration])
    try waitUntilListening(port: port)
  }

  /// Ends it at once, as a power cut does.
  package func kill() {
    program.signal(SIGKILL)
    program.waitUntilExit()
  }

  package var log: String { program.text }
}

/// Waits until something accepts connections on a port of the loopback interface.
package func waitUntilListening(port: UInt16) throws {
  try wait(for: "a listener on port \(port)") { isListening(port: port) }
}

/// Whether something accepts connections on a port of the loopback interface.
package func isListening(port: UInt16) -> Bool {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  } == 0
}

/// The folder of the package: where `Package.swift` lies.
package func packageFolder(_ file: String = #filePath) -> String {
  var folder = URL(filePath: file).deletingLastPathComponent()
  while !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) {
    precondition(folder.path != "/", "the sources that this was built from are gone: \(file)")
    folder.deleteLastPathComponent()
  }
  return folder.path
}

/// The built program `vigie`, or another one: beside the test bundle or benchmark that asks.
package func vigieProgram(_ name: String = "vigie") throws -> String {
  let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  let path = URL(filePath: own).deletingLastPathComponent().appending(path: name).path
  guard FileManager.default.isExecutableFile(atPath: path) else {
    throw Timeout(what: "the program \(path); build it with 'swift build'")
  }
  return path
}

/// The Python with the third-party peers of the tests.
package var testPython: String {
  ProcessInfo.processInfo.environment["VIGIE_TEST_PYTHON"] ?? "python3"
}
