import ConditionModel
import HistoryStore

/// The steps in the lives of alerts as they were told, to hold the history against.
struct AlertStory {
  private struct Step: Hashable {
    var phase: String
    var moment: Timestamp

    init(_ phase: Advisory.Phase, _ moment: Timestamp) {
      self.phase = phase.rawValue
      self.moment = moment
    }

    init(_ step: AlertStep) {
      phase = step.phase
      moment = step.timestamp
    }
  }

  private struct Place: Hashable {
    var alert: UInt64
    var step: Step
  }

  /// By alert, in order.
  private var steps: [UInt64: [Step]] = [:]
  /// Of alerts up to this one the history may know more: a disk that lied took, and gave back.
  private var forgiven: UInt64 = 0
  /// What people were given to read.
  private var texts: [Place: Set<String>] = [:]

  /// A step is in the store.
  mutating func add(_ alert: UInt64, _ phase: Advisory.Phase, at moment: Timestamp) {
    steps[alert, default: []].append(Step(phase, moment))
  }

  /// An advisory was put into words.
  mutating func read(_ text: String, of alert: Advisory) {
    let step = Step(alert.phase, alert.timestamp)
    texts[Place(alert: alert.id, step: step), default: []].insert(text)
  }

  /// Each step must be in the history, once, in order and in its words.
  ///
  /// - Parameters:
  ///   - found: The history, oldest step first.
  ///   - mayHoldMore: Whether it may know steps that nobody saw stored.
  /// - Throws: The first alert that differs.
  func check(_ found: [AlertStep], mayHoldMore: Bool = false) throws(BrokenPromise) {
    let lives = Self.lives(in: found)
    for alert in Set(steps.keys).union(lives.keys).sorted() {
      let told = steps[alert] ?? []
      let kept = lives[alert] ?? []
      let isTold =
        if alert <= forgiven {
          kept.reversed().starts(with: told.reversed())
        } else if mayHoldMore {
          kept.starts(with: told)
        } else {
          kept == told
        }
      guard isTold else {
        throw BrokenPromise(
          "the history tells of alert \(alert): \(Self.words(kept)); told was: \(Self.words(told))"
        )
      }
    }
    // A disk that lied may leave half a text on a page that looks whole.
    for step in found where UInt64(step.alert) > forgiven {
      let place = Place(alert: UInt64(step.alert), step: Step(step))
      if let known = texts[place], !known.contains(step.text) {
        throw BrokenPromise(
          "the history says of alert \(step.alert) '\(step.text)', and people read \(known.sorted())"
        )
      }
    }
  }

  /// From now on the history is what was told, whatever came before; of alerts up to `forgiven` more
  /// may turn up.
  mutating func begin(with found: [AlertStep], forgiving forgiven: UInt64) {
    steps = Self.lives(in: found)
    self.forgiven = max(self.forgiven, forgiven)
  }

  private static func lives(in found: [AlertStep]) -> [UInt64: [Step]] {
    var lives: [UInt64: [Step]] = [:]
    for step in found { lives[UInt64(step.alert), default: []].append(Step(step)) }
    return lives
  }

  private static func words(_ steps: [Step]) -> String {
    steps.map { "\($0.phase) \($0.moment)" }.joined(separator: ", ")
  }
}
