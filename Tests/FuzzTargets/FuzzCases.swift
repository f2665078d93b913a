import Foundation
import ProcessSupport
import SignalProcessing

/// The inputs of a target in a fixed order: the corpus, the seeds, then changed ones without end.
package struct FuzzCases {
  private let target: FuzzTarget
  private let seed: UInt64
  /// Inputs that are tried as they are.
  package let given: [[UInt8]]

  /// - Parameters:
  ///   - target: Whose inputs.
  ///   - seed: What decides about changes.
  ///   - corpus: A folder with a folder of files for each target; missing ones are empty.
  /// - Throws: When a file cannot be read.
  package init(of target: FuzzTarget, seed: UInt64, corpus: String) throws {
    self.target = target
    self.seed = seed
    let folder = "\(corpus)/\(target.name)"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []
    given =
      try names.map { [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\($0)"))) }
      + target.seeds()
  }

  /// The input with this number.
  package subscript(index: Int) -> [UInt8] {
    if index < given.count { return given[index] }
    let generator = SeededGenerator(seed: seed &+ UInt64(index) &* 0xD1B5_4A32_D192_ED03)
    var mutator = Mutator(pool: given, words: target.words, generator: generator)
    let repairs = mutator.repairs()
    let bytes = mutator.next()
    return repairs ? target.repair(bytes) : bytes
  }
}

/// A file of the repository.
func repositoryBytes(_ path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(filePath: "\(packageFolder())/\(path)")))
}

func repositoryText(_ path: String) throws -> String {
  String(decoding: try repositoryBytes(path), as: UTF8.self)
}
