import ArgumentParser
import Foundation
import FuzzTargets
import ProcessSupport

struct FuzzCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Damaged and forged input for everything that reads bytes from elsewhere.",
    discussion: """
      Examples:
        vigie-bench fuzz --minutes 10
        vigie-bench fuzz --only journal --seed 7 --cases 20000
        vigie-bench fuzz --only journal --input Tests/FuzzCorpus/journal/FILE

      Cases run in a process of their own: the files in the folder of each target below the corpus \
      first, then the program's own, then changed ones. A crash, more than 10 seconds, more than \
      4 GB or a broken law is a finding: its input is written to a file, and the exit code is 1.

      Guided by which code an input reaches, with the fuzzer of LLVM, for one target at a time:
        swift build -c release --product vigie-bench --scratch-path .build/fuzz \\
          -Xswiftc -sanitize=fuzzer -Xswiftc -DGUIDED_FUZZING -Xswiftc -use-ld=lld
        .build/fuzz/release/vigie-bench fuzz --only journal --minutes 10
      """
  )

  @Option(help: "Only this target.")
  var only: String?
  @Option(help: "How long to try each target.")
  var minutes = 1.0
  @Option(help: "How many cases of each target to try at most.")
  var cases = Int.max
  @Option(help: "What decides about the changes.")
  var seed: UInt64 = 1
  @Option(help: "The folder with a folder of inputs for each target.")
  var corpus = "Tests/FuzzCorpus"
  @Option(help: "Where the inputs of findings go.")
  var findings = "."
  @Option(help: "A single input to try, in this process.")
  var input: String?
  /// Set in the process that tries the cases: the first one, and the file for notes.
  @Option(help: .private) var first: Int?
  @Option(help: .private) var note: String?

  func run() async throws {
    let targets = FuzzTarget.all.filter { only == nil || $0.name == only }
    guard !targets.isEmpty else {
      let names = FuzzTarget.all.map(\.name).joined(separator: ", ")
      throw ValidationError("there is no target of this name; there are \(names)")
    }
    if let input {
      FuzzChild.limit()
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: input)))
      for target in targets { try target.attempt(bytes) }
      return
    }
    if let first, let note {
      let cases = try FuzzCases(of: targets[0], seed: seed, corpus: corpus)
      let child = FuzzChild(target: targets[0], cases: cases, note: note)
      _ = try child.run(from: first, to: self.cases, until: .now + .seconds(minutes * 60))
      return
    }
    #if GUIDED_FUZZING
    guard only != nil else { throw ValidationError("name the target with --only") }
    try runGuided(targets[0])
    #else
    var findingCount = 0
    for target in targets { findingCount += try runInChildren(target) }
    if findingCount > 0 { throw ExitCode(1) }
    #endif
  }

  /// Starts processes that try cases until the time is over; each finding ends one of them.
  ///
  /// - Returns: How many findings there were.
  private func runInChildren(_ target: FuzzTarget) throws -> Int {
    let all = try FuzzCases(of: target, seed: seed, corpus: corpus)
    let note = FileManager.default.temporaryDirectory
      .appending(path: "vigie-fuzz-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: note) }
    let deadline = ContinuousClock.now + .seconds(minutes * 60)
    var next = 0
    var findingCount = 0
    while next < cases, findingCount < Self.mostFindings {
      let left = deadline - .now
      guard left > .zero else { break }
      let child = try RunningProgram(
        "/proc/self/exe",
        [
          "fuzz", "--only", target.name, "--seed", "\(seed)", "--corpus", corpus,
          "--cases", "\(cases)", "--minutes", "\(left / .seconds(60))",
          "--first", "\(next)", "--note", note,
        ],
        environment: ["SWIFT_BACKTRACE": "enable=no"]
      )
      let code = child.waitUntilExit(limit: left + .seconds(60))
      let text = (try? String(contentsOfFile: note, encoding: .utf8)) ?? ""
      guard let reached = Int(text.prefix { $0 != " " }) else {
        throw Timeout(what: "the first case of \(target.name):\n\(child.text)")
      }
      next = reached
      guard code != 0 else { break }
      findingCount += 1
      let file = "\(findings)/\(target.name)-\(seed)-\(reached)"
      try Data(all[reached]).write(to: URL(filePath: file))
      print(
        """
        \(target.name): case \(reached) of seed \(seed) ended with \(code); try it again with
          vigie-bench fuzz --only \(target.name) --input \(file)
        \(child.text.suffix(2_000))
        """
      )
      next += 1
    }
    print(
      "\(target.name): \(next) cases, \(all.given.count) of them given, \(findingCount) findings"
    )
    return findingCount
  }

  private static let mostFindings = 5
}
