/// The device profiles at hand, by `maker/model`.
package struct ProfileLibrary: Sendable {
  private enum Origin: Sendable {
    case folders([String])
    case texts([String: String])
  }

  private var origin: Origin

  /// The profiles in folders such as `firmware-configs`; the first folder that has one wins.
  package init(directories: [String]) {
    origin = .folders(directories)
  }

  /// Profiles by name, with their texts.
  package init(texts: [String: String]) {
    origin = .texts(texts)
  }

  /// The names of all profiles, ordered.
  package var ids: [String] {
    switch origin {
    case .texts(let texts): texts.keys.sorted()
    case .folders(let folders):
      Set(
        folders.flatMap { folder in
          namesInFolder(folder).flatMap { maker in
            namesInFolder("\(folder)/\(maker)")
              .filter { $0.hasSuffix(".yaml") }
              .map { "\(maker)/\($0.dropLast(5))" }
          }
        }
      )
      .sorted()
    }
  }

  /// The file of a profile and what reading it gave; `nil` when there is none.
  func file(_ id: String) -> (name: String, content: Result<String, FileTrouble>)? {
    // Only what the folders list can be named: no path leads out of them.
    guard ids.contains(id) else { return nil }
    switch origin {
    case .texts(let texts):
      return texts[id].map { ("\(id).yaml", .success($0)) }
    case .folders(let folders):
      let paths = folders.map { "\($0)/\(id).yaml" }
      for path in paths {
        let content = Result { () throws(FileTrouble) in try fileText(path) }
        if case .failure(let trouble) = content, trouble.isMissingFile, path != paths.last {
          continue
        }
        return (path, content)
      }
      return nil
    }
  }

  /// Reads and checks one profile.
  ///
  /// - Parameter id: `maker/model`.
  /// - Returns: The profile and what was noticed about it.
  /// - Throws: All problems at once.
  package func profile(
    _ id: String
  ) throws(ConfigurationProblems) -> (document: DeviceProfileDocument, remarks: [Problem]) {
    guard let (name, content) = file(id) else {
      let mend = suggestion(for: id, in: ids, meaning: "profiles")
      throw ConfigurationProblems([
        Problem(
          file: id,
          position: nil,
          severity: .error,
          message: "there is no such profile",
          mend: mend
        )
      ])
    }
    switch content {
    case .success(let text): return try ProfileFile.parse(text, file: name, id: id)
    case .failure(let trouble):
      throw ConfigurationProblems([
        Problem(
          file: name,
          position: nil,
          severity: .error,
          message: trouble.message,
          mend: trouble.mend
        )
      ])
    }
  }
}
