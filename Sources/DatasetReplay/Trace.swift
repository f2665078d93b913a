import ConditionModel

/// The course of one channel, short enough to draw, whatever the length of the recording.
///
/// It keeps the lowest and highest value of each stretch of time; when there are too many stretches,
/// two become one.
package struct Trace: Hashable, Sendable {
  private(set) var start: Timestamp?
  private(set) var width: Duration
  private(set) var stretches: [Stretch] = []

  struct Stretch: Hashable, Sendable {
    var low = Float.infinity
    var high = -Float.infinity
    /// Where values usually lie, by what was learned when the stretch began.
    var usual: ClosedRange<Float>?

    var isEmpty: Bool { low > high }
  }

  /// More than a line of this width on paper can show.
  static let mostStretches = 800

  init(period: Duration) {
    width = max(period, .milliseconds(1))
  }

  /// What can be drawn; what a device writes for "no value" lies far beyond.
  private static let drawable = -1e30...1e30

  /// Takes a value; one from before the first has no place and is left out, and so is one that nothing
  /// measures.
  ///
  /// - Parameters:
  ///   - value: A finite value.
  ///   - moment: Its time.
  ///   - usual: Asked for once in each stretch.
  mutating func add(
    _ value: Double,
    at moment: Timestamp,
    usual: () -> ClosedRange<Double>? = { nil }
  ) {
    let start = start ?? moment
    guard moment >= start, Self.drawable.contains(value) else { return }
    self.start = start
    var place = Int((moment - start).nanoseconds / width.nanoseconds)
    while place >= Self.mostStretches {
      halve()
      place /= 2
    }
    while stretches.count <= place {
      stretches.append(Stretch())
      if stretches.count == place + 1 {
        stretches[place].usual = usual().map { Float($0.lowerBound)...Float($0.upperBound) }
      }
    }
    stretches[place].low = min(stretches[place].low, Float(value))
    stretches[place].high = max(stretches[place].high, Float(value))
  }

  private mutating func halve() {
    var halved: [Stretch] = []
    halved.reserveCapacity(Self.mostStretches)
    for place in stride(from: 0, to: stretches.count, by: 2) {
      var one = stretches[place]
      if place + 1 < stretches.count {
        let other = stretches[place + 1]
        one.low = min(one.low, other.low)
        one.high = max(one.high, other.high)
        one.usual = one.usual ?? other.usual
      }
      halved.append(one)
    }
    stretches = halved
    width = width * 2
  }

  /// The moment in the middle of a stretch, in seconds since 1970.
  func seconds(of place: Int) -> Double {
    guard let start else { return 0 }
    return Double(start.nanoseconds) / 1e9 + (Double(place) + 0.5) * width.inSeconds
  }
}
