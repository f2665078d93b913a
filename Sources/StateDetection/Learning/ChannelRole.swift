package import ConditionModel

/// What a channel tells about its machine: what it has to do, or how it does it.
enum ChannelRole: Hashable {
  /// What the machine has to do, or the surroundings in which it does it.
  case driver(Family)
  case response
  /// Counters and words of bits have no normal value.
  case ignored

  /// Drivers that say the same thing: none of them explains another.
  ///
  /// Were power explained by current, a pump that draws too much would look normal to both.
  enum Family: Int, Hashable {
    case speed
    case load
    case electrical
    case flow
    case surroundings
  }

  init(_ channel: Channel) {
    switch channel.quantity {
    case .rotationSpeed, .frequency: self = .driver(.speed)
    case .load: self = .driver(.load)
    case .activePower, .current, .apparentPower, .torque: self = .driver(.electrical)
    case .flow: self = .driver(.flow)
    case .temperature where channel.isSurroundings: self = .driver(.surroundings)
    case .energy, .count, .statusWord: self = .ignored
    default: self = .response
    }
  }
}

extension Channel {
  /// Whether the channel is among those whose usual values are learned.
  package var isLearned: Bool { ChannelRole(self) != .ignored }

  /// Whether a temperature is that of the room, the outside, or what comes in from there, by the
  /// words that people use for it.
  package var isSurroundings: Bool {
    let words = [
      "ambient", "ambiante", "ambiant", "room", "hall", "outdoor", "outside", "ext\u{E9}rieur",
      "exterieur", "atelier", "environment", "intake air", "inlet air", "air inlet", "air intake",
    ]
    let name = self.name.lowercased().map { $0 == "_" || $0 == "-" ? " " : $0 }
    let text = String(name)
    return words.contains { text.contains($0) } || text.split(separator: " ").contains("amb")
  }
}

extension Quantity {
  /// Whether the quantity is a size that scatters and wears in proportion to itself.
  var isProportional: Bool {
    switch self {
    case .velocityRMS, .velocityPeak, .accelerationRMS, .accelerationPeak,
      .highFrequencyAccelerationRMS, .displacement, .crestFactor, .kurtosis:
      true
    default: isWaveformFeature
    }
  }

  /// Whether the quantity is what somebody or a controller commands: it dwells, and is no symptom.
  var isCommanded: Bool {
    switch self {
    case .rotationSpeed, .frequency: true
    default: false
    }
  }

  /// Whether fresh grease changes the quantity for a day or two.
  var followsGrease: Bool { isProportional || self == .temperature }

  /// Whether the quantity follows the load for hours, as heat does.
  var isSluggish: Bool {
    switch self {
    case .temperature, .level, .humidity: true
    default: false
    }
  }
}
