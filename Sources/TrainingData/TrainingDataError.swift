/// Why run-to-failure data cannot be read or written: which file, what happened, what to try.
package enum TrainingDataError: Error, Equatable {
  case unreadable(file: String, reason: String)
  case unwritable(file: String, reason: String)
  /// A line of a data file or descriptor is not as it should be.
  case line(file: String, line: Int, problem: String)
  case descriptor(file: String, problem: String)
  case unknownSubset(String, known: [String])
  case unknownSplit(String, known: [String])
  case empty(file: String)
  case unitTwice(Int, files: [String])
}

extension TrainingDataError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "\(file): cannot be read (\(reason)); check the folder and the name"
    case .unwritable(let file, let reason):
      "\(file): cannot be written (\(reason)); check the folder and its permissions"
    case .line(let file, let line, let problem):
      "\(file):\(line): \(problem)"
    case .descriptor(let file, let problem):
      "\(file): \(problem)"
    case .unknownSubset(let subset, let known):
      "the dataset has no subset \(subset); it has \(known.joined(separator: ", "))"
    case .unknownSplit(let split, let known):
      "the dataset has no split \(split); it has \(known.joined(separator: ", "))"
    case .empty(let file):
      "\(file): holds no row; fetch it again"
    case .unitTwice(let unit, let files):
      "unit \(unit) is in \(files.joined(separator: " and in ")); give each machine a number of its own"
    }
  }
}
