import ConditionModel
import Testing

struct BearingGeometryTests {
  /// Orders as their makers and users publish them; see `Bearings/bearings.yaml` for the sources.
  @Test(arguments: [
    // 6205-2RS: 9 balls of 0.3126 in on 1.537 in.
    (9, 0.3126, 1.537, 0.0, [3.5848, 5.4152, 2.357, 0.3983]),
    // 6203-2RS: 8 balls of 0.2656 in on 1.122 in.
    (8, 0.2656, 1.122, 0.0, [3.0531, 4.9469, 1.9939, 0.3816]),
    // ZA-2115: 16 rollers of 8.41 mm on 71.5 mm at 15.17 degrees.
    (16, 8.41, 71.5, 15.17, [7.09, 8.91, 4.20, 0.443]),
  ])
  func `the rates are those that are published`(
    count: Int,
    ball: Double,
    pitch: Double,
    angle: Double,
    published: [Double]
  ) throws {
    let geometry = try #require(
      BearingGeometry(
        elementCount: count,
        elementDiameter: ball,
        pitchDiameter: pitch,
        contactAngleDegrees: angle
      )
    )
    let orders = geometry.orders
    for (order, expected) in zip([orders.outer, orders.inner, orders.spin, orders.cage], published)
    {
      #expect(abs(order / expected - 1) < 0.002)
    }
    #expect(abs(orders.outer + orders.inner - Double(count)) < 1e-12)
    #expect(abs(orders.outer - Double(count) * orders.cage) < 1e-12)
  }

  @Test func `the unit of the diameters does not matter`() {
    let inches = BearingGeometry(elementCount: 9, elementDiameter: 0.3126, pitchDiameter: 1.537)
    let metric = BearingGeometry(
      elementCount: 9,
      elementDiameter: 0.3126 * 25.4,
      pitchDiameter: 1.537 * 25.4
    )
    let difference = (inches?.orders.outer ?? 0) - (metric?.orders.outer ?? 1)
    #expect(abs(difference) < 1e-12)
  }

  @Test(arguments: [
    (2, 8.0, 40.0, 0.0, "rolling elements"),
    (9, 0.0, 40.0, 0.0, "ball diameter"),
    (9, 8.0, -1.0, 0.0, "pitch diameter"),
    (9, 8.0, 40.0, 95.0, "contact angle"),
    (9, 40.0, 8.0, 0.0, "same unit"),
    (30, 8.0, 40.0, 0.0, "do not fit"),
    (9, Double.nan, 40.0, 0.0, "ball diameter"),
  ])
  func `what cannot be a bearing is refused with the reason`(
    count: Int,
    ball: Double,
    pitch: Double,
    angle: Double,
    reason: String
  ) {
    let problems = BearingGeometry.problems(
      elementCount: count,
      elementDiameter: ball,
      pitchDiameter: pitch,
      contactAngleDegrees: angle
    )
    #expect(problems.count == 1)
    #expect(problems.first?.contains(reason) == true)
    #expect(
      BearingGeometry(
        elementCount: count,
        elementDiameter: ball,
        pitchDiameter: pitch,
        contactAngleDegrees: angle
      ) == nil
    )
  }
}
