package import AdvisoryGeneration
import ConditionModel
import Glibc

extension LocalTimeTable {
  /// The table of a time zone for the years 2000 to 2060, as the system's database has it.
  ///
  /// It sets the `TZ` variable of the process: call it before threads start.
  ///
  /// - Parameter zone: An IANA name such as `Europe/Paris`; `nil` for the gateway's own zone.
  /// - Returns: The table; `nil` when the system has no such zone.
  package static func of(zone: String?) -> LocalTimeTable? {
    if let zone {
      // Of a folder (America/Argentina) the C library makes UTC without a word.
      var file = stat()
      guard !zone.contains(".."), stat("/usr/share/zoneinfo/\(zone)", &file) == 0,
        file.st_mode & S_IFMT == S_IFREG
      else {
        return zone == "UTC" ? .utc : nil
      }
      setenv("TZ", zone, 1)
    }
    tzset()
    let start: Int64 = 946_684_800
    let end: Int64 = 2_840_140_800
    let month: Int64 = 28 * 86_400
    var changes: [Change] = []
    var offset = utcOffset(at: start)
    let first = offset
    for probe in stride(from: start, to: end, by: Int(month)) {
      guard utcOffset(at: probe + month) != offset else { continue }
      var (before, after) = (probe, probe + month)
      while after - before > 1 {
        let middle = before + (after - before) / 2
        if utcOffset(at: middle) == offset { before = middle } else { after = middle }
      }
      offset = utcOffset(at: after)
      changes.append(Change(from: Timestamp(seconds: after), offset: .seconds(offset)))
    }
    return LocalTimeTable(firstOffset: .seconds(first), changes: changes)
  }

  /// How far the wall clock is ahead of UTC, in seconds.
  private static func utcOffset(at seconds: Int64) -> Int64 {
    var moment = time_t(seconds)
    var local = tm()
    localtime_r(&moment, &local)
    return Int64(local.tm_gmtoff)
  }
}
