// Transforms of three, four, five and eight numbers, four times side by side.

@inline(__always)
func threePoints(
  _ a: ComplexLanes,
  _ b: ComplexLanes,
  _ c: ComplexLanes
) -> (ComplexLanes, ComplexLanes, ComplexLanes) {
  let sine = Float(0.866_025_403_784_438_6)  // sin(2π ∕ 3)
  let sum = b + c
  let difference = (b - c) * sine
  let middle = a - sum * 0.5
  return (a + sum, middle.minusTurned(difference), middle.plusTurned(difference))
}

@inline(__always)
func fourPoints(
  _ a: ComplexLanes,
  _ b: ComplexLanes,
  _ c: ComplexLanes,
  _ d: ComplexLanes
) -> (ComplexLanes, ComplexLanes, ComplexLanes, ComplexLanes) {
  let even = a + c
  let odd = a - c
  let evenRest = b + d
  let oddRest = b - d
  return (
    even + evenRest, odd.minusTurned(oddRest), even - evenRest, odd.plusTurned(oddRest)
  )
}

@inline(__always)
func fivePoints(
  _ a: ComplexLanes,
  _ b: ComplexLanes,
  _ c: ComplexLanes,
  _ d: ComplexLanes,
  _ e: ComplexLanes
) -> (ComplexLanes, ComplexLanes, ComplexLanes, ComplexLanes, ComplexLanes) {
  let cosine1 = Float(0.309_016_994_374_947_4)  // cos(2π ∕ 5)
  let cosine2 = Float(-0.809_016_994_374_947_4)  // cos(4π ∕ 5)
  let sine1 = Float(0.951_056_516_295_153_6)  // sin(2π ∕ 5)
  let sine2 = Float(0.587_785_252_292_473_1)  // sin(4π ∕ 5)
  let outerSum = b + e
  let outerDifference = b - e
  let innerSum = c + d
  let innerDifference = c - d
  let middle1 = a + outerSum * cosine1 + innerSum * cosine2
  let middle2 = a + outerSum * cosine2 + innerSum * cosine1
  let turned1 = outerDifference * sine1 + innerDifference * sine2
  let turned2 = outerDifference * sine2 - innerDifference * sine1
  return (
    a + outerSum + innerSum,
    middle1.minusTurned(turned1),
    middle2.minusTurned(turned2),
    middle2.plusTurned(turned2),
    middle1.plusTurned(turned1)
  )
}

@inline(__always)
func eightPoints(
  _ a: ComplexLanes,
  _ b: ComplexLanes,
  _ c: ComplexLanes,
  _ d: ComplexLanes,
  _ e: ComplexLanes,
  _ f: ComplexLanes,
  _ g: ComplexLanes,
  _ h: ComplexLanes
) -> (
  ComplexLanes, ComplexLanes, ComplexLanes, ComplexLanes,
  ComplexLanes, ComplexLanes, ComplexLanes, ComplexLanes
) {
  let diagonal = Float(0.707_106_781_186_547_5)  // cos(π ∕ 4)
  let evens = fourPoints(a, c, e, g)
  let odds = fourPoints(b, d, f, h)
  // The odd half is turned by −π ∕ 4 times its index; the third by π more, for the sums below.
  let odd1 = ComplexLanes(
    real: (odds.1.real + odds.1.imaginary) * diagonal,
    imaginary: (odds.1.imaginary - odds.1.real) * diagonal
  )
  let odd3 = ComplexLanes(
    real: (odds.3.real - odds.3.imaginary) * diagonal,
    imaginary: (odds.3.real + odds.3.imaginary) * diagonal
  )
  return (
    evens.0 + odds.0,
    evens.1 + odd1,
    evens.2.minusTurned(odds.2),
    evens.3 - odd3,
    evens.0 - odds.0,
    evens.1 - odd1,
    evens.2.plusTurned(odds.2),
    evens.3 + odd3
  )
}
