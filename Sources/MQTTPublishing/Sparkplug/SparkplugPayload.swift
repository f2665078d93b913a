package import ConditionModel

/// What a Sparkplug B message says.
///
/// Field numbers, types and their carriers are those of the Sparkplug specification 3.0, chapter 6;
/// only what an edge node without data sets and templates needs is here.
package struct SparkplugPayload: Hashable, Sendable {
  /// When it was sent.
  package var timestamp: Timestamp?
  package var metrics: [SparkplugMetric]
  /// The number of the message in its session, 0…255; deaths of nodes and commands have none.
  package var sequence: UInt8?

  package init(timestamp: Timestamp?, metrics: [SparkplugMetric] = [], sequence: UInt8? = nil) {
    self.timestamp = timestamp
    self.metrics = metrics
    self.sequence = sequence
  }
}

/// One value with its name, or with the alias that the birth gave it.
package struct SparkplugMetric: Hashable, Sendable {
  package var name: String?
  package var alias: UInt64?
  /// When the value was acquired.
  package var timestamp: Timestamp?
  /// Told in births only: what `value` cannot tell when it is null.
  package var dataType: DataType?
  /// Not the current value: it must not move the live tag.
  package var isHistorical: Bool
  /// `nil` says that there is none.
  package var value: Value?
  package var properties: [Property]

  package init(
    name: String? = nil,
    alias: UInt64? = nil,
    timestamp: Timestamp? = nil,
    dataType: DataType? = nil,
    isHistorical: Bool = false,
    value: Value?,
    properties: [Property] = []
  ) {
    self.name = name
    self.alias = alias
    self.timestamp = timestamp
    self.dataType = dataType
    self.isHistorical = isHistorical
    self.value = value
    self.properties = properties
  }

  /// The codes of the types that are used here.
  package enum DataType: UInt32, Hashable, Sendable {
    case int32 = 3
    case int64 = 4
    case double = 10
    case boolean = 11
    case string = 12
  }

  package enum Value: Hashable, Sendable {
    case int32(Int32)
    case int64(Int64)
    case double(Double)
    case boolean(Bool)
    case string(String)

    package var dataType: DataType {
      switch self {
      case .int32: .int32
      case .int64: .int64
      case .double: .double
      case .boolean: .boolean
      case .string: .string
      }
    }
  }

  /// Something about the value, such as its unit or its quality.
  package struct Property: Hashable, Sendable {
    package var key: String
    package var value: Value

    package init(_ key: String, _ value: Value) {
      self.key = key
      self.value = value
    }
  }
}

extension Timestamp {
  /// As Sparkplug counts: milliseconds since 1970 UTC; 0 for anything before.
  var sparkplugMilliseconds: UInt64 { UInt64(max(0, nanoseconds / 1_000_000)) }

  init(sparkplugMilliseconds milliseconds: UInt64) {
    let (product, isTooLate) = Int64(clamping: milliseconds)
      .multipliedReportingOverflow(by: 1_000_000)
    self.init(nanoseconds: isTooLate ? .max : product)
  }
}
