import AdvisoryGeneration
import ConditionModel
import DatasetReplay
import SignalProcessing

/// Waveform, spectrum and envelope spectrum of a record, with the lines of the diagnosis.
struct DiagnosisFigures {
  private(set) var all: [String] = []
  private let record: VibrationRecord
  private let words: DiagnosisWords

  init(_ diagnosis: VibrationDiagnosis, record: VibrationRecord, words: DiagnosisWords) {
    self.record = record
    self.words = words
    let named =
      diagnosis.confident.isEmpty
      ? Array(diagnosis.suspects.filter { !$0.lines.isEmpty }.prefix(1)) : diagnosis.confident
    // What is named may be a pattern of the shaft; the bearing's lines stand in the envelope all the
    // same.
    let bearing =
      named.first { $0.fault.isBearing } ?? diagnosis.suspects.first { $0.fault.isBearing }
    let band = diagnosis.levels.envelopeBand
    let length = Self.segment(record)
    all = [
      waveform(diagnosis.shaft.hertz), spectrum(length, named, band),
      envelope(length, bearing?.lines ?? [], band),
    ]
  }

  /// A second and a half, as the diagnosis takes it.
  private static func segment(_ record: VibrationRecord) -> Int {
    var length = min(record.samples.count, Int(1.5 * record.sampleRateHertz)) / 32 * 32
    while RealTransform.fastLength(atLeast: length) != length { length -= 32 }
    return length
  }

  /// Some turns of the shaft, so that single impacts can be seen.
  private func waveform(_ shaftHertz: Double) -> String {
    let rate = record.sampleRateHertz
    let seconds = shaftHertz > 0 ? 8 / shaftHertz : 0.3
    let shown = record.samples.prefix(max(256, Int(seconds * rate)))
    let mean = shown.reduce(0, +) / Float(shown.count)
    let points = shown.enumerated().map { (Double($0.offset) / rate, Double($0.element - mean)) }
    let reach = max(points.map { abs($0.1) }.max() ?? 1, 1e-9) * 1.05
    return Plot(
      title: words.text("waveform"),
      horizontal: 0...(points.last?.0 ?? 1),
      vertical: -reach...reach,
      horizontalUnit: words.text("axis.seconds"),
      verticalUnit: "m/s²",
      notation: words.notation
    ).drawn(points)
  }

  private func spectrum(
    _ length: Int,
    _ named: [VibrationSuspect],
    _ band: ClosedRange<Double>?
  ) -> String {
    let rate = record.sampleRateHertz
    var welch = WelchSpectrum(segmentLength: length)
    var density = [Float](repeating: 0, count: length / 2 + 1)
    var target = density.mutableSpan
    welch.density(of: record.samples.span, sampleRateHertz: rate, into: &target)
    let isBearing = named.isEmpty || named.contains { $0.fault.isBearing }
    let lines = named.flatMap(\.lines).filter { $0.spectrum != .envelope }
    // Patterns of the shaft lie at its first orders; a bearing rings high up.
    let highest = isBearing ? rate / 2 : min(rate / 2, 1.3 * (lines.map(\.hertz).max() ?? rate / 2))
    let step = rate / Double(length)
    let level = density.map { decibels(Double($0) * step) }
    let points = (1..<density.count).lazy.map { (Double($0) * step, level[$0]) }
      .filter { $0.0 <= highest }
    let top = (points.map(\.1).max() ?? 0) + 5
    return Plot(
      title: words.text("spectrum"),
      horizontal: 0...highest,
      vertical: max(points.map(\.1).min() ?? -80, top - 90)...top,
      horizontalUnit: "Hz",
      verticalUnit: "dB (m/s²)",
      notation: words.notation,
      marks: lines.filter(\.isPresent).map { ($0.hertz, $0.name) },
      shade: isBearing ? band : nil,
      shadeText: band.map(bandText)
    ).drawn(Array(points))
  }

  private func bandText(_ band: ClosedRange<Double>) -> String {
    words.text(
      "band",
      [
        "low": words.notation.number(band.lowerBound.rounded()),
        "high": words.notation.number(band.upperBound.rounded()),
      ]
    )
  }

  private func envelope(
    _ length: Int,
    _ bearingLines: [VibrationLine],
    _ band: ClosedRange<Double>?
  ) -> String {
    let rate = record.sampleRateHertz
    var analysis = EnvelopeAnalysis(length: length, sampleRateHertz: rate)
    var power = [Float](repeating: 0, count: length / 2 + 1)
    var amplitudes = power
    let spare = record.samples.count - length
    let count = 1 + spare * 2 / length
    for segment in 0..<count {
      let start = count > 1 ? spare * segment / (count - 1) : 0
      let samples = Array(record.samples[start..<start + length])
      var target = amplitudes.mutableSpan
      analysis.squaredEnvelopeSpectrum(
        of: samples.span,
        band: band ?? (0.02 * rate)...(0.5 * rate),
        whitened: band == nil,
        into: &target
      )
      for bin in power.indices { power[bin] += amplitudes[bin] * amplitudes[bin] }
    }
    var floor = power
    var estimator = SpectrumFloor(binCount: power.count, halfWidth: 40)
    estimator.estimate(under: power, into: &floor)
    let lines = bearingLines.filter { $0.spectrum == .envelope }
    let step = rate / Double(length)
    let highest = min(rate / 4, 1.15 * (lines.map(\.hertz).max() ?? 500))
    let points = (1..<power.count).lazy
      .map { bin -> (Double, Double) in
        let ratio = Double(power[bin] / max(floor[bin], .leastNormalMagnitude))
        return (Double(bin) * step, max(-10, self.decibels(ratio)))
      }
      .filter { $0.0 <= highest }
    let top = max(20, (points.map(\.1).max() ?? 20) + 2)
    return Plot(
      title: words.text("envelope") + (band.map { ". " + bandText($0) } ?? ""),
      horizontal: 0...highest,
      vertical: -10...top,
      horizontalUnit: "Hz",
      verticalUnit: words.text("axis.level"),
      notation: words.notation,
      marks: lines.map { ($0.hertz, $0.isPresent ? $0.name : "(\($0.name))") }
    ).drawn(Array(points))
  }

  private func decibels(_ ratio: Double) -> Double {
    ratio > 1e-30 ? 4.342_944_8 * Double(steadyLogarithm(Float(min(ratio, 1e30)))) : -300
  }
}
