import ConditionModel
import Foundation
import StateDetection
import Testing

/// What is learned of a machine, and what is found by it.
struct LearnedBehaviourTests {
  @Test(arguments: [1, 2] as [UInt64])
  func `a healthy machine with load steps and warm afternoons is left in peace`(seed: UInt64) {
    var bench = LearnedBench(seed: seed)
    bench.run(days: 18)
    #expect(bench.begun.isEmpty)
  }

  @Test func `while a machine is learned nothing is said of what is unusual`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in if days > 3 { values.vibration *= 2 } }
    bench.run(days: 5.5)
    #expect(bench.begun.isEmpty)
  }

  @Test func `heat that neither load nor hall explains is found, with the usual band`() throws {
    var bench = LearnedBench()
    bench.disturb = { values, days in values.bearing += max(0, days - 8) * 1.5 }
    bench.run(days: 14)
    let finding = try #require(bench.begun.first)
    #expect(finding.channel == LearnedBench.bearing)
    guard case .unusual(let deviation) = finding.kind else {
      Issue.record("not the machine: \(finding.kind)")
      return
    }
    #expect(deviation.side == .above)
    #expect(deviation.usual.upperBound < finding.observed ?? 0)
    #expect((0...1).contains(deviation.share))
    #expect(finding.since >= bench.now - .seconds(6 * 86_400))
  }

  @Test func `wear over three weeks is not learned as the new normal`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in values.vibration *= 1 + max(0, days - 7) * 0.03 }
    bench.run(days: 24)
    #expect(bench.begun.contains { $0.channel == LearnedBench.vibration && $0.kind.isUnusual })
    #expect(bench.begun.allSatisfy { $0.kind.findingClass == .machine })
  }

  @Test func `a season that the hall shows is no fault`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      let warmth = max(0, days - 6) * 0.4
      values.hall += warmth
      values.bearing += warmth
    }
    bench.run(days: 20)
    #expect(bench.begun.isEmpty)
  }

  @Test func `a sensor that is stuck is told, and what it shows explains nothing`() throws {
    var bench = LearnedBench()
    bench.disturb = { values, days in if days > 8 { values.power = 9 } }
    bench.run(days: 10)
    let first = try #require(bench.begun.first)
    #expect(first.channel == LearnedBench.power)
    guard case .stuck(let duration) = first.kind else {
      Issue.record("not stuck: \(first.kind)")
      return
    }
    // Four readings a minute, from the first that did not move any more.
    let told = try #require(bench.reports.first { $0.change == .began }?.timestamp)
    let standing = (told - Timestamp(seconds: 1_790_035_200 + 8 * 86_400)).inSeconds
    #expect(abs(duration.inSeconds - standing) < 120)
    #expect(bench.begun.allSatisfy { $0.kind.findingClass == .sensor })
  }

  @Test func `a sensor that scatters is told, all channels together are the machine`() {
    var bench = LearnedBench()
    var one = NoiseSource(seed: 3)
    bench.disturb = { values, days in if days > 8 { values.flow += one.next(6) } }
    bench.run(days: 9.5)
    #expect(bench.begun.map(\.channel) == [LearnedBench.flow])
    #expect(bench.begun.allSatisfy { $0.kind.findingClass == .sensor })

    var rough = LearnedBench()
    var all = NoiseSource(seed: 4)
    rough.disturb = { values, days in
      guard days > 8 else { return }
      values.flow += all.next(3)
      values.power += all.next(0.5)
      values.vibration += all.next(0.3)
    }
    rough.run(days: 9.5)
    #expect(rough.begun.allSatisfy { $0.kind.findingClass != .sensor })
  }

  /// A command leaps and stays; what leaps there and back is read wrong.
  @Test(arguments: [LearnedBench.bearing, LearnedBench.speed])
  func `single readings far off are spikes of the sensor and no deviation`(channel: ChannelID) {
    var bench = LearnedBench()
    var count = 0
    bench.disturb = { values, days in
      count += 1
      guard days > 8, count.isMultiple(of: 97) else { return }
      if channel == LearnedBench.speed { values.speed += 200 } else { values.bearing += 40 }
    }
    bench.run(days: 9.5)
    #expect(bench.begun.map(\.channel) == [channel])
    guard case .spiking(let rate) = bench.begun.first?.kind else {
      Issue.record("no spikes: \(bench.begun)")
      return
    }
    #expect(rate > 0.3)
  }

  @Test func `what never goes beyond a value that it used to pass is cut off there`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in if days > 8 { values.power = min(values.power, 9.4) } }
    bench.run(days: 9)
    #expect(bench.begun.first?.channel == LearnedBench.power)
    #expect(bench.begun.first?.kind == .clipped(.above))
  }

  @Test func `a vibration that fades for weeks is not learned as the new normal`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in values.vibration -= max(0, days - 7) * 0.045 }
    bench.run(days: 24)
    #expect(bench.begun.first?.channel == LearnedBench.vibration)
    guard case .drifting = bench.begun.first?.kind else {
      Issue.record("no drift: \(bench.begun)")
      return
    }
  }

  @Test func `what drifts for long at rest is not taken for usual there`() {
    var bench = LearnedBench()
    var job = NoiseSource(seed: 9)
    var count = 0
    var demand = 0.0
    bench.disturb = { values, days in
      count += 1
      // In running the flow is as jobs demand it, so that only rest can show a small drift.
      if count.isMultiple(of: 480) { demand = job.next(6) }
      values.flow += demand
      if days - days.rounded(.down) > 0.5 { values.stop() }
      values.flow += max(0, days - 7) * 0.3
    }
    bench.run(days: 16)
    #expect(!bench.begun.isEmpty)
    #expect(
      bench.begun.allSatisfy {
        $0.channel == LearnedBench.flow && $0.kind.findingClass == .sensor
      }
    )
  }

  @Test func `while the sensor of the weather is at fault no temperature is judged at rest`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      if days - days.rounded(.down) > 0.5 {
        values.stop()
        values.bearing = values.hall + 1
      }
      if days > 8 { values.hall = 25 }
    }
    bench.run(days: 10)
    #expect(bench.begun.map(\.channel) == [LearnedBench.hall])
  }

  @Test func `what rest has told of a sensor, rest ends`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      if days - days.rounded(.down) > 0.5 { values.stop() }
      if days > 8.6, days < 8.75 { values.flow += 12 }
    }
    bench.run(days: 8.75)
    #expect(bench.begun.map(\.channel) == [LearnedBench.flow])
    #expect(bench.ended.isEmpty)
    bench.run(days: 0.2)
    #expect(bench.ended.map(\.channel) == [LearnedBench.flow])
  }

  @Test func `a temperature that leaps is the sensor's`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in if days > 8.3 { values.bearing += 12 } }
    bench.run(days: 9)
    #expect(bench.begun.map(\.channel) == [LearnedBench.bearing])
    guard case .shifted(let deviation) = bench.begun.first?.kind else {
      Issue.record("no step: \(bench.begun)")
      return
    }
    #expect(bench.begun.first?.observed.map { !deviation.usual.contains($0) } == true)
  }

  @Test func `a flow that is off by what nobody would act on is not told`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in if days > 8 { values.flow += 0.6 } }
    bench.run(days: 12)
    #expect(bench.begun.isEmpty, "\(bench.begun)")
  }

  @Test func `what others keep under pressure says nothing of its sensor while the machine stands`()
  {
    var plant = LearnedBench.plant
    plant.channels[4].quantity = .pressure
    plant.channels[4].unit = "kPa"
    var configuration = LearnedBench.configuration()
    configuration.plant = plant
    var bench = LearnedBench(configuration: configuration)
    bench.disturb = { values, days in
      guard days - days.rounded(.down) > 0.5 else { return }
      values.stop()
      values.flow = days > 8.5 ? 14 : 20
    }
    bench.run(days: 11)
    #expect(bench.begun.isEmpty, "\(bench.begun)")
  }

  @Test func `a machine whose job pauses every few minutes is learned and judged all the same`() {
    var bench = LearnedBench()
    var count = 0
    bench.disturb = { values, days in
      count += 1
      if days > 8 { values.vibration *= 1.6 }
      if count % 40 < 8 { values.stop() }
    }
    bench.run(days: 8)
    #expect(bench.begun.isEmpty, "\(bench.begun)")
    bench.run(days: 1)
    #expect(bench.begun.map(\.channel) == [LearnedBench.vibration])
  }

  @Test func `what was off before anything was judged is off since then`() throws {
    var bench = LearnedBench()
    let first = bench.now
    bench.disturb = { values, days in if days > 5.9 { values.vibration *= 1.8 } }
    bench.run(days: 8)
    let told = try #require(bench.begun.first)
    #expect(told.since > first + .seconds(5 * 86_400), "\(told)")
  }

  @Test func `a vibration that is off at rest by as much as in running is its sensor's`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      if isBreak(days) { values.stop() }
      values.vibration += max(0, days - 8) * 0.25
    }
    bench.run(days: 11)
    // Until the machine stops, nothing tells it from wear.
    #expect(bench.begun.map(\.channel) == [LearnedBench.vibration])
    #expect(bench.begun.allSatisfy { $0.kind.isUnusual })
    bench.run(days: 1)
    #expect(bench.ended.first?.kind.isUnusual == true)
    guard case .drifting = bench.begun.last?.kind else {
      Issue.record("not the sensor: \(bench.begun)")
      return
    }
  }

  @Test func `a temperature that is off while the machine stands cold is its sensor's at once`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      guard days - days.rounded(.down) > 0.5 else { return }
      values.stop()
      values.bearing = values.hall + 1
      if days > 8.8 { values.bearing += 15 }
    }
    bench.run(days: 8.8)
    #expect(bench.begun.isEmpty)
    bench.run(days: 0.15)
    #expect(bench.begun.map(\.channel) == [LearnedBench.bearing])
    guard case .drifting(let deviation) = bench.begun.first?.kind else {
      Issue.record("not the sensor: \(bench.begun)")
      return
    }
    // The band is that of a standing machine, not of the last hour of running.
    #expect(deviation.side == .above)
    #expect((18..<24).contains(deviation.usual.lowerBound))
    #expect((18..<26).contains(deviation.usual.upperBound))
  }

  @Test func `a vibration that is usual at rest stays the machine's`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      values.vibration *= 1 + max(0, days - 8) * 0.2
      if isBreak(days) { values.stop() }
    }
    bench.run(days: 12)
    #expect(!bench.begun.isEmpty)
    #expect(bench.begun.allSatisfy { $0.kind.findingClass == .machine })
  }

  @Test func `a repair that brings back the level before is no news`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      if (8..<11).contains(days) { values.vibration *= 1.5 }
    }
    bench.run(days: 10.9)
    #expect(bench.begun.count == 1 && bench.ended.count == 1)
    bench.run(days: 4)
    #expect(bench.begun.count == 1)
  }

  @Test func `a speed that leaps alone is read wrong, and all that it explains is left in peace`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in if days > 8.3 { values.speed += 150 } }
    bench.run(days: 9)
    #expect(bench.begun.first?.channel == LearnedBench.speed)
    guard case .shifted = bench.begun.first?.kind else {
      Issue.record("no step: \(bench.begun)")
      return
    }
  }

  @Test(arguments: [true, false])
  func `on a day hotter than any before, heat must go farther to be told`(isHot: Bool) {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      guard days > 8.3 else { return }
      if isHot { values.hall += 15 }
      values.bearing += 4.5 + (isHot ? 15 : 0)
    }
    bench.run(days: 9.3)
    #expect(bench.begun.map(\.channel) == (isHot ? [] : [LearnedBench.bearing]))
  }

  @Test func `little but lasting, it is shown as an average that lies outside of what it may be`()
    throws
  {
    var bench = LearnedBench()
    bench.disturb = { values, days in if days > 8.3 { values.bearing += 1.6 } }
    bench.run(days: 10)
    let finding = try #require(bench.begun.first { $0.channel == LearnedBench.bearing })
    guard case .unusual(let deviation) = finding.kind else {
      Issue.record("\(finding.kind)")
      return
    }
    let observed = try #require(finding.observed)
    #expect(observed > deviation.usual.upperBound)
    #expect(deviation.usual.contains(observed - 1.6))
  }

  @Test func `what comes back within a day is the same story`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      for start in [8, 8.9] where (start..<start + 0.4).contains(days) {
        values.vibration *= 1 + 0.7 * min(1, 10 * (days - start))
      }
    }
    bench.run(days: 9.3)
    let episodes = bench.begun.compactMap { finding -> UInt32? in
      guard case .unusual(let deviation) = finding.kind else { return nil }
      return deviation.episode
    }
    #expect(episodes.count == 2 && Set(episodes).count == 1)
  }

  @Test func `a speed is what is commanded, and the weather is no fault`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      guard days > 8 else { return }
      values.speed -= 60
      values.hall += 3
      values.bearing += 3
    }
    bench.run(days: 12)
    #expect(
      bench.begun.allSatisfy { finding in
        finding.channel != LearnedBench.speed && finding.channel != LearnedBench.hall
          || finding.kind.findingClass == .sensor
      }
    )
  }

  @Test func `a level that a person accepts is normal from then on, and growth counts from there`()
  {
    var bench = LearnedBench()
    bench.disturb = { values, days in if days > 8 { values.vibration *= 1.6 } }
    while bench.begun.isEmpty, bench.days < 12 { bench.run(days: 0.05) }
    #expect(bench.begun.map(\.channel) == [LearnedBench.vibration])
    bench.run(days: 0.5)
    bench.detector.accept(LearnedBench.vibration)
    bench.run(days: 0.1)
    #expect(bench.ended.map(\.channel) == [LearnedBench.vibration])
    bench.run(days: 3)
    #expect(bench.begun.count == 1)
    bench.disturb = { values, _ in values.vibration *= 2.6 }
    bench.run(days: 2)
    #expect(bench.begun.count == 2)
  }

  @Test func `work on a machine starts a new baseline, and a fault that it caused still grows`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      guard days > 8 else { return }
      values.vibration *= 1.25 + max(0, days - 9) * 0.12
    }
    bench.run(days: 8)
    bench.detector.mark(
      MaintenanceMark(asset: AssetID(index: 0), timestamp: bench.now, kind: .part, text: "")
    )
    bench.run(days: 1)
    #expect(bench.begun.isEmpty)
    bench.run(days: 8)
    #expect(bench.begun.contains { $0.channel == LearnedBench.vibration })
  }

  @Test func `work that did not touch a fault does not make it usual`() {
    var bench = LearnedBench()
    var size = 1.6
    bench.disturb = { values, days in if days > 8 { values.vibration *= size } }
    while bench.begun.isEmpty, bench.days < 12 { bench.run(days: 0.05) }
    #expect(bench.begun.map(\.channel) == [LearnedBench.vibration])
    bench.run(days: 0.1)
    bench.mark(.setting)
    bench.run(days: 0.5)
    #expect(bench.ended.isEmpty)
    // What the work did change is what it was for.
    bench.mark(.part)
    size = 1.25
    bench.run(days: 0.4)
    #expect(bench.ended.map(\.channel) == [LearnedBench.vibration])
  }

  @Test func `a sensor that is replaced while the machine stands is no fault of it`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      if days - days.rounded(.down) > 0.5 { values.stop() }
      // The new one reads nothing below 12.
      if days > 8.6 { values.flow = max(values.flow, 12) }
      if days > 11.8 { values.flow += 12 }
    }
    bench.run(days: 8.6)
    bench.mark(.sensor)
    bench.run(days: 3.2)
    #expect(bench.begun.isEmpty)
    bench.run(days: 0.2)
    #expect(bench.begun.map(\.channel) == [LearnedBench.flow])
    #expect(bench.begun.allSatisfy { $0.kind.findingClass == .sensor })
  }

  @Test func `the level after work is that of the hours after it alone`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in if days > 8 { values.vibration *= 1.6 } }
    bench.run(days: 8)
    bench.mark(.part)
    bench.run(days: 4)
    #expect(bench.begun.isEmpty)
  }

  @Test func `grease warms a bearing from when it was given, whenever rows came before`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      values.bearing += min(max(0, days - 10) * 8, 4)
    }
    bench.run(days: 8)
    bench.pause(days: 2)
    bench.mark(.greasing)
    bench.run(days: 1.5)
    #expect(bench.begun.isEmpty)
  }

  /// Nobody says that it was given.
  @Test(arguments: [6.0, 12])
  func `heat that came within the hour and goes within the day is no news`(height: Double) {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      let since = days - 8.3
      guard since > 0 else { return }
      values.bearing += height * min(24 * since, 1) * exp(-since / 0.4)
    }
    bench.run(days: 12)
    #expect(bench.begun.isEmpty)
  }

  @Test func `heat that came within the hour and stays is told after hours, much at once`() throws {
    for (height, hours) in [(6.0, 4.0..<14), (25, 0..<3)] {
      var bench = LearnedBench()
      bench.disturb = { values, days in values.bearing += height * min(max(0, days - 8.3) * 24, 1) }
      bench.run(days: 8.3)
      let start = bench.now
      bench.run(days: 1)
      let report = try #require(bench.reports.first { $0.change == .began })
      #expect(report.finding.channel == LearnedBench.bearing && report.finding.kind.isUnusual)
      #expect(hours.contains((report.timestamp - start).inSeconds / 3_600))
    }
  }

  @Test func `high frequencies that fall as with fresh grease are no fault of their sensor`() {
    var configuration = LearnedBench.configuration()
    configuration.plant.channels[3].quantity = .highFrequencyAccelerationRMS
    for (part, isTold) in [(0.72, false), (0.3, true)] {
      var bench = LearnedBench(configuration: configuration)
      bench.disturb = { values, days in if days > 8.3 { values.vibration *= part } }
      bench.run(days: 10)
      #expect(bench.begun.isEmpty == !isTold)
    }
  }

  @Test func `what is on its way back is no wear`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      let since = days - 8.3
      if since > 0 { values.vibration *= 1 + 0.2 * min(48 * since, 1) * exp(-since / 0.15) }
    }
    bench.run(days: 10)
    #expect(bench.begun.isEmpty)
  }

  @Test func `after a gap a machine at rest may be warm from what it did meanwhile`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      guard days - days.rounded(.down) > 0.5 else { return }
      values.stop()
      values.bearing = values.hall + (days > 8.8 ? 30 : 1)
    }
    bench.run(days: 8.75)
    bench.pause(days: 0.1)
    bench.run(days: 0.08)
    #expect(bench.begun.isEmpty)
  }

  @Test func `weeks without a value are none that were watched, and one story counts once`() throws
  {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      guard days > 7 else { return }
      values.vibration *= 1.6
      values.bearing += min((days - 7) * 30, 12)
    }
    bench.run(days: 9)
    #expect(Set(bench.begun.map(\.channel)).count == 2)
    bench.pause(days: 14)
    bench.run(days: 0.5)
    let progress = try #require(bench.detector.learning(of: AssetID(index: 0)))
    #expect(abs(progress.weeksWatched - 0.5) < 0.01)
    #expect(progress.likelyMost == nil)
    #expect(progress.alertCount == 1)
  }

  @Test func `a gap of weeks while a machine is learned is no time of learning`() throws {
    var bench = LearnedBench()
    bench.run(days: 1)
    bench.pause(days: 21)
    bench.run(days: 0.5)
    let left = try #require(bench.detector.learning(of: AssetID(index: 0))?.daysLeft)
    #expect(abs(left - 4.5) < 0.01)
    // A night without power is none that changes anything.
    bench.pause(days: 0.5)
    bench.run(days: 0.5)
    let then = try #require(bench.detector.learning(of: AssetID(index: 0))?.daysLeft)
    #expect(abs(then - 3.5) < 0.01)
  }

  @Test func `one spike without a measuring range is no deviation, and wear is found after it`() {
    var bench = LearnedBench()
    var isSpike = false
    bench.disturb = { values, days in
      if isSpike { values.vibration = 1e9 }
      if days > 8 { values.vibration *= 1 + (days - 8) * 0.5 }
    }
    bench.run(days: 7)
    isSpike = true
    bench.run(days: 2.5 / Double(LearnedBench.readingsPerDay))
    isSpike = false
    bench.run(days: 1)
    #expect(bench.begun.isEmpty)
    bench.run(days: 4)
    #expect(bench.begun.contains { $0.channel == LearnedBench.vibration && $0.kind.isUnusual })
  }

  @Test func `a channel that is silent is not what another's deviation comes from`() {
    var bench = LearnedBench()
    bench.disturb = { values, days in
      guard days > 8 else { return }
      // It leaps, and is gone before that is told.
      values.vibration = days < 8.03 ? values.vibration + 100 * (days - 8) : .nan
      values.bearing += min(2, max(0, days - 8.1) * 8)
    }
    bench.run(days: 9)
    #expect(bench.begun.filter(\.kind.isUnusual).map(\.channel) == [LearnedBench.bearing])
  }

  @Test func `after two days without values nothing is made of the gap`() {
    var bench = LearnedBench()
    bench.run(days: 9)
    bench.pause(days: 2)
    bench.run(days: 3)
    #expect(bench.begun.isEmpty)
  }

  @Test(arguments: [2.03, 6.6, 8.5, 9.71])
  func `a learner that is saved and restored goes on as if nothing had happened`(
    days: Double
  ) throws {
    var whole = LearnedBench()
    whole.disturb = { values, days in values.bearing += max(0, days - 7) * 2 }
    whole.run(days: days)
    let saved = try JSONEncoder().encode(whole.detector.memory)
    let memory = try JSONDecoder().decode(StateDetector.Memory.self, from: saved)
    #expect(memory == whole.detector.memory)
    var restored = whole
    restored.detector = StateDetector(LearnedBench.configuration(), memory: memory)
    whole.run(days: 1.5)
    restored.run(days: 1.5)
    #expect(whole.reports == restored.reports)
    #expect(whole.detector.memory == restored.detector.memory)
  }

  @Test func `learning is visible, and promises no more than the weeks show`() throws {
    var bench = LearnedBench()
    bench.run(days: 3)
    let young = try #require(bench.detector.learning(of: AssetID(index: 0)))
    #expect(!young.isTrusted && abs(young.daysLeft - 3) < 0.01 && young.likelyMost == nil)
    #expect(young.missing.first == .days(young.daysLeft))
    bench.run(days: 17)
    let old = try #require(bench.detector.learning(of: AssetID(index: 0)))
    #expect(old.isTrusted && old.daysLeft == 0 && old.hours > 100)
    #expect(!old.states.isEmpty && old.states.allSatisfy { $0.hours > 0 })
    let seldom = old.states.filter { $0.hours < LearningProgress.leastHours }
    #expect(old.missing == seldom.map { .state($0) })
    // A sensor that is known to be at fault is missing, too.
    bench.disturb = { values, _ in values.bearing = 55 }
    bench.run(days: 2)
    let blind = try #require(bench.detector.learning(of: AssetID(index: 0)))
    #expect(blind.missing.contains(.channel(LearnedBench.bearing)))
    #expect(abs(old.weeksWatched - 2) < 0.01)
    #expect(old.likelyMost.map { abs($0 - 1.5) < 0.02 } == true)
  }

  @Test func `fewer false alerts accepted means later alerts`() throws {
    func firstAlert(perWeek: Double) -> Double {
      var bench = LearnedBench(
        configuration: LearnedBench.configuration(falseAlertsPerWeek: perWeek)
      )
      bench.disturb = { values, days in values.bearing += max(0, days - 7) * 0.3 }
      while bench.begun.isEmpty, bench.days < 20 { bench.run(days: 0.02) }
      return bench.days
    }
    #expect(firstAlert(perWeek: 1) < firstAlert(perWeek: 0.001))
  }
}

/// Half an hour at six and at eighteen, but not while a fault begins.
private func isBreak(_ days: Double) -> Bool {
  let half = 2 * days + 0.5
  return !(7..<11).contains(days) && half - half.rounded(.down) < 0.04
}

struct NoiseSource {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next(_ size: Double) -> Double {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return size * (Double(state >> 11) / Double(1 << 52) - 1)
  }
}

extension Finding.Kind {
  fileprivate var isUnusual: Bool { if case .unusual = self { true } else { false } }
}
