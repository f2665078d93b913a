import ConditionModel

/// Something that goes wrong in a simulated plant: what, where, when, and how fast.
///
/// Written as text: `pompe-3: bearing wear from 10 s over 60 s`, or for a part of the machine
/// `pompe-3/drive end/velocity rms z: stuck sensor from 30 s for 2 min`.
package struct Scenario: Hashable, Sendable, Codable {
  package var kind: Kind
  /// As in the site file.
  package var machine: String
  /// As in the site file; `nil` for the whole machine.
  package var location: String?
  /// As in the device's profile; `nil` for all points.
  package var point: String?
  /// Counted from the start of the simulation, in the plant's time.
  package var start: Duration
  /// How long it takes from nothing to fully developed.
  package var growth: Duration
  /// After how long, counted from `start`, it is mended; `nil` never.
  package var duration: Duration?

  package init(
    kind: Kind,
    machine: String,
    location: String? = nil,
    point: String? = nil,
    start: Duration = .zero,
    growth: Duration? = nil,
    duration: Duration? = nil
  ) {
    self.kind = kind
    self.machine = machine
    self.location = location
    self.point = point
    self.start = start
    self.growth = growth ?? kind.usualGrowth
    self.duration = duration
  }

  package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// A spall in a bearing: high-frequency acceleration first, then velocity, then temperature.
    case bearingWear = "bearing wear"
    /// A spall in one part of a bearing; what shows in single values is as for bearing wear.
    case outerRaceDefect = "outer race defect"
    case innerRaceDefect = "inner race defect"
    case rollingElementDefect = "rolling element defect"
    case cageDefect = "cage defect"
    /// Shafts out of line, and loose feet; seen in blocks of samples only.
    case misalignment
    case looseness
    /// Weight on one side of the rotor: velocity with the square of the speed, nothing else.
    case imbalance
    /// Differential pressure up, flow down.
    case filterClogging = "filter clogging"
    /// Pressure or level down; a compressor loads longer.
    case leak
    /// A fouled cooler: hotter at the same load.
    case overheating
    /// The value stays what it was.
    case stuckSensor = "stuck sensor"
    /// The device sends its code for "no valid reading".
    case unpluggedSensor = "unplugged sensor"
    /// The unit no longer answers.
    case silentUnit = "silent unit"
    /// The unit answers exception 2 when a point is asked for: the named one, else its first.
    case unreadableAddress = "unreadable address"
    /// The unit takes longer and longer, in the end 1.5 times as long as the agent waits.
    case slowAnswers = "slow answers"
    /// Every second answer of the unit is damaged on its way.
    case corruptedFrames = "corrupted frames"

    /// The fault of the machine that this is; `nil` for faults of sensors and buses.
    var machineFault: MachineFault.Kind? {
      switch self {
      case .bearingWear: .bearingWear
      case .outerRaceDefect: .outerRace
      case .innerRaceDefect: .innerRace
      case .rollingElementDefect: .rollingElement
      case .cageDefect: .cage
      case .misalignment: .misalignment
      case .looseness: .looseness
      case .imbalance: .imbalance
      case .filterClogging: .filterClogging
      case .leak: .leak
      case .overheating: .overheating
      default: nil
      }
    }

    var usualGrowth: Duration {
      machineFault == nil && self != .slowAnswers ? .zero : .seconds(60)
    }
  }

  /// How far it has come `elapsed` after the start of the simulation: 0 none … 1 fully developed.
  package func level(at elapsed: Duration) -> Double {
    guard elapsed >= start else { return 0 }
    if let duration, elapsed >= start + duration { return 0 }
    guard growth > .zero else { return 1 }
    return min(1, (elapsed - start).inSeconds / growth.inSeconds)
  }
}

// MARK: - Text

extension Scenario {
  /// Reads `text`, such as `pompe-3: bearing wear from 10 s over 60 s`.
  ///
  /// - Throws: What is not understood, with the words that would be.
  package init(parsing text: String) throws(ScenarioError) {
    guard let colon = text.firstIndex(of: ":") else {
      throw .malformed(text, reason: "between machine and fault stands a colon")
    }
    let place = Self.trimmed(text[..<colon]).split(
      separator: "/",
      maxSplits: 2,
      omittingEmptySubsequences: false
    ).map(Self.trimmed)
    guard place.allSatisfy({ !$0.isEmpty }), let machine = place.first else {
      throw .malformed(text, reason: "before the colon stands machine[/location[/point]]")
    }

    let words = text[text.index(after: colon)...].split { $0 == " " || $0 == "\t" }.map(String.init)
    let markers = ["from", "over", "for"]
    let faultWords = words.prefix { !markers.contains($0) }
    let fault = faultWords.joined(separator: " ").lowercased()
    guard let kind = Kind(rawValue: fault) else {
      throw .unknownFault(fault, in: text)
    }

    var times: [String: Duration] = [:]
    var index = faultWords.count
    while index < words.count {
      let marker = words[index]
      guard markers.contains(marker) else {
        throw .malformed(text, reason: "“\(marker)” is not one of: from, over, for")
      }
      guard times[marker] == nil else {
        throw .malformed(text, reason: "“\(marker)” stands there twice")
      }
      let rest = words[(index + 1)...].prefix { !markers.contains($0) }
      guard let duration = Self.duration(rest.joined()) else {
        throw .malformed(
          text,
          reason: "after “\(marker)” stands a time, such as 500 ms, 10 s, 5 min, 2 h or 30 d"
        )
      }
      times[marker] = duration
      index += 1 + rest.count
    }
    self.init(
      kind: kind,
      machine: machine,
      location: place.count > 1 ? place[1] : nil,
      point: place.count > 2 ? place[2] : nil,
      start: times["from"] ?? .zero,
      growth: times["over"],
      duration: times["for"]
    )
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    text.split(separator: " ").joined(separator: " ")
  }

  /// The duration that `text`, a number and its unit without space, names.
  private static func duration(_ text: String) -> Duration? {
    let number = text.prefix { $0.isNumber || $0 == "." }
    guard let value = Double(number), value.isFinite else { return nil }
    let secondsPerUnit: Double? =
      switch text.dropFirst(number.count) {
      case "ms": 0.001
      case "s": 1
      case "min": 60
      case "h": 3_600
      case "d": 86_400
      default: nil
      }
    // Nanoseconds of a century still fit.
    guard let secondsPerUnit, value * secondsPerUnit < 3.2e9 else { return nil }
    return Duration(inSeconds: value * secondsPerUnit)
  }
}

extension Scenario: CustomStringConvertible {
  /// The text that reads back as this scenario.
  package var description: String {
    let place = [machine, location, point].compactMap(\.self).joined(separator: "/")
    var text =
      "\(place): \(kind.rawValue) from \(Self.text(of: start)) over \(Self.text(of: growth))"
    if let duration { text += " for \(Self.text(of: duration))" }
    return text
  }

  private static func text(of duration: Duration) -> String {
    let milliseconds = duration.nanoseconds / 1_000_000
    return milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000) s" : "\(milliseconds) ms"
  }
}

/// Why a scenario cannot be played.
package enum ScenarioError: Error, Hashable, Sendable {
  case malformed(String, reason: String)
  case unknownFault(String, in: String)
  case unknownMachine(String, valid: [String])
  case unknownLocation(String, machine: String, valid: [String])
  case unknownPoint(String, location: String, valid: [String])
}

extension ScenarioError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .malformed(let text, let reason):
      "scenario “\(text)”: \(reason); write it like “pump-3: bearing wear from 10 s over 60 s”"
    case .unknownFault(let fault, let text):
      "scenario “\(text)”: “\(fault)” is not a fault; the faults are "
        + Scenario.Kind.allCases.map(\.rawValue).joined(separator: ", ")
    case .unknownMachine(let name, let valid):
      "no machine is named “\(name)”; the machines are \(valid.joined(separator: ", "))"
    case .unknownLocation(let name, let machine, let valid):
      "\(machine) has no location “\(name)”; its locations are \(valid.joined(separator: ", "))"
    case .unknownPoint(let name, let location, let valid):
      "\(location) has no point “\(name)”; its points are \(valid.joined(separator: ", "))"
    }
  }
}
