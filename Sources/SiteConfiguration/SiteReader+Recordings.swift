package import ConditionModel

/// A machine whose values come from a recording instead of devices.
package struct MachineRecording: Hashable, Sendable {
  package var asset: AssetID
  /// As in the site file; relative to the folder that is named when it is replayed.
  package var file: String
  /// The usual time between two rows; `nil` where only the recording itself tells.
  package var period: Duration?
  package var columns: [Column]

  package init(asset: AssetID, file: String, period: Duration?, columns: [Column]) {
    self.asset = asset
    self.file = file
    self.period = period
    self.columns = columns
  }

  /// Where the file is when `folder` is replayed.
  package func path(in folder: String) -> String {
    file.hasPrefix("/") ? file : "\(folder)/\(file)"
  }

  /// Where the values of a channel stand.
  package struct Column: Hashable, Sendable {
    package var channel: ChannelID
    package var name: String

    package init(channel: ChannelID, name: String) {
      self.channel = channel
      self.name = name
    }
  }
}

extension SiteReader {
  mutating func readRecording(_ entry: Located.Entry, on asset: Asset) {
    let record = entry.value
    let every = record["every"]?.baseValue.map { Duration(inSeconds: $0) }
    let period = one?.period ?? every
    var columns: [MachineRecording.Column] = []
    var names: [String: String] = [:]
    for point in record["points"]?.entries ?? [] where channels.count <= Int(UInt16.max) {
      let column = point.value["column"]
      let name = column?.text ?? point.key
      if let other = names.updateValue(point.key, forKey: name) {
        error(
          column?.position ?? point.keyPosition,
          "the column '\(name)' belongs to '\(other)' already",
          "give each point a column of its own"
        )
      }
      let channel = recordedChannel(point, on: asset)
      columns.append(MachineRecording.Column(channel: channel.id, name: name))
      let resolution = point.value["resolution"].flatMap { value in
        number(value, in: channel.unit, isSpan: true)
      }
      if let resolution, resolution <= 0, let value = point.value["resolution"] {
        error(value.position, "a resolution is above 0", "leave it out where it is not known")
      }
      let range = point.value["range"].flatMap { measuringRange($0, in: channel.unit) }
      channels.append(channel)
      sources.append(
        ChannelSource(
          quantity: channel.quantity,
          isMeasure: true,
          step: resolution,
          resolution: resolution,
          range: range,
          period: max(period ?? .seconds(1), one?.columnPeriods[name] ?? .zero),
          isRecorded: true
        )
      )
    }
    deviceCount += 1
    recordings.append(
      MachineRecording(
        asset: asset.id,
        file: record["recording"]?.text ?? "",
        period: period,
        columns: columns
      )
    )
    if let period { longestTick = max(longestTick, period * 3) }
  }

  private mutating func recordedChannel(_ point: Located.Entry, on asset: Asset) -> Channel {
    let unit = unitCode(point.value["unit"])
    let slash = point.key.lastIndex(of: "/")
    return Channel(
      id: ChannelID(index: UInt16(truncatingIfNeeded: channels.count)),
      asset: asset.id,
      location: slash.map { String(point.key[..<$0]) } ?? point.key,
      point: slash.map { String(point.key[point.key.index(after: $0)...]) } ?? point.key,
      unit: unit,
      quantity: quantity(point.value["quantity"], unit: unit),
      axis: point.value["axis"]?.text.flatMap(Axis.init(rawValue:)),
      device: deviceCount
    )
  }

  /// What a recorded machine is: a word of the site file, or one that people use for it.
  mutating func recordedKind(_ value: Located?) -> MachineKind {
    guard let value, let text = value.text else { return .other }
    if let kind = MachineKind(looselyNamed: text) { return kind }
    let known = MachineKind.allCases.map(\.rawValue)
    problems.add(
      .warning,
      file,
      value.position,
      "'\(text)' is no kind of machine that is known; it is watched as a 'machine'",
      suggestion(for: text, in: known, meaning: "known are")
    )
    return .other
  }

  private mutating func unitCode(_ value: Located?) -> String {
    guard let value, let text = value.text, text != "-", text != "none" else { return "1" }
    if let unit = Unit.spelled(text) { return unit.code }
    problems.add(
      .warning,
      file,
      value.position,
      "the unit '\(text)' is not known: values are shown with it and compared with bare numbers",
      suggestion(for: text, in: Unit.all.map(\.shown), meaning: "known are")
    )
    // A unit that UCUM does not have stands in braces.
    return "{\(text)}"
  }

  private mutating func quantity(_ value: Located?, unit: String) -> Quantity {
    let byUnit = Unit.code(unit).flatMap { Quantity(usuallyIn: $0) } ?? .other
    guard let value, let text = value.text else { return byUnit }
    if let quantity = Quantity(looselyNamed: text) { return quantity }
    problems.add(
      .warning,
      file,
      value.position,
      "'\(text)' is no quantity that is known; by its unit it is taken as '\(byUnit.rawValue)'",
      suggestion(for: text, in: Quantity.allCases.map(\.rawValue), meaning: "known are")
    )
    return byUnit
  }

  // MARK: - Numbers in the unit of a point

  private mutating func measuringRange(_ value: Located, in unit: String) -> ClosedRange<Double>? {
    var ends: [Double] = []
    if let list = value.list {
      ends = list.compactMap { number($0, in: unit) }
    } else if let text = value.text {
      ends = self.ends(text).compactMap { measure in
        number(measure, in: unit, at: value.position)
      }
    } else {
      ends = ["from", "to"].compactMap { value[$0] }.compactMap { number($0, in: unit) }
    }
    guard ends.count == 2, ends[0] < ends[1] else {
      error(
        value.position,
        "a measuring range has a low and a higher end",
        "write for example 'range: [0, 150]'"
      )
      return nil
    }
    return ends[0]...ends[1]
  }

  /// The two ends of `0 .. 150 °C`.
  private func ends(_ text: String) -> [Measure] {
    let separators = ["...", "..", "…", " to ", " à ", "–", " - "]
    guard let separator = separators.first(where: { text.contains($0) }),
      let place = text.firstRange(of: separator)
    else { return [] }
    let parts = [text[..<place.lowerBound], text[place.upperBound...]].map { part in
      NumberAndRest(String(part.drop { $0 == " " }))
    }
    let words = parts.map { $0.rest.filter { $0 != " " } }
    return zip(parts, words).compactMap { part, word in
      // `0 .. 150 °C` has the unit of both ends behind the second.
      let unit = Unit.spelled(word.isEmpty ? (words.last ?? "") : word) ?? Unit.spelled("1")
      guard let number = part.number, let unit else { return nil }
      return Measure(value: number, unit: unit)
    }
  }

  private mutating func number(
    _ value: Located,
    in unit: String,
    isSpan: Bool = false
  ) -> Double? {
    value.measure.flatMap { number($0, in: unit, at: value.position, isSpan: isSpan) }
  }

  private mutating func number(
    _ measure: Measure,
    in code: String,
    at position: Position,
    isSpan: Bool = false
  ) -> Double? {
    if measure.unit.code == "1" { return measure.value }
    guard let unit = Unit.code(code), unit.dimension == measure.unit.dimension else {
      error(
        position,
        "'\(measure.shown)' is not in the unit of the point, '\(Unit.code(code)?.shown ?? code)'",
        "write the bare number in the point's unit"
      )
      return nil
    }
    return measure.converted(to: unit, isSpan: isSpan)
  }
}
