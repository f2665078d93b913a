import Glibc
import ProcessSupport
import Testing

/// Another program, ended with this value.
final class ChildProcess {
  let identifier: pid_t
  private let output: Int32
  private let input: Int32
  private var buffer: [UInt8] = []
  private var isReaped = false

  /// Starts `arguments[0]`, looked up in the path.
  init(_ arguments: [String]) throws {
    (identifier, input, output) = try startingAlone { try Self.start(arguments) }
  }

  private static func start(_ arguments: [String]) throws -> (pid_t, Int32, Int32) {
    var toChild: [Int32] = [-1, -1]
    var fromChild: [Int32] = [-1, -1]
    try #require(pipe(&toChild) == 0 && pipe(&fromChild) == 0)
    for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
    // Threads of the test runner hold signals back, and a child would inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var words = arguments.map { strdup($0) } + [nil]
    var identifier = pid_t()
    let result = posix_spawnp(&identifier, arguments[0], &actions, &attributes, &words, environ)
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
    for word in words { free(word) }
    close(toChild[0])
    close(fromChild[1])
    try #require(result == 0, "\(arguments[0]) does not start: install it, see deploy/test")
    return (identifier, toChild[1], fromChild[0])
  }

  func write(_ bytes: [UInt8]) {
    _ = Glibc.write(input, bytes, bytes.count)
  }

  /// The next line that the program prints; `nil` if none comes within 20 seconds or it ended.
  func line() -> String? {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        defer { buffer.removeSubrange(...end) }
        return String(decoding: buffer[..<end], as: UTF8.self)
      }
      var wait = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, 20_000) > 0 else { return nil }
      var block = [UInt8](repeating: 0, count: 65_536)
      let count = read(output, &block, block.count)
      guard count > 0 else { return nil }
      buffer += block.prefix(count)
    }
  }

  func signal(_ number: Int32) {
    guard !isReaped else { return }
    kill(identifier, number)
  }

  /// Sends the signal and waits until the program is gone.
  func end(with number: Int32 = SIGKILL) {
    guard !isReaped else { return }
    kill(identifier, number)
    waitpid(identifier, nil, 0)
    isReaped = true
  }

  deinit {
    end()
    close(input)
    close(output)
  }
}

/// The interpreter that has paho and jsonschema.
var python: String {
  getenv("VIGIE_TEST_PYTHON").map { String(cString: $0) } ?? "python3"
}

/// The folder of the file from which this is called.
func folder(of file: String) -> String {
  String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)])
}

func fixture(_ name: String, file: String = #filePath) -> String {
  "\(folder(of: file))/Fixtures/\(name)"
}

func writeFile(_ text: String, to path: String) throws {
  let file = try #require(fopen(path, "w"))
  defer { fclose(file) }
  fputs(text, file)
}
