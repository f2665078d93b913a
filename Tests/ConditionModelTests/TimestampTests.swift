import ConditionModel
import Testing

struct TimestampTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
    (-1, "1969-12-31T23:59:59.000Z"), (4_102_444_799, "2099-12-31T23:59:59.000Z"),
  ])
  func `a moment reads as ISO 8601`(seconds: Int64, expected: String) {
    #expect(Timestamp(seconds: seconds).description == expected)
  }

  @Test func `civil time and back is the same moment, over four centuries`() throws {
    for day in stride(from: Int64(-36_524), through: 80_000, by: 7) {
      let moment = Timestamp(seconds: day * 86_400 + 12_345)
      let civil = CivilTime(moment)
      let back = CivilTime.moment(
        year: civil.year,
        month: civil.month,
        day: civil.day,
        hour: civil.hour,
        minute: civil.minute,
        second: civil.second
      )
      #expect(back == moment)
    }
  }

  @Test func `a day that no calendar shows is no moment`() {
    #expect(CivilTime.moment(year: 2026, month: 2, day: 29) == nil)
    #expect(CivilTime.moment(year: 2026, month: 4, day: 31) == nil)
    #expect(CivilTime.moment(year: 2024, month: 2, day: 29) != nil)
  }

  @Test func `14 October 2026 is a Wednesday`() throws {
    let moment = try #require(CivilTime.moment(year: 2026, month: 10, day: 14))
    #expect(CivilTime(moment).weekday == 2)
  }

  @Test func `what lies beyond the calendar is its end, never a trap`() {
    let last = Timestamp(nanoseconds: .max)
    let first = Timestamp(nanoseconds: .min)
    #expect(last + .seconds(1) == last)
    #expect(first - .seconds(1) == first)
    #expect((last - first).nanoseconds == .max)
    #expect((first - last).nanoseconds == .min)
    #expect(Timestamp(seconds: 5) + .seconds(Int64.max) == last)
    #expect(Duration.seconds(Int64.min).nanoseconds == .min)
    #expect(Duration(inSeconds: 1e300).nanoseconds == .max)
    #expect(Duration(inSeconds: -.infinity).nanoseconds == .min)
    #expect(Duration(inSeconds: .nan) == .zero)
    #expect(CivilTime(last, offset: .seconds(3_600)).year == 2262)
    let beyond = CivilTime.moment(
      year: 2262,
      month: 4,
      day: 11,
      hour: 23,
      minute: 47,
      second: 16,
      nanosecond: 999_999_999
    )
    #expect(beyond == last)
  }
}
