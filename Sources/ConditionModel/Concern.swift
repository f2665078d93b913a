extension Finding.Kind {
  /// Whether both say the same thing, with whatever numbers.
  package func isSameConcern(as other: Finding.Kind) -> Bool {
    switch (self, other) {
    case (.limit(let side, _), .limit(let otherSide, _)): side == otherSide
    case (.clipped(let side), .clipped(let otherSide)): side == otherSide
    case (.unusual(let one), .unusual(let other)), (.drifting(let one), .drifting(let other)),
      (.shifted(let one), .shifted(let other)):
      one.side == other.side
    case (.faultPattern(let pattern), .faultPattern(let other)): pattern.fault == other.fault
    case (.severityZone, .severityZone), (.stuck, .stuck), (.noReading, .noReading),
      (.silent, .silent), (.noisy, .noisy), (.spiking, .spiking), (.swapped, .swapped):
      true
    default: false
    }
  }
}

extension Plant {
  /// Whether two findings are stages of one.
  ///
  /// A severity zone belongs to a place, whichever of its axes is the largest at the moment;
  /// everything else belongs to its channel.
  package func isSameConcern(_ one: Finding, _ other: Finding) -> Bool {
    guard one.kind.isSameConcern(as: other.kind) else { return false }
    if one.channel == other.channel { return true }
    guard case .severityZone = one.kind else { return false }
    let (place, otherPlace) = (self[one.channel], self[other.channel])
    return place.asset == otherPlace.asset && place.location == otherPlace.location
  }
}
