package import ConditionModel
package import DataAcquisition

/// Raw registers of a device and what they must be read as.
///
/// The cases of a profile stand in `firmware-configs/<maker>/cases/<model>.yaml`.
package struct ProfileCase: Hashable, Sendable {
  package var name: String
  /// By table, the words that the device sends; every address that an expectation needs is there.
  package var words: [RegisterTable: [UInt16: UInt16]]
  package var expectations: [Expectation]

  /// What one point must read as.
  package struct Expectation: Hashable, Sendable {
    package var point: String
    /// In the point's unit; `nil` for faults.
    package var value: Double?
    package var quality: Quality
  }

  /// What a device would send for one point: the words from the first to the last that it needs.
  ///
  /// - Parameter point: A point of the profile.
  /// - Returns: The words in the order of their addresses, with an exponent register where the point
  ///   has one and 0 where the case says nothing between the two; `nil` when a word of the point or
  ///   its exponent is missing.
  package func block(of point: PointDefinition) -> (words: [UInt16], firstAddress: UInt16)? {
    var needed = (0..<point.width).map { Int(point.address) + $0 }
    if case .exponentRegister(let address) = point.scaling { needed.append(Int(address)) }
    let known = words[point.table] ?? [:]
    guard let first = needed.min(), let last = needed.max(), last <= Int(UInt16.max),
      needed.allSatisfy({ known[UInt16($0)] != nil })
    else { return nil }
    return ((first...last).map { known[UInt16($0)] ?? 0 }, UInt16(first))
  }

  /// Reads the text of a file of cases.
  ///
  /// - Parameters:
  ///   - text: The whole file.
  ///   - file: Its name, for problems.
  ///   - profile: Whose cases they must be.
  /// - Returns: The cases, in the order of the file.
  /// - Throws: All problems at once; also a point that the profile does not have, or an expectation
  ///   for which a word is missing.
  package static func parse(
    _ text: String,
    file: String,
    profile: DeviceProfile
  ) throws(ConfigurationProblems) -> [ProfileCase] {
    var problems = ProblemList()
    var cases: [ProfileCase] = []
    if let root = ShapeReader.read(text, file: file, shape: .cases, problems: &problems) {
      if let name = root["profile"], let id = name.text, id != profile.id {
        problems.error(
          file,
          name.position,
          "these are cases of '\(id)', not of '\(profile.id)'",
          "correct the name, or move the file"
        )
      }
      for entry in root["cases"]?.entries ?? [] {
        let one = ProfileCase(entry)
        one.check(entry, against: profile, file: file, problems: &problems)
        cases.append(one)
      }
    }
    guard !problems.hasErrors else {
      throw ConfigurationProblems(problems.ordered(files: [file]))
    }
    return cases
  }

  private init(_ entry: Located.Entry) {
    name = entry.key
    words = [:]
    for table in RegisterTable.allCases {
      for word in entry.value[table.rawValue]?.entries ?? [] {
        if let address = wholeNumber(word.key), let content = word.value.integer {
          words[table, default: [:]][UInt16(address)] = UInt16(content)
        }
      }
    }
    expectations = (entry.value["expect"]?.entries ?? []).map { expectation in
      let value = expectation.value
      if let fault = value.text.flatMap(Fault.init(rawValue:)) {
        return Expectation(point: expectation.key, value: nil, quality: .bad(fault))
      }
      if let doubt = value["doubt"]?.text.flatMap(Doubt.init(rawValue:)) {
        return Expectation(
          point: expectation.key,
          value: value["value"]?.number,
          quality: .uncertain(doubt)
        )
      }
      return Expectation(point: expectation.key, value: value.number, quality: .good)
    }
  }

  private func check(
    _ entry: Located.Entry,
    against profile: DeviceProfile,
    file: String,
    problems: inout ProblemList
  ) {
    for expectation in entry.value["expect"]?.entries ?? [] {
      guard let point = profile.points.first(where: { $0.name == expectation.key }) else {
        problems.error(
          file,
          expectation.keyPosition,
          "\(profile.id) has no point '\(expectation.key)'",
          suggestion(for: expectation.key, in: profile.points.map(\.name), meaning: "its points")
        )
        continue
      }
      if block(of: point) == nil {
        problems.error(
          file,
          expectation.keyPosition,
          "no raw word is given for all registers of '\(point.name)'",
          "add \(point.registers) under '\(point.table.rawValue)'"
        )
      }
    }
  }
}

extension PointDefinition {
  /// For messages: `address 2 to 3`, or `address 20 and the exponent 21`.
  fileprivate var registers: String {
    let last = Int(address) + width - 1
    let own = width == 1 ? "address \(address)" : "address \(address) to \(last)"
    guard case .exponentRegister(let exponent) = scaling else { return own }
    return "\(own) and the exponent \(exponent)"
  }
}
