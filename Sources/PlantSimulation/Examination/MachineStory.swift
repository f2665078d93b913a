import ConditionModel
import SignalProcessing

/// Draws what happens to a machine: faults, broken sensors, work orders, gaps.
struct MachineStory {
  var machine: ExaminedMachine

  private let modes: [FaultMode]
  private var generator: SeededGenerator
  private let day = PlantCalendar.rowsPerDay

  init(_ machine: ExaminedMachine, modes: [FaultMode]) {
    self.machine = machine
    self.modes = modes
    generator = SeededGenerator(seed: machine.seed).branch(4)
  }

  mutating func tell() {
    tellWear()
    tellSensors()
    tellWork()
    tellGaps()
    machine.truth.workOrders.sort { $0.timestamp < $1.timestamp }
  }

  private var dayCount: Double { Double(machine.rowCount) / Double(day) }
  private func row(day: Double) -> Int { Int(day * Double(self.day)) }

  // MARK: - Wear

  private mutating func tellWear() {
    let draw = generator.uniform()
    let count = draw < 0.17 ? 0 : draw < 0.58 ? 1 : draw < 0.95 ? 2 : 3
    var used: Set<String> = []
    var earliest = 10.0
    for _ in 0..<count {
      let free = modes.filter { !used.contains($0.name) }
      guard let mode = pickWeighted(free), earliest < dayCount - 6 else { break }
      used.insert(mode.name)
      let latest = dayCount - 5
      let onset =
        earliest + (latest - earliest) * generator.uniform() * (generator.chance(0.4) ? 0.4 : 0.9)
      let end = add(mode, onsetDay: onset)
      // Now and then a second fault begins while the first still grows.
      earliest = generator.chance(0.25) ? onset + 3 : Double(end) / Double(day) + 4
    }
  }

  private mutating func pickWeighted(_ modes: [FaultMode]) -> FaultMode? {
    var rest = generator.uniform() * modes.map(\.weight).reduce(0, +)
    for mode in modes {
      rest -= mode.weight
      if rest <= 0 { return mode }
    }
    return modes.last
  }

  /// - Returns: The row at which the machine is well again.
  private mutating func add(_ mode: FaultMode, onsetDay: Double) -> Int {
    let onset = row(day: onsetDay)
    // So slow that a constant estimate of 100 h would err by 0.4 to 0.5: `vigie-bench plant` tells how far.
    let length = Int(generator.spread(in: 10...25) * Double(day))
    let shape = generator.pick(Wear.Shape.allCases)
    let wear = Wear(shape, &generator)
    let size = generator.spread(in: 0.4...1.7) * ExaminationScale.wear
    let effects = effects(of: mode, size: size)
    var end = onset + length
    var fails = end < machine.rowCount - day
    if fails, generator.chance(0.22) {
      // Somebody saw it in time.
      fails = false
      end = onset + Int(Double(length) * generator.uniform(in: 0.5...0.95))
    }
    let isRepaired = end < machine.rowCount - day / 2
    end = isRepaired ? end : machine.rowCount
    let reached = wear.level(at: Double(end - onset) / Double(length))
    let clarities = effects.map { clarity(of: $0) * reached }
    let clearest = clarities.max() ?? 0
    // Whatever moves clearly is right to name, and so is whatever moves not much less than the clearest.
    let enough = max(min(0.3 * clearest, 4), min(1.5, clearest))
    let right = zip(effects, clarities).filter { $1 >= enough }
    var influence = Influence(
      effects: effects,
      course: .wear(wear, from: onset, length: length, until: end)
    )
    influence.tremble = mode.tremble
    influence.demand = mode.demand * size
    machine.influences.append(influence)
    let isCause = generator.chance(0.14)
    machine.truth.machineFaults.append(
      .init(
        mode: mode.name,
        onset: machine.timestamp(ofRow: onset),
        end: machine.timestamp(ofRow: end),
        fails: fails,
        channels: channelNames(right.map(\.0)),
        curve: shape.rawValue,
        isCausedByWork: isCause,
        clarity: clearest
      )
    )
    if isCause {
      order(onset - generator.whole(in: 20...300), generator.pick(Self.causes), isCause: true)
    }
    guard isRepaired else { return end }
    return repair(at: end, fails: fails, effects: effects)
  }

  /// The points that the effects reach, with the controller's effort where one holds the signal.
  private func channelNames(_ effects: [Influence.Effect]) -> [String] {
    var names: [String] = []
    for effect in effects {
      names.append(machine.channels[effect.channel].point)
      for channel in machine.channels where channel.response.effortOf == effect.channel {
        names.append(channel.point)
      }
    }
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  private mutating func repair(at end: Int, fails: Bool, effects: [Influence.Effect]) -> Int {
    let hours = fails ? generator.spread(in: 4...72) : generator.spread(in: 1...8)
    let back = min(end + Int(hours * 360), machine.rowCount)
    machine.downTimes.append(end..<back)
    let settled = min(back + day, machine.rowCount)
    machine.truth.repairs.append(machine.timestamp(ofRow: end)..<machine.timestamp(ofRow: settled))
    order(end + 90, generator.pick(Self.repairs), isCause: false)
    // New parts are never quite like the old ones.
    let changes = effects.map { effect in
      Influence.Effect(channel: effect.channel, factor: 0.03 * generator.normal())
    }
    machine.influences.append(Influence(effects: changes, course: .lasting(from: back)))
    return back
  }

  private mutating func effects(of mode: FaultMode, size: Double) -> [Influence.Effect] {
    mode.effects.compactMap { effect in
      guard let index = machine.channels.firstIndex(where: { $0.role == effect.role }) else {
        return nil
      }
      let strength = size * generator.spread(in: 0.6...1.6)
      return Influence.Effect(
        channel: index,
        factor: max(-0.9, effect.factor * strength),
        offset: effect.kelvin * strength,
        loadShare: effect.loadShare,
        isLate: effect.isLate
      )
    }
  }

  /// How far the effect moves its channel at full wear and usual load, in deviations of what moves
  /// it slowly anyway.
  private func clarity(of effect: Influence.Effect) -> Double {
    let response = machine.channels[effect.channel].response
    var point = OperatingPoint()
    (point.run, point.speed, point.load) = (1, machine.duty.hasVariableSpeed ? 0.85 : 1, 0.65)
    let air = Surroundings.Air()
    let running = response.steady(at: point, surroundings: air)
    let part = running - response.resting
    let byLoad = 1 - effect.loadShare * (1 - point.load)
    var moved = abs(effect.factor * part + effect.offset) * byLoad
    var scale = response.isRelative ? abs(running) : 1
    if let thermostat = response.thermostat {
      // The controller shows it instead, as a share of its authority.
      moved /= thermostat.authority
      scale = 0.03
      return moved / scale
    }
    let slow = scale * response.slow
    let hidden = part * response.hidden
    let white = scale * response.white / 6
    return moved / max((slow * slow + hidden * hidden + white * white).squareRoot(), 1e-9)
  }

  // MARK: - Work and gaps

  mutating func order(_ row: Int, _ text: String, isCause: Bool) {
    guard (0..<machine.rowCount).contains(row) else { return }
    machine.truth.workOrders.append(
      .init(timestamp: machine.timestamp(ofRow: row), text: text, isCause: isCause)
    )
  }

  /// Greasing, settings and visits that harm nothing but change something.
  private mutating func tellWork() {
    for _ in 0..<generator.whole(in: 1...4) {
      let at = row(day: generator.uniform(in: 3...dayCount - 2))
      switch generator.whole(in: 0...4) {
      case 0, 1: grease(at)
      case 2: changeSetting(at)
      case 3:
        order(at, generator.pick(Self.visits), isCause: false)
        machine.downTimes.append(at..<at + generator.whole(in: 30...360))
      default: order(at, generator.pick(Self.visits), isCause: false)
      }
    }
  }

  private mutating func grease(_ at: Int) {
    order(
      at,
      generator.pick(["greased", "graissage des paliers", "bearings re-greased"]),
      isCause: false
    )
    var quiet: [Influence.Effect] = []
    var warm: [Influence.Effect] = []
    for (index, channel) in machine.channels.enumerated() {
      switch channel.role {
      case .highDE, .highNDE:
        quiet.append(.init(channel: index, factor: -generator.uniform(in: 0.05...0.25)))
      case .bearingDE, .bearingNDE:
        warm.append(.init(channel: index, offset: generator.uniform(in: 0...7)))
      default: break
      }
    }
    let days = generator.uniform(in: 3...20)
    machine.influences.append(
      Influence(effects: quiet, course: .fading(from: at, rows: days * Double(day)))
    )
    machine.influences.append(
      Influence(
        effects: warm,
        course: .fading(from: at, rows: generator.uniform(in: 1_000...6_000))
      )
    )
  }

  /// A set point that somebody moved: it lasts, and nothing is broken.
  private mutating func changeSetting(_ at: Int) {
    order(at, generator.pick(Self.settings), isCause: false)
    var effects: [Influence.Effect] = []
    let roles: Set<ExaminationChannel.Role> = [.pressure, .flow, .supply, .cycle, .oil, .suction]
    for (index, channel) in machine.channels.enumerated() where roles.contains(channel.role) {
      guard effects.isEmpty || generator.chance(0.3) else { continue }
      effects.append(.init(channel: index, factor: generator.uniform(in: -0.03...0.03)))
    }
    machine.influences.append(Influence(effects: effects, course: .lasting(from: at)))
  }

  private mutating func tellGaps() {
    machine.lossChance = generator.chance(0.5) ? generator.spread(in: 0.0002...0.004) : 0
    for _ in 0..<generator.whole(in: 1...6) {
      let start = generator.whole(in: 0...machine.rowCount - 1)
      let length = Int(generator.spread(in: 5...3_000))
      let channel =
        generator.chance(0.35) ? generator.whole(in: 0...machine.channels.count - 1) : nil
      machine.gaps.append(.init(channel: channel, rows: start..<start + length))
    }
    if generator.chance(0.15) {
      let start = generator.whole(in: 2 * day...machine.rowCount - 4 * day)
      machine.gaps.append(
        .init(channel: nil, rows: start..<start + Int(generator.uniform(in: 0.5...3) * Double(day)))
      )
    }
  }

  private static let causes = [
    "coupling refitted", "remise en place du carter", "belt tension adjusted", "joint remplacé",
    "bearing replaced, drive end", "filter replaced", "oil topped up", "réglage après maintenance",
  ]
  private static let repairs = [
    "repaired, back in service", "roulement remplacé", "cleaned and tested", "réparation terminée",
    "part replaced", "nettoyage échangeur",
  ]
  private static let visits = [
    "inspection", "visite mensuelle", "bolts checked", "contrôle visuel", "safety check",
    "cleaning of the surroundings", "oil level checked",
  ]
  private static let settings = [
    "set point changed", "modification de consigne", "new recipe parameters", "réglage pression",
  ]
}

/// How strong wear and sensor faults are against the noise; set so that a known detector finds what
/// it is known to find on such plants (see `vigie-bench plant`).
enum ExaminationScale {
  static let wear = 0.85
  static let sensor = 1.0
}
