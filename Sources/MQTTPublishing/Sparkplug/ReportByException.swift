import ConditionModel

/// A value as it was last told, and whether the next one is worth telling.
struct Reading: Hashable, Sendable {
  var value: Double
  var quality: Quality
  var timestamp: Timestamp

  /// Whether `next` says something that this one did not: another quality, a change beyond the
  /// deadband, the end of the longest silence, or a step back in time.
  ///
  /// - Parameters:
  ///   - next: A later reading of the same channel.
  ///   - band: The change that counts, in the channel's unit; `nil` for a share of the value.
  ///   - settings: How much silence is allowed, and the share.
  /// - Returns: `false` while the host need not know.
  func isOutdated(by next: Reading, band: Double?, _ settings: SparkplugSettings) -> Bool {
    guard next.quality == quality, next.timestamp >= timestamp,
      next.timestamp - timestamp < settings.maximumSilence
    else { return true }
    guard quality.isUsable, next.value.bitPattern != value.bitPattern else { return false }
    let change = abs(next.value - value)
    return !(change <= (band ?? settings.deadband * abs(value)))
  }
}
