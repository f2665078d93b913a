package import DataAcquisition

/// The reading of site files.
package enum SiteFile {
  /// The share of its time that a bus would be busy: 0 idle, 1 always; from the poll planner.
  package typealias BusLoad = (BusDefinition) -> Double

  /// A machine to read alone, as if the site had no other.
  package struct OneMachine: Hashable, Sendable {
    package var name: String
    /// The time between two rows of its recording, where that is known; rules follow from it.
    package var period: Duration?
    /// The same for columns that are filled in only some rows, by name.
    package var columnPeriods: [String: Duration]
    /// Stands in the place of `alerts: on delay`, to try another one; `nil` for what the file says.
    package var onDelay: Duration?

    package init(name: String, period: Duration?, columnPeriods: [String: Duration] = [:]) {
      self.name = name
      self.period = period
      self.columnPeriods = columnPeriods
    }
  }

  /// Reads a site file and the profiles that it names.
  ///
  /// - Parameters:
  ///   - path: The site file.
  ///   - profileDirectories: Folders that hold `<maker>/<model>.yaml`; the first one that has a
  ///     profile wins.
  ///   - busLoad: How busy a bus would be; `nil` leaves that unchecked.
  ///   - one: The only machine to read; `nil` for all.
  /// - Returns: The site, checked and resolved, with warnings and notes in `remarks`.
  /// - Throws: All problems of all files at once.
  package static func load(
    path: String,
    profileDirectories: [String],
    busLoad: BusLoad? = nil,
    one: OneMachine? = nil
  ) throws(ConfigurationProblems) -> Site {
    let text: String
    do throws(FileTrouble) {
      text = try fileText(path)
    } catch {
      throw ConfigurationProblems([
        Problem(
          file: path,
          position: nil,
          severity: .error,
          message: error.message,
          mend: error.mend
        )
      ])
    }
    return try parse(
      text,
      file: path,
      profiles: ProfileLibrary(directories: profileDirectories),
      busLoad: busLoad,
      one: one
    )
  }

  /// Reads the text of a site file.
  ///
  /// - Parameters:
  ///   - text: The whole file.
  ///   - file: Its path, for problems and for the paths in it, which are relative to it.
  ///   - profiles: Where profiles come from.
  ///   - busLoad: How busy a bus would be; `nil` leaves that unchecked.
  ///   - one: The only machine to read; `nil` for all.
  /// - Returns: The site, checked and resolved, with warnings and notes in `remarks`.
  /// - Throws: All problems of all files at once.
  package static func parse(
    _ text: String,
    file: String,
    profiles: ProfileLibrary,
    busLoad: BusLoad? = nil,
    one: OneMachine? = nil
  ) throws(ConfigurationProblems) -> Site {
    var reader = SiteReader(file: file, library: profiles, busLoad: busLoad, one: one)
    let site = reader.site(text)
    let problems = reader.orderedProblems
    guard var site, !reader.problems.hasErrors else { throw ConfigurationProblems(problems) }
    site.remarks = problems
    return site
  }
}
