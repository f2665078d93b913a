/// How wear grows from nothing (0) at its onset to failure (1), over its whole course (0…1).
///
/// Nobody knows beforehand which course a fault takes, so all are held against what is seen: a leak
/// grows evenly, a spall faster and faster, fouling ever slower, and a seal holds long before it goes.
/// Powers stand for exponentials too, which no span of noisy data tells from them; they need no
/// function of the C library, so they are the same bits everywhere.
enum WearShape: Int, CaseIterable, Sendable {
  case slowing
  case even
  case quickening
  case steep
  case abrupt
  case lateKnee

  /// How much of all faults takes this course, before anything is seen.
  var share: Float {
    switch self {
    case .slowing: 0.08
    case .even: 0.24
    case .quickening: 0.24
    case .steep: 0.2
    case .abrupt: 0.1
    case .lateKnee: 0.14
    }
  }

  /// The wear at parts of the whole course; lanes beyond the course stay at 1.
  func wear(at course: SIMD8<Float>) -> SIMD8<Float> {
    let part = course.clamped(lowerBound: .zero, upperBound: .one)
    switch self {
    case .slowing: return part.squareRoot()
    case .even: return part
    case .quickening: return part * part
    case .steep: return part * part * part
    case .abrupt: return part * part * part * part * part
    case .lateKnee:
      let late = ((part - 0.65) * (1 / 0.35)).clamped(lowerBound: .zero, upperBound: .one)
      return part * 0.3 + late * late * 0.7
    }
  }
}

/// `e` to the power of `exponent`, at most 0: the same bits everywhere, unlike the C library's.
///
/// - Returns: Within a part in a million; 0 below −80.
func exponential(_ exponent: Float) -> Float {
  guard exponent >= -80 else { return 0 }
  let doublings = (exponent * 1.442_695).rounded()
  // ln 2 in two parts, the first with so few digits that its multiples are exact.
  let rest = exponent - doublings * 0.693_145_75 - doublings * 1.428_606_8e-6
  // What is left is within ±0.35, where seven terms of the series suffice.
  var term: Float = 1
  var sum: Float = 1
  for order in 1...7 {
    term *= rest / Float(order)
    sum += term
  }
  return sum * Float(sign: .plus, exponent: Int(doublings), significand: 1)
}
