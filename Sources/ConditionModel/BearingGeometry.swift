/// How a rolling bearing is built, as far as its defects can be heard.
package struct BearingGeometry: Hashable, Sendable, Codable {
  /// The number of balls or rollers in one row.
  package let elementCount: Int
  /// The diameter of a ball or roller, in the unit of the pitch diameter.
  package let elementDiameter: Double
  /// The diameter of the circle that the centres of the elements run on.
  package let pitchDiameter: Double
  /// The angle between the line of contact and the plane of the bearing: 0 for deep groove balls.
  package let contactAngleDegrees: Double

  /// - Returns: `nil` for what cannot be a bearing; ``problems`` says why.
  package init?(
    elementCount: Int,
    elementDiameter: Double,
    pitchDiameter: Double,
    contactAngleDegrees: Double = 0
  ) {
    guard
      Self.problems(
        elementCount: elementCount,
        elementDiameter: elementDiameter,
        pitchDiameter: pitchDiameter,
        contactAngleDegrees: contactAngleDegrees
      ).isEmpty
    else { return nil }
    self.elementCount = elementCount
    self.elementDiameter = elementDiameter
    self.pitchDiameter = pitchDiameter
    self.contactAngleDegrees = contactAngleDegrees
  }

  /// What is wrong with these dimensions, one sentence each; empty for a possible bearing.
  package static func problems(
    elementCount: Int,
    elementDiameter: Double,
    pitchDiameter: Double,
    contactAngleDegrees: Double
  ) -> [String] {
    var problems: [String] = []
    if !(3...120).contains(elementCount) {
      problems.append("\(elementCount) rolling elements; a row has 3 to 120, count them")
    }
    if !(elementDiameter > 0 && elementDiameter.isFinite) {
      problems.append("a ball diameter of \(elementDiameter); it is above 0")
    }
    if !(pitchDiameter > 0 && pitchDiameter.isFinite) {
      problems.append("a pitch diameter of \(pitchDiameter); it is above 0")
    }
    if !(0...60).contains(contactAngleDegrees) {
      problems.append(
        "a contact angle of \(contactAngleDegrees)°; it lies between 0 and 60, 0 for deep groove"
      )
    }
    guard problems.isEmpty else { return problems }
    if elementDiameter >= 0.5 * pitchDiameter {
      problems.append(
        "a ball diameter of \(elementDiameter) on a pitch diameter of \(pitchDiameter); "
          + "it is below half of it: both in the same unit, pitch from centre to centre"
      )
    } else if Double(elementCount) * elementDiameter > 3.1416 * pitchDiameter {
      problems.append(
        "\(elementCount) balls of \(elementDiameter) do not fit on a pitch diameter of "
          + "\(pitchDiameter)"
      )
    }
    return problems
  }

  /// The rates of its defects.
  package var orders: BearingOrders {
    let ratio = elementDiameter / pitchDiameter * cosine(degrees: contactAngleDegrees)
    let count = Double(elementCount)
    return BearingOrders(
      outer: count / 2 * (1 - ratio),
      inner: count / 2 * (1 + ratio),
      spin: pitchDiameter / (2 * elementDiameter) * (1 - ratio * ratio),
      cage: (1 - ratio) / 2
    )
  }
}

/// How often the parts of a bearing meet, in events per turn of the inner ring against the outer.
///
/// Rolling elements slip a little, so the true rates differ by a percent or two: search a band, never
/// a single line.
///
/// - SeeAlso: Randall and Antoni, "Rolling element bearing diagnostics—A tutorial", Mechanical
///   Systems and Signal Processing 25 (2011). doi:10.1016/j.ymssp.2010.07.017
package struct BearingOrders: Hashable, Sendable, Codable {
  /// An element passes a point of the outer ring (BPFO): `n ∕ 2 · (1 − d ∕ D · cos φ)`.
  package var outer: Double
  /// An element passes a point of the inner ring (BPFI): `n ∕ 2 · (1 + d ∕ D · cos φ)`.
  package var inner: Double
  /// An element turns once around itself (BSF): `D ∕ 2d · (1 − (d ∕ D · cos φ)²)`.
  package var spin: Double
  /// The cage turns once (FTF): `(1 − d ∕ D · cos φ) ∕ 2`.
  package var cage: Double

  package init(outer: Double, inner: Double, spin: Double, cage: Double) {
    self.outer = outer
    self.inner = inner
    self.spin = spin
    self.cage = cage
  }

  /// A point of an element meets a ring: twice per turn of the element.
  package var ball: Double { 2 * spin }
}

/// The cosine of 0 to 60 degrees: a Taylor series in fixed order, the same bits on every machine.
private func cosine(degrees: Double) -> Double {
  let angle = degrees / 180 * Double.pi
  let square = angle * angle
  var value = 1.0
  // To the term in x²⁰, below 2⁻⁵⁶ at 60 degrees.
  for order in stride(from: 20, through: 2, by: -2) {
    value = 1 - value * square / Double(order * (order - 1))
  }
  return value
}
