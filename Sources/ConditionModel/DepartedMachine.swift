/// A machine that is no longer in the site file: what others remember of it has to end.
///
/// The core knows nothing of it any more, so everything is said in names.
package struct DepartedMachine: Hashable, Sendable, Codable {
  package var name: String
  /// When its absence was noticed.
  package var timestamp: Timestamp
  /// Its alerts that were open, oldest first; they end now.
  package var alerts: [Alert]

  package init(name: String, timestamp: Timestamp, alerts: [Alert]) {
    self.name = name
    self.timestamp = timestamp
    self.alerts = alerts
  }

  package struct Alert: Hashable, Sendable, Codable {
    package var id: UInt64
    package var location: String
    package var findingClass: FindingClass
    package var priority: Advisory.Priority
    package var since: Timestamp
    package var isAcknowledged: Bool
    /// What people read about it; `nil` for one that was stored without words.
    package var text: AdvisoryText?

    package init(
      id: UInt64,
      location: String,
      findingClass: FindingClass,
      priority: Advisory.Priority,
      since: Timestamp,
      isAcknowledged: Bool,
      text: AdvisoryText?
    ) {
      self.id = id
      self.location = location
      self.findingClass = findingClass
      self.priority = priority
      self.since = since
      self.isAcknowledged = isAcknowledged
      self.text = text
    }
  }
}
