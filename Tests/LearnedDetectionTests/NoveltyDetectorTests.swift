import Foundation
import SignalProcessing
import Testing

@testable import LearnedDetection

struct NoveltyDetectorTests {
  /// A year-like series: a daily wave, noise, a drift, a day out of rhythm, a step, a spike.
  private func series(seed: UInt64, stepSeconds: Int) -> [(value: Double, secondOfDay: Int)] {
    var generator = SeededGenerator(seed: seed)
    return (0..<2_400).map { index in
      let second = index * stepSeconds % 86_400
      // A parabola per half day stands for a wave.
      let phase = Double(second) / 43_200
      let half = phase.truncatingRemainder(dividingBy: 1)
      var wave = 16 * half * (1 - half) * (phase < 1 ? 1 : -1)
      if (1_500..<1_560).contains(index) { wave = 0 }
      let step = index >= 1_900 ? 6.0 : 0
      let spike = index == 2_300 ? 40.0 : 0
      return (50 + wave + step + spike + 0.5 * generator.normal() + Double(index) * 1e-4, second)
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64], [300, 1_800, 3_600, 100_000])
  func `it scores as the plain formulas do, on every row`(seed: UInt64, stepSeconds: Int) throws {
    var detector = NoveltyDetector(
      samplingPeriodSeconds: Double(stepSeconds),
      warmUpSamples: 200
    )
    var plain = PlainNovelty(stepSeconds: stepSeconds, warmUp: 200)
    var alarms = 0
    for (row, (value, second)) in series(seed: seed, stepSeconds: stepSeconds).enumerated() {
      let verdict = detector.judge(value, secondOfDay: second)
      let (score, isAlarm) = plain.take(value, second: second)
      try #require(abs(verdict.score - score) < 1e-9, "row \(row)")
      try #require(verdict.isAlarm == isAlarm, "row \(row)")
      alarms += isAlarm ? 1 : 0
    }
    #expect(alarms > 0)
  }

  @Test func `the detector keeps the laws`() throws {
    try expectDetectorLaws(
      NoveltyDetector(samplingPeriodSeconds: 1_800, warmUpSamples: 100),
      on: series(seed: 4, stepSeconds: 1_800),
      missing: (value: -Double.greatestFiniteMagnitude, secondOfDay: 0)
    ) { detector, input in
      detector.judge(input.value, secondOfDay: input.secondOfDay).score
    }
  }

  @Test func `an unheard-of value is an alarm at once, a second like it soon after is none`() {
    var generator = SeededGenerator(seed: 8)
    var detector = NoveltyDetector(samplingPeriodSeconds: 300, warmUpSamples: 50)
    for index in 0..<1_000 {
      _ = detector.judge(generator.normal(), secondOfDay: index * 300 % 86_400)
    }
    #expect(detector.judge(30, secondOfDay: 0).isAlarm)
    #expect(!detector.judge(30, secondOfDay: 300).isAlarm)
  }

  @Test func `alarms become rare while nothing changes`() {
    var generator = SeededGenerator(seed: 12)
    var detector = NoveltyDetector(samplingPeriodSeconds: 300, warmUpSamples: 100)
    var early = 0
    var late = 0
    for index in 0..<10_000 {
      let verdict = detector.judge(generator.normal(), secondOfDay: index * 300 % 86_400)
      if verdict.isAlarm, index < 2_000 { early += 1 }
      if verdict.isAlarm, index >= 2_000 { late += 1 }
    }
    #expect(early + late < 25)
    #expect(Double(late) / 8_000 < 0.001)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `no number, no novelty`(value: Double) {
    var detector = NoveltyDetector(samplingPeriodSeconds: 300, warmUpSamples: 0)
    let before = detector
    #expect(detector.judge(value, secondOfDay: 0).score == 0)
    #expect(detector == before)
  }

  @Test func `no alarm comes from the samples that only warm up`() {
    var detector = NoveltyDetector(samplingPeriodSeconds: 300, warmUpSamples: 100)
    for index in 0..<100 {
      let verdict = detector.judge(Double(index * index), secondOfDay: 0)
      #expect(verdict == NoveltyVerdict(ratio: 0, isAlarm: false))
    }
  }

  @Test func `a channel takes less than 4 kB`() {
    let bins = 96 * 2 * MemoryLayout<Double>.size
    #expect(MemoryLayout<NoveltyDetector>.size + bins < 4_000)
  }

  @Test(arguments: [0, 1e-9, 0.3, 0.999, 1, 2, 5])
  func `the soft maximum is the twelfth root of twelfth powers`(value: Double) {
    let expected = pow(pow(value, 12) + pow(1.5, 12), 1.0 / 12)
    #expect(abs(softMaximum(value, 1.5) - expected) < 1e-14 * expected)
    #expect(softMaximum(value, 1.5) == softMaximum(1.5, value))
  }

  @Test(arguments: [1.0, 5, 12, 600, 1e6])
  func `the smoothing weight is one less the exponential`(timeConstant: Double) {
    let expected = -expm1(-1 / timeConstant)
    #expect(abs(smoothingWeight(timeConstantSamples: timeConstant) - expected) < 1e-15 * expected)
  }
}

/// The novelty detector as its formulas read.
private struct PlainNovelty {
  let warmUp: Int
  var means: [Double?]
  var counts: [Int]
  var all: Double?
  var deviation = 0.0
  var long = 0.0
  var daily = (top: 0.0, count: 0)
  var far = 0.0
  var index = 0
  var last: (index: Int, level: Double)?

  init(stepSeconds: Int, warmUp: Int) {
    self.warmUp = warmUp
    let bins = min(96, max(1, 86_400 / stepSeconds))
    means = Array(repeating: nil, count: bins)
    counts = Array(repeating: 0, count: bins)
  }

  mutating func take(_ value: Double, second: Int) -> (score: Double, isAlarm: Bool) {
    let bin = second * means.count / 86_400
    if index == 0 { long = value }
    let mean = all ?? value
    let usual = means[bin] ?? mean
    deviation += (1 - exp(-1.0 / 12)) * (value - usual - deviation)
    counts[bin] += 1
    let old = means[bin] ?? 0
    means[bin] = old + max(0.2, 1 / Double(counts[bin])) * (value - old)
    all = mean + 0.01 * (value - mean)
    let away = abs(value - long)
    long += max(1 - exp(-1.0 / 600), 1 / Double(index + 1)) * (value - long)

    let first = index >= warmUp ? abs(deviation) / (daily.top + 1e-12) : 0
    let second = index >= warmUp ? away / (far + 1e-12) : 0
    daily.top = max(daily.top * pow(0.5, 1 / max(500, 2 * Double(daily.count))), abs(deviation))
    daily.count += 1
    far = max(far, away)
    let sum = pow(min(first, 5), 12) + pow(min(second, 5), 12)
    let ratio = pow(sum, 1.0 / 12)
    let now = index
    index += 1
    guard ratio > 1 else { return (ratio / (1 + ratio), false) }
    if let last, Double(now - last.index) < max(30, 0.02 * Double(now)), ratio <= 1.5 * last.level {
      return (1.0 / 3, false)
    }
    last = (now, ratio)
    return (ratio / (1 + ratio), true)
  }
}
