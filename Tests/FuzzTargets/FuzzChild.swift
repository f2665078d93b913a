import Glibc

/// The part of a fuzzing run that may crash, hang or take all memory.
///
/// Before each case it notes its number in a file, so that whoever started it knows which one it was.
package struct FuzzChild {
  package var target: FuzzTarget
  package var cases: FuzzCases
  /// The file that holds the number of the case at hand, in decimal.
  package var note: String

  /// What a case may take: seconds, and bytes of address space for the whole process.
  private static let mostSeconds: UInt32 = 10
  private static let mostMemory: UInt = 4 << 30

  package init(target: FuzzTarget, cases: FuzzCases, note: String) {
    self.target = target
    self.cases = cases
    self.note = note
  }

  /// Bounds what this process may take.
  package static func limit() {
    var limit = rlimit(rlim_cur: mostMemory, rlim_max: mostMemory)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
  }

  /// Tries cases from `first` on, up to `end` or until `deadline`.
  ///
  /// - Returns: The number after the last one that was tried.
  /// - Throws: What a case threw.
  package func run(
    from first: Int,
    to end: Int,
    until deadline: ContinuousClock.Instant
  ) throws -> Int {
    Self.limit()
    let file = open(note, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(file) }
    var index = first
    while index < end, ContinuousClock.now < deadline {
      let text = "\(index) "
      pwrite(file, text, text.utf8.count, 0)
      // Ends the process by its signal.
      alarm(Self.mostSeconds)
      try target.attempt(cases[index])
      index += 1
    }
    alarm(0)
    let text = "\(index) "
    pwrite(file, text, text.utf8.count, 0)
    return index
  }
}
