import ConditionModel
import Yams

/// The windows of a label file: for each file of the dataset its first and last moments.
struct LabelledWindows {
  private let path: String
  private let format: TimeFormat
  private let files: Node.Mapping

  /// Reads a label file.
  ///
  /// - Parameters:
  ///   - path: A JSON object of file names with lists of pairs.
  ///   - format: How moments are written in it.
  /// - Throws: If it cannot be read.
  init(path: String, format: TimeFormat) throws(DatasetError) {
    self.path = path
    self.format = format
    let text = try DatasetEvaluation.text(of: path)
    // JSON is YAML.
    guard let root = try? compose(yaml: text), let mapping = root.mapping else {
      throw DatasetError(path: path, problem: "holds no object of file names with windows")
    }
    files = mapping
  }

  /// The windows of a file as rows.
  ///
  /// - Parameter file: The file, replayed.
  /// - Returns: `nil` for a file that the labels do not mention.
  /// - Throws: For a moment that no row of the file has.
  func rows(in file: ReplayedFile) throws(DatasetError) -> [ClosedRange<Int>]? {
    guard let windows = files[Node(file.name)]?.sequence else { return nil }
    // Of doubled moments, the first row counts.
    let rows = Dictionary(zip(file.seconds, 0...), uniquingKeysWith: min)
    var found: [ClosedRange<Int>] = []
    for window in windows {
      let moments = (window.sequence ?? []).map { node in
        node.string.flatMap { format.moment(Array($0.utf8)) }
      }
      guard moments.count == 2, let start = moments[0], let end = moments[1], start <= end,
        let first = rows[Double(start.nanoseconds) / 1e9],
        let last = rows[Double(end.nanoseconds) / 1e9]
      else {
        throw DatasetError(
          path: path,
          line: window.mark?.line,
          problem: "the window does not begin and end at rows of \(file.name)"
        )
      }
      guard first <= last else {
        throw DatasetError(
          path: path,
          line: window.mark?.line,
          problem: "the window ends before it begins in \(file.name),"
            + " whose rows are not in order of time; sort them"
        )
      }
      found.append(first...last)
    }
    return found
  }
}
