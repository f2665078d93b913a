package import ConditionModel

// Single words, times and lists, for alerts and for whoever shows values to people.
extension Wording {
  package func word(for kind: MachineKind) -> String { catalogue.text("kind.\(kind.rawValue)") }
  package func word(for quantity: Quantity) -> String {
    catalogue.text("quantity.\(quantity.rawValue)")
  }
  package func word(for fault: Fault) -> String { catalogue.text("fault.\(fault.rawValue)") }
  package func word(for doubt: Doubt) -> String { catalogue.text("doubt.\(doubt.rawValue)") }
  package func word(for state: ConditionState) -> String { catalogue.text("state.\(state.word)") }
  package func word(for priority: Advisory.Priority) -> String {
    catalogue.text("priority.\(priority.word)")
  }
  package func word(forMode mode: String) -> String { catalogue.text("mode.\(mode)") }

  /// A place on a machine: well-known ones in this language, others as the site file names them.
  package func place(_ location: String) -> String {
    let name = location.lowercased()
    return Self.places.contains(name) ? catalogue.text("place.\(name)") : location
  }

  /// What a channel measures, as short as is clear at its place: `temperature`, `velocity, axis z`.
  package func label(_ channel: Channel, in plant: Plant) -> String {
    let quantity = word(for: channel.quantity)
    if let axis = channel.axis {
      return catalogue.text("label.axis", ["quantity": quantity, "axis": axis.rawValue])
    }
    let isAlone = !plant.channels.contains {
      $0.id != channel.id && $0.asset == channel.asset && $0.location == channel.location
        && $0.quantity == channel.quantity
    }
    if isAlone && channel.quantity != .other { return quantity }
    return catalogue.text("label.point", ["quantity": quantity, "point": channel.point])
  }

  /// Quantities with their places, where these are others than the one spoken of.
  func list(_ channels: [ChannelID], besides location: String, in plant: Plant) -> String {
    let words = channels.map { id in
      let channel = plant[id]
      let quantity = word(for: channel.quantity)
      guard channel.location != location else { return quantity }
      return catalogue.text(
        "label.point",
        ["quantity": quantity, "point": place(channel.location)]
      )
    }
    return words.joined(separator: ", ")
  }

  /// A moment on the clock of the site; with its year when the advisory's latest change was in another.
  func time(_ moment: Timestamp, _ advisory: Advisory, _ clock: LocalTimeTable) -> String {
    let local = CivilTime(moment, offset: clock.offset(at: moment))
    let now = CivilTime(advisory.timestamp, offset: clock.offset(at: advisory.timestamp))
    return catalogue.text(
      local.year == now.year ? "time" : "time.year",
      [
        "weekday": catalogue.text("weekday.\(local.weekday)"),
        "day": local.day == 1 ? catalogue.text("day.first") : String(local.day),
        "month": catalogue.text("month.\(local.month)"),
        "year": String(local.year),
        "hour": String(local.hour),
        "minute": local.minute.padded(2),
      ]
    )
  }

  /// The largest unit that leaves at least two of it: `90 min`, `36 h`.
  func duration(_ duration: Duration) -> String {
    let seconds = Int(duration.components.seconds)
    return switch seconds {
    case ..<120: catalogue.text("duration.seconds", ["count": String(seconds)])
    case ..<7_200: catalogue.text("duration.minutes", ["count": String(seconds / 60)])
    case ..<172_800: catalogue.text("duration.hours", ["count": String(seconds / 3_600)])
    default: catalogue.text("duration.days", ["count": String(seconds / 86_400)])
    }
  }

  /// A text that counts, in the plural form of the language.
  func counted(_ key: String, _ count: Int) -> String {
    let isSingular = language == .french ? count < 2 : count == 1
    return catalogue.text("\(key).\(isSingular ? "one" : "other")", ["count": String(count)])
  }

  /// The name of a standard with its words in this language; numbers and letters stay.
  func standardName(_ name: String) -> String {
    name.split(separator: " ")
      .map { part in
        let isFollowed = part.last == ","
        let word = isFollowed ? part.dropLast() : part
        guard Self.standardWords.contains(String(word)) else { return String(part) }
        return catalogue.text("standard.\(word)") + (isFollowed ? "," : "")
      }
      .joined(separator: " ")
  }

  static let places = ["drive end", "non-drive end", "motor supply", "discharge", "suction"]
  static let standardWords = [
    "category", "class", "fans", "flexible", "group", "piston", "compressors", "pumps", "rigid",
  ]

  /// Every key that the code asks for, save those of failure modes (`mode.…`, `check.mode.…`).
  package static var keys: [String] {
    let fixed = [
      "time", "time.year", "day.first", "duration.seconds", "duration.minutes", "duration.hours",
      "duration.days", "title", "title.cleared", "what.zone", "what.stuck", "what.clipped",
      "what.no-reading", "what.silent", "since", "lasted", "departed", "value.zone", "value.stuck",
      "value.no-reading", "value.silent.one", "value.silent.other", "more.one", "more.other",
      "elsewhere", "unmoved", "cause.one", "cause.other", "standard-note", "limit-note",
      "sensor-note", "communication-note", "blind-note", "checks", "label.axis", "label.point",
      "check.machine", "check.stuck", "check.clipped", "what.drifting", "what.shifted",
      "what.noisy", "what.spiking", "what.swapped", "value.unusual", "value.drifting",
      "value.shifted", "value.noisy", "value.spiking", "value.swapped", "learned-note",
      "check.drifting", "check.shifted", "check.noisy", "check.swapped",
    ]
    let sides = Finding.Side.allCases.flatMap { side in
      let side = side.rawValue
      return [
        "what.\(side).alert", "what.\(side).alarm", "value.\(side).alert", "value.\(side).alarm",
        "value.clipped.\(side)", "extreme.\(side)", "ended.\(side)", "what.unusual.\(side)",
      ]
    }
    let calendar = (0..<7).map { "weekday.\($0)" } + (1...12).map { "month.\($0)" } + lifeKeys
    let names =
      places.map { "place.\($0)" } + standardWords.map { "standard.\($0)" }
      + Quantity.allCases.map { "quantity.\($0.rawValue)" }
      + MachineKind.allCases.map { "kind.\($0.rawValue)" }
      + ConditionState.allCases.map { "state.\($0.word)" }
      + Advisory.Priority.allCases.map { "priority.\($0.word)" }
      + Fault.allCases.flatMap { ["fault.\($0.rawValue)", "check.fault.\($0.rawValue)"] }
      + Doubt.allCases.map { "doubt.\($0.rawValue)" }
    return fixed + sides + calendar + names + patternKeys
  }
}
