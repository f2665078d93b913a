// Whether what was kept is of this machine as this program sees it.
extension MachineLearner.Memory {
  /// Whether it has a place for each channel, driver and feature, and points nowhere else.
  func fits(_ layout: MachineLayout) -> Bool {
    let count = layout.channels.count
    let lengths = [
      means.count, values.count, excesses.count, peaks.count, held.count, models.count, rests.count,
      habits.count, alarms.count, jumps.count, substitutes.count,
    ]
    guard lengths.allSatisfy({ $0 == count }), spreads.count <= count,
      lagged.count == layout.drivers.count * MachineLayout.lags.count,
      binLow.count == binWidth.count, binLow.count <= layout.mainDrivers.count, search.fits(count)
    else { return false }
    let places = [surroundings] + substitutes.map { $0?.place } + alarms.map(\.partner)
    let moments = MomentMatrix(
      featureCount: layout.features.count,
      channelCount: count,
      driverCount: layout.drivers.count
    )
    return places.allSatisfy { $0.map((0..<count).contains) ?? true }
      && models.allSatisfy { $0.fits(featureCount: layout.features.count, channelCount: count) }
      && spreads.allSatisfy { $0.fits(layout.features.count) }
      && [running.learned, running.pending, running.earlier].allSatisfy { $0.fits(moments) }
  }
}
