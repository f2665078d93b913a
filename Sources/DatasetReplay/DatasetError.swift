/// Why a dataset cannot be read, with the place and what to do.
package struct DatasetError: Error, Hashable, Sendable, CustomStringConvertible {
  package var path: String
  /// Counted from 1; `nil` for the file as a whole.
  package var line: Int?
  package var problem: String

  package var description: String {
    let place = line.map { "\(path):\($0)" } ?? path
    return "\(place): \(problem)"
  }
}
