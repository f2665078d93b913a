import DataAcquisition

/// The reading of profile files.
package enum ProfileFile {
  /// Reads the text of a profile.
  ///
  /// - Parameters:
  ///   - text: The whole file.
  ///   - file: Its name, for problems.
  ///   - id: `maker/model`, as site files will name it.
  /// - Returns: The profile and what was noticed about it.
  /// - Throws: All problems at once.
  package static func parse(
    _ text: String,
    file: String,
    id: String
  ) throws(ConfigurationProblems) -> (document: DeviceProfileDocument, remarks: [Problem]) {
    var problems = ProblemList()
    let document = read(text, file: file, id: id, problems: &problems)
    let ordered = problems.ordered(files: [file])
    guard let document, !problems.hasErrors else { throw ConfigurationProblems(ordered) }
    return (document, ordered)
  }

  static func read(
    _ text: String,
    file: String,
    id: String,
    problems: inout ProblemList
  ) -> DeviceProfileDocument? {
    guard
      let record = ShapeReader.read(text, file: file, shape: .profile, problems: &problems)
    else { return nil }
    var reader = RegisterMapReader(file: file, problems: problems)
    let profile = reader.map(record, id: id)
    problems = reader.problems
    guard let maker = record["maker"]?.text, let model = record["model"]?.text,
      let revision = record["revision"]?.integer,
      let status = record["status"]?.text.flatMap(ProfileStatus.init(rawValue:))
    else { return nil }
    return DeviceProfileDocument(
      profile: profile,
      maker: maker,
      model: model,
      kind: record["kind"]?.text,
      revision: revision,
      status: status,
      sources: (record["sources"]?.list ?? []).compactMap(source),
      notes: record["notes"]?.text,
      serial: record["serial"].flatMap(serial),
      unitNumber: record["unit number"]?.integer.map { UInt8($0) }
    )
  }

  private static func source(_ record: Located) -> ProfileSource? {
    guard let title = record["title"]?.text, let confidence = record["confidence"]?.text else {
      return nil
    }
    return ProfileSource(
      title: title,
      document: record["document"]?.text,
      revision: record["revision"]?.text,
      page: record["page"]?.text,
      url: record["url"]?.text,
      confidence: confidence
    )
  }

  private static func serial(_ record: Located) -> SerialDefaults? {
    guard let baud = record["baud"]?.integer, let stopBits = record["stop bits"]?.integer,
      let parity = record["parity"]?.text.flatMap(SerialLine.Parity.init(rawValue:))
    else { return nil }
    return SerialDefaults(
      baud: baud,
      parity: parity,
      stopBits: stopBits,
      bauds: record["bauds"]?.list?.compactMap(\.integer) ?? []
    )
  }
}
