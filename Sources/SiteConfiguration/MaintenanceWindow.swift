package import ConditionModel

extension MaintenanceWindow {
  private static let weekdays = [
    ["monday", "lundi"], ["tuesday", "mardi"], ["wednesday", "mercredi"], ["thursday", "jeudi"],
    ["friday", "vendredi"], ["saturday", "samedi"], ["sunday", "dimanche"],
  ]

  /// Reads `saturday 6 h` or `samedi 6:00`; `nil` for anything else.
  package init?(parsing text: String) {
    let words = text.lowercased().split { $0 == " " || $0 == "\u{A0}" }.map(String.init)
    guard (2...3).contains(words.count),
      let weekday = Self.weekdays.firstIndex(where: { $0.contains(words[0]) })
    else { return nil }
    var hour = words[1]
    if words.count == 3 {
      guard words[2] == "h" else { return nil }
    } else if hour.hasSuffix("h") {
      hour.removeLast()
    } else if hour.hasSuffix(":00") {
      hour.removeLast(3)
    }
    guard let hour = Int(hour), (0...23).contains(hour) else { return nil }
    self.init(weekday: weekday, hour: hour)
  }
}
