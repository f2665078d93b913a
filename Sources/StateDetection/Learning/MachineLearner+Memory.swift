import ConditionModel

// Whether what was kept is of this machine as this program sees it.
extension MachineLearner.Memory {
  /// Whether it has a place for each channel, driver and feature, and points nowhere else, nor to a
  /// moment that no grid of `step` nanoseconds has.
  func fits(_ layout: MachineLayout, step: Int64) -> Bool {
    let count = layout.channels.count
    let lengths = [
      means.count, values.count, excesses.count, peaks.count, held.count, models.count, rests.count,
      habits.count, alarms.count, jumps.count, substitutes.count,
    ]
    guard lengths.allSatisfy({ $0 == count }), spreads.count <= count,
      lagged.count == layout.drivers.count * MachineLayout.lags.count,
      binLow.count == binWidth.count, binLow.count <= layout.mainDrivers.count, search.fits(count)
    else { return false }
    // With room for one more, and for the difference of two.
    let most = Int64.max / max(step, 2) - 1
    let farthest = Duration.nanoseconds(Timestamp.plausible.upperBound.nanoseconds)
    guard moments.allSatisfy({ (-most...most).contains($0) }),
      (.zero - farthest...farthest).contains(clockOffset)
    else { return false }
    let places = [surroundings] + substitutes.map { $0?.place } + alarms.map(\.partner)
    let matrix = MomentMatrix(
      featureCount: layout.features.count,
      channelCount: count,
      driverCount: layout.drivers.count
    )
    return places.allSatisfy { $0.map((0..<count).contains) ?? true }
      && models.allSatisfy { $0.fits(featureCount: layout.features.count, channelCount: count) }
      && spreads.allSatisfy { $0.fits(layout.features.count) }
      && [running.learned, running.pending, running.earlier].allSatisfy { $0.fits(matrix) }
  }

  /// All that is counted in steps of the grid.
  private var moments: [Int64] {
    let own = [
      self.step ?? 0, firstStep, heardStep ?? 0, silentCount ?? 0, lastFitStep, lastTurnStep,
      greasedUntil, episode.latest, search.latest ?? 0,
    ]
    return own + alarms.flatMap { [$0.onset, $0.grown, $0.ended] }
      + jumps.flatMap { [$0.step, $0.lastStep] } + rests.map(\.latest) + habits.map(\.since)
  }
}
