import ConditionModel

/// What is known about a machine beside its channels, as tags for a SCADA.
struct MachineTags: Sendable {
  private var health: HealthReport?
  private var prognosis: Prognosis?
  /// The open alerts, in the order of their numbers.
  private var alerts: [Advisory] = []
  private var alertsChanged: Timestamp?

  /// The tags of a machine; the raw value is part of the alias.
  enum Tag: UInt64, CaseIterable {
    case grade, state, isRunning, coverage
    case openAlerts, severity, unacknowledged, title
    case outlook, lifeP10, lifeP50, lifeP90, lifeBasis

    var name: String {
      switch self {
      case .grade: "Health/Grade"
      case .state: "Health/State"
      case .isRunning: "Health/Running"
      case .coverage: "Health/Coverage"
      case .openAlerts: "Alerts/Open"
      case .severity: "Alerts/Severity"
      case .unacknowledged: "Alerts/Unacknowledged"
      case .title: "Alerts/Title"
      case .outlook: "Remaining Life/Outlook"
      case .lifeP10: "Remaining Life/P10"
      case .lifeP50: "Remaining Life/P50"
      case .lifeP90: "Remaining Life/P90"
      case .lifeBasis: "Remaining Life/Basis"
      }
    }

    var dataType: SparkplugMetric.DataType {
      switch self {
      case .grade, .coverage, .lifeP10, .lifeP50, .lifeP90: .double
      case .state, .title, .outlook, .lifeBasis: .string
      case .isRunning: .boolean
      case .openAlerts, .severity, .unacknowledged: .int32
      }
    }

    /// Unit and ends of the range, as far as there are any.
    var properties: [SparkplugMetric.Property] {
      switch self {
      case .grade, .coverage:
        [.init("engUnit", .string("1")), .init("engLow", .double(0)), .init("engHigh", .double(1))]
      case .severity: [.init("engLow", .int32(0)), .init("engHigh", .int32(3))]
      case .lifeP10, .lifeP50, .lifeP90: [.init("engUnit", .string("h"))]
      default: []
      }
    }
  }

  /// Tags that change together.
  enum Group: CaseIterable {
    case health, alerts, life

    var tags: ClosedRange<UInt64> {
      switch self {
      case .health: Tag.grade.rawValue...Tag.coverage.rawValue
      case .alerts: Tag.openAlerts.rawValue...Tag.title.rawValue
      case .life: Tag.outlook.rawValue...Tag.lifeBasis.rawValue
      }
    }
  }

  /// Takes what the core said; `nil` when no tag depends on it.
  mutating func take(_ content: PipelineOutput.Content) -> Group? {
    switch content {
    case .features, .state: return nil
    case .health(let report):
      health = report
      return .health
    case .prognosis(let estimate):
      prognosis = estimate
      return .life
    case .advisory(let advisory):
      alerts.removeAll { $0.id == advisory.id }
      if advisory.phase != .cleared {
        alerts.insert(advisory, at: alerts.firstIndex { $0.id > advisory.id } ?? alerts.endIndex)
      }
      alertsChanged = advisory.timestamp
      return .alerts
    }
  }

  /// Since when the tags of a group are as they are; `nil` before anything was said.
  func timestamp(of group: Group) -> Timestamp? {
    switch group {
    case .health: health?.timestamp
    case .alerts: alertsChanged
    case .life: prognosis?.timestamp
    }
  }

  /// The value of a tag; `nil` where there is none.
  func value(
    of tag: Tag,
    wording: (Advisory) -> AdvisoryText
  ) -> SparkplugMetric.Value? {
    switch tag {
    case .grade: health.map { .double($0.grade) }
    case .state: health.map { .string($0.state.word) }
    case .isRunning: health?.isRunning.map { .boolean($0) }
    case .coverage: health.map { .double($0.coverage) }
    case .openAlerts: .int32(Int32(alerts.count { $0.shelvedUntil == nil }))
    case .severity: .int32(Int32(worst.map { $0.priority.rawValue + 1 } ?? 0))
    case .unacknowledged: .int32(Int32(alerts.count { !$0.isAcknowledged }))
    case .title: .string(worst.map { wording($0).title } ?? "")
    case .outlook:
      switch prognosis?.outlook {
      case nil: nil
      case .noTrend(let reason): .string("no trend: \(reason.rawValue)")
      case .remainingLife: .string("remaining life")
      }
    case .lifeP10: life.map { .double($0.operatingHours.p10) }
    case .lifeP50: life.map { .double($0.operatingHours.p50) }
    case .lifeP90: life.map { .double($0.operatingHours.p90) }
    case .lifeBasis: life.map { .string($0.basis.rawValue) }
    }
  }

  /// The most urgent open alert that is not shelved, the oldest of several.
  private var worst: Advisory? {
    alerts.lazy.filter { $0.shelvedUntil == nil }.max {
      ($0.priority, $1.id) < ($1.priority, $0.id)
    }
  }

  private var life: RemainingLife? {
    if case .remainingLife(let life) = prognosis?.outlook { life } else { nil }
  }
}
