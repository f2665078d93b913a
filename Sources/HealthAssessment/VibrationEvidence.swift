import ConditionModel

/// Puts into lines what speaks for a bearing defect, and what was looked for and is absent.
struct VibrationEvidence {
  let envelopes: VibrationEnvelopes
  let orders: VibrationOrders
  let shaft: ShaftSpeed
  let bearing: BearingOrders

  /// A line is there from so many decibels above the floor on.
  private static let presence = 6.0
  /// The same in the plain spectrum, where the lines of a late stage stand.
  private static let plainPresence = 10.0

  func suspect(_ score: VibrationCombs.Score) -> VibrationSuspect {
    let (name, order): (String, Double) =
      switch score.fault {
      case .inner: ("BPFI", bearing.inner)
      case .ball: ("2·BSF", bearing.ball)
      case .cage: ("FTF", bearing.cage)
      default: ("BPFO", bearing.outer)
      }
    var lines = (1...4).compactMap { multiple in
      line(
        multiple == 1 ? name : "\(multiple)×\(name)",
        Double(multiple) * score.hertz,
        band: score.band
      )
    }
    let side: (String, Double)? =
      switch score.fault {
      case .inner: ("1×", shaft.hertz)
      case .ball: ("FTF", bearing.cage * shaft.hertz)
      default: nil
      }
    if let side {
      lines += [("−", -side.1), ("+", side.1)].compactMap { sign, shift in
        line("\(name) \(sign) \(side.0)", score.hertz + shift, band: score.band)
      }
    }
    let plain = (1...2).compactMap { plainLine(name, $0, score.hertz) }
    let isThird = plain.count == 2 && plain.allSatisfy(\.isPresent)
    return VibrationSuspect(
      fault: score.fault,
      z: score.z,
      isConfident: score.z >= VibrationDiagnoser.confidentDeviation,
      stage: isThird ? .third : .second,
      rateRatio: score.hertz / (order * shaft.hertz),
      lines: lines + plain
    )
  }

  /// Whether a rate is one of the shaft's own, as far as these bins can tell.
  ///
  /// A shock once a turn has lines at all multiples of the shaft's rate, and as wide as they are, none
  /// so near to one can be told from it. The lines of a bearing lie three multiples and more apart:
  /// where the others are missing, it is theirs however near.
  func isLineOfTrain(_ score: VibrationCombs.Score) -> Bool {
    let turns = score.hertz / shaft.hertz
    let distance = abs(turns - turns.rounded()) * shaft.hertz
    guard distance < Self.lineWidth * envelopes.binHertz else { return false }
    let order = Int(turns.rounded())
    let others = (1...2 * order + 1).filter { !$0.isMultiple(of: order) }
    let there = others.count { multiple in
      line("", Double(multiple) * shaft.hertz, band: score.band)?.isPresent == true
    }
    return 5 * there >= 3 * others.count
  }

  /// Half the width of a tapered line, in bins.
  private static let lineWidth = 1.5

  private func line(_ name: String, _ hertz: Double, band: Int) -> VibrationLine? {
    let bin = Int((hertz / envelopes.binHertz).rounded())
    guard bin > 0, bin + 1 < envelopes.envelopeBinCount else { return nil }
    let decibels = 4.342_944_8 * Double((bin - 1...bin + 1).map { rise($0, band) }.max() ?? 0)
    return VibrationLine(
      name: name,
      spectrum: .envelope,
      order: hertz / shaft.hertz,
      hertz: hertz,
      decibelsAboveFloor: decibels,
      isPresent: decibels >= Self.presence
    )
  }

  /// The rise of a bin in one band, or in the mean of all.
  private func rise(_ bin: Int, _ band: Int) -> Float {
    let bands = envelopes.bands
    if bands.indices.contains(band) { return bands[band].rise[bin] }
    return bands.reduce(0) { $0 + $1.rise[bin] } / Float(bands.count)
  }

  private func plainLine(_ name: String, _ multiple: Int, _ hertz: Double) -> VibrationLine? {
    let rate = Double(multiple) * hertz
    guard let found = orders.line(at: rate, tolerance: envelopes.binHertz) else { return nil }
    return VibrationLine(
      name: multiple == 1 ? name : "\(multiple)×\(name)",
      spectrum: .acceleration,
      order: rate / shaft.hertz,
      hertz: found.hertz,
      decibelsAboveFloor: max(0, found.decibels),
      isPresent: found.decibels >= Self.plainPresence
    )
  }
}
