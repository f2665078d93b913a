#if GUIDED_FUZZING
import Foundation
import FuzzTargets
import Glibc

// The fuzzer of LLVM (libFuzzer), which comes with the compiler: `-sanitize=fuzzer` links it.

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ examine: @convention(c) (UnsafePointer<UInt8>, Int) -> Int32
) -> Int32

@_silgen_name("LLVMFuzzerMutate")
private func mutate(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int) -> Int

/// The target at hand: the fuzzer's functions take none.
nonisolated(unsafe) private var guided: FuzzTarget?

/// Changes an input as the fuzzer would, and half of the time makes its checksums fit.
@_cdecl("LLVMFuzzerCustomMutator")
func mutateGuided(
  _ bytes: UnsafeMutablePointer<UInt8>,
  _ count: Int,
  _ limit: Int,
  _ seed: UInt32
) -> Int {
  let changed = mutate(bytes, count, limit)
  guard seed % 2 == 0, let guided else { return changed }
  let repaired = guided.repair(Array(UnsafeBufferPointer(start: bytes, count: changed)))
  let length = min(repaired.count, limit)
  for place in 0..<length { bytes[place] = repaired[place] }
  return length
}

extension FuzzCommand {
  /// Tries inputs of one target until the time is over or something is found.
  func runGuided(_ target: FuzzTarget) throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "vigie-fuzz-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let given = try FuzzCases(of: target, seed: seed, corpus: corpus).given
    for (index, bytes) in given.enumerated() {
      try Data(bytes).write(to: folder.appending(path: "given-\(index)"))
    }
    let words = folder.appendingPathExtension("words")
    try target.words
      .map { "\"" + $0.utf8.map { String(format: "\\x%02x", $0) }.joined() + "\"" }
      .joined(separator: "\n").write(to: words, atomically: true, encoding: .utf8)
    guided = target
    var options = [
      "vigie-bench", folder.path, "-seed=\(seed)", "-len_control=20",
      "-max_total_time=\(Int(minutes * 60))", "-timeout=10", "-rss_limit_mb=4096",
      "-max_len=\(Mutator.longest)", "-artifact_prefix=\(findings)/\(target.name)-",
      "-print_final_stats=1", "-verbosity=1",
    ]
    // An empty list is an error to the fuzzer.
    if !target.words.isEmpty { options.append("-dict=\(words.path)") }
    var arguments: [UnsafeMutablePointer<CChar>?] = options.map { (text: String) in strdup(text) }
    var count = Int32(arguments.count)
    arguments.append(nil)
    let code = arguments.withUnsafeMutableBufferPointer { buffer in
      guard var base = buffer.baseAddress else { return Int32(2) }
      return runDriver(&count, &base) { bytes, count in
        do {
          try guided?.attempt(Array(UnsafeBufferPointer(start: bytes, count: count)))
        } catch {
          fatalError("\(error)")
        }
        return 0
      }
    }
    exit(code)
  }
}
#endif
