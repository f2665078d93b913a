package import DataAcquisition

/// A profile file: the register map with what people need to know about it.
package struct DeviceProfileDocument: Hashable, Sendable {
  package var profile: DeviceProfile
  package var maker: String
  package var model: String
  /// What the device is, in a few words: `power meter`.
  package var kind: String?
  package var revision: Int
  package var status: ProfileStatus
  package var sources: [ProfileSource]
  package var notes: String?
  /// How the device is set on delivery.
  package var serial: SerialDefaults?
  /// The unit number on delivery.
  package var unitNumber: UInt8?
}

/// How far a profile can be trusted.
package enum ProfileStatus: String, Hashable, Sendable, CaseIterable {
  case vendorDocument = "vendor document"
  case hardwareTested = "hardware tested"
  case unverified
}

/// Where facts of a profile come from.
package struct ProfileSource: Hashable, Sendable {
  package var title: String
  package var document: String?
  package var revision: String?
  package var page: String?
  package var url: String?
  /// How sure the source is, as a letter.
  ///
  /// A: the maker's document. B: code that runs with the device. C: one other source.
  package var confidence: String
}

/// The serial settings of a device on delivery.
package struct SerialDefaults: Hashable, Sendable {
  package var baud: Int
  package var parity: SerialLine.Parity
  package var stopBits: Int
  /// All rates that the device can be set to; empty when not known.
  package var bauds: [Int]

  /// `9600 8N1`, as the trade writes it.
  package var shown: String { shownSettings(baud: baud, parity: parity, stopBits: stopBits) }
}

/// `9600 8N1`, as the trade writes it.
package func shownSettings(baud: Int, parity: SerialLine.Parity, stopBits: Int) -> String {
  let letter =
    switch parity {
    case .none: "N"
    case .even: "E"
    case .odd: "O"
    }
  return "\(baud) 8\(letter)\(stopBits)"
}
