import FoundationEssentials

/// What a Sparkplug host says about itself on `spBv1.0/STATE/<host>`.
struct HostState: Decodable {
  var online: Bool
  /// Milliseconds since 1970 UTC; the will of a host has that of its birth.
  var timestamp: UInt64

  /// `nil` for what is no such message: an emptied topic, the words of older versions.
  init?(_ payload: [UInt8]) {
    guard let state = try? JSONDecoder().decode(HostState.self, from: Data(payload)) else {
      return nil
    }
    self = state
  }
}
