import SignalProcessing

/// How a machine is used, and its play: shifts, starts, jobs, products, demand.
struct DutyTraits: Hashable, Sendable {
  var style: Style
  var shift: Shift
  var hasVariableSpeed = false
  var products: [Product]
  /// Mean length of a job in rows; loads and speeds step from one to the next.
  var jobRows = 200.0
  /// Standard deviation and time constant (in rows) of the demand.
  var swing = 0.06
  var swingRows = 120.0
  /// From standstill to speed, in rows.
  var startRows = 2.0
  /// How often a running machine stops for a while, per row.
  var stopChance = 0.0
  /// What the weather adds to the load, per kelvin above 15 °C outdoors.
  var weather = 0.0

  enum Style: Hashable, Sendable {
    /// A load that jobs and demand move.
    case steady
    /// Fills a receiver and idles in turn; `rate` is the receiver's share filled per row at full load.
    case loadUnload(rate: Double)
    /// Tools or recipes with speeds of their own, cutting and not.
    case jobs
    /// Strokes that are shorter than a row: each row sees another part of one.
    case strokes
  }

  enum Shift: Hashable, Sendable, CaseIterable {
    case always, weekdays, twoShifts, oneShift, sixDays
  }

  struct Product: Hashable, Sendable {
    var load: Double
    var speed: Double
    var hidden: Double
    /// The first day on which it is made.
    var firstDay: Int
  }
}

/// The duty of one machine as it unfolds.
struct Duty: Hashable, Sendable {
  private(set) var point = OperatingPoint()
  /// Set from outside: nobody runs a machine that is broken or being repaired.
  var isDown = false
  /// What a fault adds to the demand (a leak of compressed air) as a share of full load.
  var extraDemand = 0.0

  private let traits: DutyTraits
  private var generator: SeededGenerator
  private var demand: Swing
  private var product: DutyTraits.Product
  private var productRowsLeft = 0
  private var jobRowsLeft = 0
  private var jobLoad = 0.0
  private var jobSpeed = 1.0
  private var isIdleJob = false
  private var stopRowsLeft = 0
  private var receiver = 0.5
  private var isFilling = true
  private var unloadedRows = 0
  private var isScheduled = false
  private var startShift = 0.0
  private var row = 0
  private let freeDays: [Int]

  init(_ traits: DutyTraits, _ seed: SeededGenerator, dayCount: Int) {
    self.traits = traits
    var generator = seed.branch(2)
    demand = Swing(steps: traits.swingRows, &generator)
    product = traits.products[0]
    // Holidays and the odd day without orders.
    freeDays = (0..<max(1, dayCount / 25)).map { _ in
      generator.whole(in: 2...max(3, dayCount - 1))
    }
    self.generator = generator
  }

  mutating func advance(_ calendar: PlantCalendar, outdoor: Double) {
    row += 1
    demand.advance(&generator)
    if row % 6 == 1 { updateSchedule(calendar) }
    updateProduct(calendar)
    if stopRowsLeft > 0 {
      stopRowsLeft -= 1
    } else if traits.stopChance > 0, generator.chance(traits.stopChance) {
      stopRowsLeft = generator.whole(in: 6...180)
    }
    var isOn = isScheduled && !isDown && stopRowsLeft == 0
    var load = 0.0
    var speed = 1.0
    switch traits.style {
    case .steady:
      updateJob()
      load = product.load + jobLoad + traits.swing * demand.value
      load += traits.weather * (outdoor - 15) + extraDemand
      speed = traits.hasVariableSpeed ? product.speed * (0.55 + 0.5 * load) : 1 - 0.02 * load
    case .loadUnload(let rate):
      load = fill(rate: rate, isOn: &isOn)
      speed = 1
    case .jobs:
      updateJob()
      load = isIdleJob ? 0.05 : product.load + jobLoad + traits.swing * demand.value
      speed = product.speed * jobSpeed
    case .strokes:
      updateJob()
      let part = generator.uniform()
      load =
        isIdleJob ? 0.05 : (product.load + jobLoad) * (part < 0.4 ? 0.25 : part < 0.8 ? 0.7 : 1)
      load += traits.swing * demand.value
      speed = 1 - 0.02 * load
    }
    load = min(max(load, 0.02), 1.15)
    speed = min(max(speed, 0.2), 1.1)
    point.isStarting = isOn && point.run < 0.5
    point.run += ((isOn ? 1 : 0) - point.run) / traits.startRows
    // The inertia of drive and process: two rows.
    point.load += ((isOn ? load : 0) - point.load) * (traits.style.isQuick ? 1 : 0.5)
    point.speed += ((isOn ? speed : 0) - point.speed) * 0.6
    point.hidden = product.hidden
  }

  private mutating func updateSchedule(_ calendar: PlantCalendar) {
    if calendar.hour < 0.02 { startShift = 0.25 * generator.quickNormal() }
    let hour = calendar.hour - startShift
    let weekday = calendar.weekday
    switch traits.shift {
    case .always: isScheduled = true
    case .weekdays: isScheduled = weekday < 5 && (weekday > 0 || hour >= 5)
    case .twoShifts: isScheduled = weekday < 5 && hour >= 5.75 && hour < 21.8
    case .oneShift:
      isScheduled = weekday < 5 && hour >= 6.8 && hour < 16.2 && !(hour >= 12 && hour < 12.6)
    case .sixDays: isScheduled = weekday < 6 && hour >= 5.5 && hour < (weekday == 5 ? 13 : 22)
    }
    if traits.shift != .always, freeDays.contains(calendar.day) { isScheduled = false }
  }

  private mutating func updateProduct(_ calendar: PlantCalendar) {
    productRowsLeft -= 1
    guard productRowsLeft <= 0 else { return }
    let available = traits.products.filter { $0.firstDay <= calendar.day }
    product = generator.pick(available)
    productRowsLeft = Int(generator.spread(in: 0.25...5) * Double(PlantCalendar.rowsPerDay))
  }

  private mutating func updateJob() {
    jobRowsLeft -= 1
    guard jobRowsLeft <= 0 else { return }
    jobRowsLeft = Int(traits.jobRows * generator.spread(in: 0.2...3))
    jobLoad = generator.uniform(in: -0.18...0.18)
    jobSpeed = [0.45, 0.6, 0.75, 0.9, 1][generator.whole(in: 0...4)]
    isIdleJob = generator.chance(0.25)
  }

  /// The load of a compressor: filling or idling; it stops after half an hour of idling.
  private mutating func fill(rate: Double, isOn: inout Bool) -> Double {
    let use = min(max(product.load + traits.swing * demand.value + extraDemand, 0.02), 0.97)
    let isWeekend = !isScheduled
    let taken = isWeekend ? 0.15 + extraDemand : use
    receiver += rate * ((isFilling && !isDown ? 1 : 0) - taken)
    receiver = min(max(receiver, -1), 1.2)
    if receiver >= 1 { isFilling = false }
    if receiver <= 0 { isFilling = true }
    unloadedRows = isFilling ? 0 : unloadedRows + 1
    isOn = !isDown && unloadedRows < 180
    return isFilling ? 1 : 0.03
  }

  /// Pressure in the receiver, 0 at cut-in … 1 at cut-out.
  var receiverShare: Double { receiver }
}

extension DutyTraits.Style {
  fileprivate var isQuick: Bool {
    switch self {
    case .steady: false
    case .loadUnload, .jobs, .strokes: true
    }
  }
}
