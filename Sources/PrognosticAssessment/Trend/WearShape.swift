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
