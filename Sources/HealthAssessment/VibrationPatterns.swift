import ConditionModel

/// Fault patterns in the orders of the shaft, after ISO 13373-3 and the annexes of ISO 17359.
///
/// Every sound machine shows lines at its shaft rate. A pattern is therefore named only where its
/// lines carry a vibration that nobody would leave alone (``limit``); below, it is listed as what the
/// machine would tend to. How bad it is, follows from the severity zone of the machine.
struct VibrationPatterns {
  /// The boundary between zones B and C of ISO 20816-3, group 2, rigid, in mm/s RMS.
  static let limit = 2.8
  let orders: VibrationOrders
  let shaft: ShaftSpeed
  let target: VibrationTarget
  /// How many segments the spectrum is a mean of.
  let segmentCount: Int

  /// A line is there from so many decibels above the floor on; one segment alone scatters more.
  private var presence: Double { 8 + 4 / Double(segmentCount) }

  func suspects() -> [VibrationSuspect] {
    guard shaft.origin != .unknown, shaft.hertz > 0 else { return electrical(besides: []) }
    let whole = (1...10).map { line("\($0)×", Double($0)) }
    let half = (0..<6).map { line("\(Double($0) + 0.5)×", Double($0) + 0.5) }
    var suspects = [unbalance(whole), misalignment(whole), looseness(whole, half)]
    if let teeth = target.teeth { suspects += gear(Double(teeth)) }
    if let blades = target.blades {
      suspects += passing(.blade, "BPF", Double(blades), multiples: 2, whole)
    }
    if let belt = target.beltOrder { suspects += passing(.belt, "belt", belt, multiples: 4, whole) }
    suspects += electrical(besides: whole)
    return suspects.filter { $0.z > 0 }
  }

  /// A line with its velocity in mm/s RMS.
  private struct Found {
    var line: VibrationLine
    var velocity: Double

    /// The velocity of a line that stands out, 0 for one that does not.
    var counted: Double { line.isPresent ? velocity : 0 }
  }

  private func line(_ name: String, _ order: Double) -> Found {
    found(name, hertz: order * shaft.hertz, order: order)
  }

  private func found(_ name: String, hertz: Double, order: Double) -> Found {
    let tolerance = max(orders.binHertz, order * shaft.uncertaintyHertz)
    let top = orders.line(at: hertz, tolerance: min(tolerance, 0.2 * max(shaft.hertz, 1)))
    let amplitude = top?.amplitude ?? 0
    // Below some bins of the spectrum nothing is a line: drift and red noise lie there.
    let decibels = hertz < 6 * orders.binHertz ? 0 : max(0, top?.decibels ?? 0)
    return Found(
      line: VibrationLine(
        name: name,
        spectrum: .velocity,
        order: order,
        hertz: top?.hertz ?? hertz,
        decibelsAboveFloor: decibels,
        isPresent: decibels >= presence
      ),
      velocity: 1000 * amplitude / (2 * Double.pi * max(hertz, 0.1)) / 2.0.squareRoot()
    )
  }

  /// A pattern whose lines carry `velocity`, in mm/s RMS, and whose proportions fit as well as
  /// `fits` says, 0 to 1: its `z` reaches the bar of confidence where both are full.
  private func suspect(
    _ fault: VibrationFault,
    velocity: Double,
    fits: Double,
    _ lines: [Found]
  ) -> VibrationSuspect {
    let strength = (velocity / Self.limit).squareRoot() * min(1, max(0, fits))
    return VibrationSuspect(
      fault: fault,
      z: VibrationDiagnoser.confidentDeviation * strength,
      isConfident: velocity >= Self.limit && fits >= 1,
      lines: lines.map(\.line)
    )
  }

  private func total(_ lines: [Found]) -> Double {
    lines.reduce(0) { $0 + $1.counted * $1.counted }.squareRoot()
  }

  /// Nearly all of the velocity at the shaft rate.
  private func unbalance(_ whole: [Found]) -> VibrationSuspect {
    let all = total(whole)
    let share = all > 0 ? whole[0].counted / all : 0
    return suspect(
      .imbalance,
      velocity: whole[0].counted,
      fits: share / 0.9,
      Array(whole[0..<3])
    )
  }

  /// Twice the shaft rate about as strong as once; three times joins in, and is not what leads.
  private func misalignment(_ whole: [Found]) -> VibrationSuspect {
    let two = whole[1].counted
    let one = max(whole[0].counted, 1e-9)
    let three = max(whole[2].counted, 1e-9)
    // Twice the rate of a four-pole motor lies beside the mains, of a two-pole motor beside its double.
    let isMains = target.mainsHertz.map { mains in
      [mains, 2 * mains].contains { abs(whole[1].line.hertz - $0) < 2 * orders.binHertz }
    }
    let velocity = total(Array(whole[0..<3]))
    return suspect(
      .misalignment,
      velocity: velocity,
      fits: isMains == true ? 0 : min(two / one / 0.75, two / three),
      Array(whole[0..<4])
    )
  }

  /// Many multiples, and halves between them.
  private func looseness(_ whole: [Found], _ half: [Found]) -> VibrationSuspect {
    let wholes = whole.count(where: \.line.isPresent)
    let halves = half.count(where: \.line.isPresent)
    let beyond = total(Array(whole[1...]) + half)
    let share = beyond / max(total(whole + half), 1e-9)
    let fits = min(Double(wholes) / 6, Double(halves) / 2, share / 0.5)
    return suspect(.looseness, velocity: total(whole + half), fits: fits, whole + half)
  }

  /// Lines beside the mesh, one turn apart, stronger together than the mesh itself.
  private func gear(_ teeth: Double) -> [VibrationSuspect] {
    let mesh = line("mesh", teeth)
    let sides = [-3.0, -2, -1, 1, 2, 3].map { side in
      line("mesh\(side < 0 ? "−" : "+")\(Int(abs(side)))×", teeth + side)
    }
    guard mesh.line.isPresent else { return [] }
    let ratio = total(sides) / max(mesh.counted, 1e-9)
    let present = Double(sides.count(where: \.line.isPresent))
    return [
      suspect(
        .gear,
        velocity: total(sides + [mesh]),
        fits: min(ratio, present / 4),
        [mesh] + sides
      )
    ]
  }

  /// Whether the wheel on the shaft has a line at this order.
  private func isMesh(_ order: Double) -> Bool {
    target.teeth.map { order.truncatingRemainder(dividingBy: Double($0)) == 0 } ?? false
  }

  /// The pass of blades or the turn of a belt stronger than the shaft's own lines.
  private func passing(
    _ fault: VibrationFault,
    _ name: String,
    _ order: Double,
    multiples: Int,
    _ whole: [Found]
  ) -> [VibrationSuspect] {
    let lines = (1...multiples).map { multiple in
      line(multiple == 1 ? name : "\(multiple)·\(name)", Double(multiple) * order)
    }
    // What a mesh hums at the same rate proves nothing about blades.
    let velocity = total(lines.filter { !isMesh($0.line.order) })
    guard velocity > 0 else { return [] }
    let fits = velocity / max(total(Array(whole[0..<3])), 1e-9)
    return [suspect(fault, velocity: velocity, fits: fits, lines)]
  }

  /// Twice the mains frequency stronger than the shaft's own lines.
  private func electrical(besides whole: [Found]) -> [VibrationSuspect] {
    guard let mains = target.mainsHertz else { return [] }
    let turn = max(shaft.hertz, 1e-9)
    let lines = [
      found("2×mains", hertz: 2 * mains, order: 2 * mains / turn),
      found("4×mains", hertz: 4 * mains, order: 4 * mains / turn),
    ]
    let velocity = lines[0].counted
    guard velocity > 0 else { return [] }
    let isOrder = whole.contains { abs($0.line.hertz - 2 * mains) < 2 * orders.binHertz }
    let fits = isOrder ? 0 : velocity / max(total(Array(whole.prefix(3))), 1e-9)
    return [suspect(.electrical, velocity: velocity, fits: fits, lines)]
  }
}
