import SignalProcessing

/// The weather, the hall and the neighbours of a plant: the same for all of its machines.
struct Surroundings: Hashable, Sendable {
  struct Air: Hashable, Sendable {
    var outdoor = 15.0
    var hall = 20.0
  }

  private(set) var air = Air()
  /// How hard the neighbour works just now: 0 at rest, about 1 at an impact.
  private(set) var neighbour = 0.0

  private var generator: SeededGenerator
  private var weather: Swing
  private let meanOutdoor: Double
  /// Kelvin per row.
  private let season: Double
  private let dayHeight: Double
  private let hallHeat: Double
  private let hallFloor: Double
  private let nightSetback: Double
  private var isNeighbourWorking = false
  private let impactChance: Double
  private var row = 0

  init(_ seed: SeededGenerator, rowCount: Int) {
    var generator = seed.branch(1)
    meanOutdoor = generator.uniform(in: 2...22)
    season = generator.uniform(in: -7...7) / Double(rowCount)
    dayHeight = generator.uniform(in: 2...6)
    hallHeat = generator.uniform(in: 0.5...3)
    hallFloor = generator.uniform(in: 15...19)
    nightSetback = generator.uniform(in: 0...4)
    impactChance = generator.spread(in: 0.02...0.3)
    weather = Swing(steps: generator.uniform(in: 1.5...4) * 8_640, &generator)
    self.generator = generator
    updateOutdoor(PlantCalendar(row: 0))
    air.hall = max(air.outdoor + 4, hallFloor)
  }

  mutating func advance(_ calendar: PlantCalendar) {
    weather.advance(&generator)
    row += 1
    if row % 30 == 0 { updateOutdoor(calendar) }
    let isDay = calendar.isWorkday && calendar.hour >= 6 && calendar.hour < 21
    let floor = isDay ? hallFloor : hallFloor - nightSetback
    let target = max(air.outdoor + 3, floor) + (isDay ? hallHeat : 0)
    air.hall += (target - air.hall) * (10.0 / 9_000)
    // The neighbour works in bouts of about 25 minutes during its shift.
    if generator.chance(1.0 / 150) {
      isNeighbourWorking = isDay && calendar.hour < 18 && generator.chance(0.6)
    }
    neighbour = 0
    if isNeighbourWorking, generator.chance(impactChance) {
      neighbour = generator.uniform(in: 0.4...1.3)
    }
  }

  private mutating func updateOutdoor(_ calendar: PlantCalendar) {
    let day = wave((calendar.hour - 9.5) / 24)
    air.outdoor =
      meanOutdoor + season * Double(row) + 3 * weather.value + dayHeight * day
  }
}

/// Day and hour of a row; row 0 is a Monday, 00:00.
struct PlantCalendar: Hashable, Sendable {
  static let rowsPerDay = 8_640
  static let secondsPerRow = 10

  var day: Int
  var hour: Double

  init(row: Int) {
    day = row / Self.rowsPerDay
    hour = Double(row % Self.rowsPerDay) / 360
  }

  /// 0 Monday … 6 Sunday.
  var weekday: Int { day % 7 }
  var isWorkday: Bool { weekday < 5 }
}
