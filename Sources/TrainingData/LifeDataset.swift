package import PrognosticAssessment
import Yams

/// A set of run-to-failure files, as its descriptor `dataset.yaml` tells it.
package struct LifeDataset: Hashable, Sendable {
  /// What a column of the files holds.
  package enum Column: Hashable, Sendable {
    case unit
    case age
    /// Place in `fleet.settings`.
    case setting(Int)
    /// Place in `fleet.sensors`.
    case sensor(Int)
    case ignored
  }

  /// A kind of file: lives up to failure, lives cut off earlier.
  ///
  /// Splits of one name belong together: machines that failed in one file, those that still run in
  /// another.
  package struct Split: Hashable, Sendable {
    package var name: String
    /// The file's name, with `{subset}` where the subset goes.
    package var file: String
    package var ending: LifeRecord.Ending
  }

  package let fleet: FleetDescription
  package let subsets: [String]
  package let splits: [Split]
  package let columns: [Column]
  /// The file that tells it.
  package let descriptor: String

  /// Reads a descriptor.
  ///
  /// - Parameters:
  ///   - text: Its YAML.
  ///   - file: Its name, for messages.
  /// - Throws: The first problem, with its line.
  package init(parsing text: String, file: String) throws(TrainingDataError) {
    descriptor = file
    let reader = DescriptorReader(file: file)
    let root = try reader.root(of: text)
    var columns: [Column] = []
    var settings: [FleetDescription.Setting] = []
    var sensors: [String] = []
    var sensorUnits: [String] = []
    for node in try reader.list(root, "columns") {
      let role = try reader.text(node, "role")
      switch role {
      case "unit": columns.append(.unit)
      case "age": columns.append(.age)
      case "ignored": columns.append(.ignored)
      case "setting":
        columns.append(.setting(settings.count))
        settings.append(
          FleetDescription.Setting(
            name: try reader.text(node, "name"),
            tolerance: try reader.positiveNumber(node, "tolerance"),
            unit: reader.optionalText(node, "unit") ?? ""
          )
        )
      case "sensor":
        columns.append(.sensor(sensors.count))
        sensors.append(try reader.text(node, "name"))
        sensorUnits.append(reader.optionalText(node, "unit") ?? "")
      default:
        throw reader.problem(
          at: node,
          "role \(role) is not known; use unit, age, setting, sensor or ignored"
        )
      }
    }
    guard columns.count(where: { $0 == .unit }) == 1, columns.count(where: { $0 == .age }) == 1
    else { throw .descriptor(file: file, problem: "name one unit column and one age column") }
    guard !sensors.isEmpty else {
      throw .descriptor(file: file, problem: "name at least one sensor column")
    }
    // A machine's points are found by these names.
    for names in [settings.map(\.name), sensors] {
      guard let name = names.first(where: { name in names.count { $0 == name } > 1 }) else {
        continue
      }
      throw .descriptor(file: file, problem: "two columns are named \(name); name them apart")
    }
    self.columns = columns
    fleet = FleetDescription(
      name: try reader.text(root, "name"),
      ageUnit: try reader.text(root, "age unit"),
      horizon: try reader.positiveNumber(root, "horizon"),
      settings: settings,
      sensors: sensors,
      sensorUnits: sensorUnits
    )
    subsets = try reader.list(root, "subsets").map { node throws(TrainingDataError) in
      guard let name = node.scalar?.string else {
        throw reader.problem(at: node, "a subset is a name")
      }
      return name
    }
    splits = try reader.list(root, "splits").map { node throws(TrainingDataError) in
      let ends = try reader.text(node, "ends")
      guard ends == "failed" || ends == "running" else {
        throw reader.problem(at: node, "a split ends failed or running, not \(ends)")
      }
      return Split(
        name: try reader.text(node, "name"),
        file: try reader.text(node, "file"),
        ending: ends == "failed" ? .failed : .stillRunning
      )
    }
  }

  /// Reads the descriptor of a dataset.
  ///
  /// - Parameter place: The descriptor, its folder, or the name of a folder under `datasets/`.
  /// - Throws: Why there is none, or its first problem.
  package init(at place: String) throws(TrainingDataError) {
    var candidates = place.hasSuffix(".yaml") ? [place] : ["\(place)/dataset.yaml"]
    if !place.contains("/") { candidates.append("datasets/\(place)/dataset.yaml") }
    var failure = TrainingDataError.unreadable(file: place, reason: "no such dataset")
    for candidate in candidates {
      do throws(TrainingDataError) {
        let bytes = try readFile(candidate)
        self = try LifeDataset(parsing: String(decoding: bytes, as: UTF8.self), file: candidate)
        return
      } catch {
        guard case .unreadable = error else { throw error }
        failure = error
      }
    }
    throw failure
  }

  /// Where the lives of one split of one subset are, plain or compressed with gzip.
  package func files(
    subset: String,
    split: String,
    folder: String
  ) throws(TrainingDataError) -> [String] {
    try places(subset: subset, split: split, folder: folder).map(\.file)
  }

  /// The lives of one split of one subset, file after file.
  package func records(
    subset: String,
    split: String,
    folder: String
  ) throws(TrainingDataError) -> [LifeRecord] {
    var records: [LifeRecord] = []
    var fileOfUnit: [Int: String] = [:]
    for (split, file) in try places(subset: subset, split: split, folder: folder) {
      let bytes = try readFile(file)
      let lives = try LifeTextParser(dataset: self, ending: split.ending, file: file).parse(bytes)
      for unit in lives.map(\.unit) {
        if let other = fileOfUnit.updateValue(file, forKey: unit) {
          throw .unitTwice(unit, files: [other, file])
        }
      }
      records += lives
    }
    return records
  }

  private func places(
    subset: String,
    split name: String,
    folder: String
  ) throws(TrainingDataError) -> [(split: Split, file: String)] {
    guard subsets.contains(subset) else { throw .unknownSubset(subset, known: subsets) }
    let found = splits.filter { $0.name == name }
    guard !found.isEmpty else { throw .unknownSplit(name, known: splits.map(\.name)) }
    return found.map { split in
      let parts = split.file.split(separator: "{subset}", omittingEmptySubsequences: false)
      let path = "\(folder)/\(parts.joined(separator: subset))"
      let isCompressed = !fileExists(path) && fileExists("\(path).gz")
      return (split, isCompressed ? "\(path).gz" : path)
    }
  }
}

/// Takes typed values out of a descriptor, or says which line is wrong.
private struct DescriptorReader {
  let file: String

  func root(of text: String) throws(TrainingDataError) -> Node {
    do {
      if let node = try Yams.compose(yaml: text) { return node }
    } catch let error as YamlError {
      throw .descriptor(file: file, problem: "\(error)")
    } catch {
      throw .descriptor(file: file, problem: "\(error)")
    }
    throw .descriptor(file: file, problem: "the file is empty")
  }

  func problem(at node: Node, _ problem: String) -> TrainingDataError {
    .line(file: file, line: node.mark?.line ?? 1, problem: problem)
  }

  func list(_ node: Node, _ key: String) throws(TrainingDataError) -> [Node] {
    guard let sequence = node.mapping?[key]?.sequence else {
      throw problem(at: node, "a list `\(key)` is missing")
    }
    return Array(sequence)
  }

  func optionalText(_ node: Node, _ key: String) -> String? { node.mapping?[key]?.scalar?.string }

  func text(_ node: Node, _ key: String) throws(TrainingDataError) -> String {
    guard let text = optionalText(node, key) else {
      throw problem(at: node, "`\(key)` is missing")
    }
    return text
  }

  func positiveNumber(_ node: Node, _ key: String) throws(TrainingDataError) -> Float {
    let text = try text(node, key)
    guard let number = Float(text), number.isFinite, number > 0 else {
      throw problem(at: node, "`\(key)` must be a number above zero, not \(text)")
    }
    return number
  }
}
