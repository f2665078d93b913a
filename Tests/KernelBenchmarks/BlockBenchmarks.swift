import Glibc
import PlainKernels
import SignalProcessing

func blockCosts() -> [KernelCost] {
  let window = noise(20_480)
  let other = noise(20_480)
  let blank = [UInt8](repeating: 1, count: 4 * window.count)
  let reading: (name: String, work: () -> Void) = ("reading", { read(blank) })
  return [
    KernelCost(
      "root mean square",
      size: window.count,
      { sink += Double(rootMeanSquare(window.span)) },
      others: [("plain", { sink += Double(plainRootMeanSquare(window)) }), reading]
    ),
    KernelCost(
      "peak",
      size: window.count,
      { sink += Double(peak(window.span)) },
      others: [("plain", { sink += Double(plainPeak(window)) }), reading]
    ),
    KernelCost(
      "crest factor",
      size: window.count,
      { sink += Double(crestFactor(window.span) ?? 0) },
      others: [("plain", { sink += Double(plainCrestFactor(window)) }), reading]
    ),
    KernelCost(
      "kurtosis",
      size: window.count,
      { sink += Double(kurtosis(window.span) ?? 0) },
      others: [("plain", { sink += Double(plainKurtosis(window)) }), reading]
    ),
    KernelCost(
      "block statistics",
      size: window.count,
      { sink += BlockStatistics(window.span).kurtosis ?? 0 },
      others: [("plain", { sink += plainMoments(window).kurtosis }), reading]
    ),
    KernelCost(
      "sum of products",
      size: window.count,
      { sink += sumOfProducts(window.span, other.span) },
      others: [("plain", { sink += Double(plainSumOfProducts(window, other)) })]
    ),
    squareCost(),
    whitenCost(),
  ] + memoryCosts()
}

/// Reads all bytes as fast as the C library can: it looks for one that is not there.
private func read(_ bytes: [UInt8]) {
  bytes.withUnsafeBytes { bytes in
    guard let start = bytes.baseAddress else { return }
    sink += memchr(start, 0, bytes.count) == nil ? 1 : 0
  }
}

/// The same over more blocks than any cache holds, as blocks arrive from a bus: against reading them.
private func memoryCosts() -> [KernelCost] {
  let blocks = noise(4096 * 4096)
  let blank = [UInt8](repeating: 1, count: 4 * blocks.count)
  let kernels: [(name: String, work: (Span<Float>) -> Double)] = [
    ("root mean square", { Double(rootMeanSquare($0)) }),
    ("crest factor", { Double(crestFactor($0) ?? 0) }),
    ("kurtosis", { Double(kurtosis($0) ?? 0) }),
    ("block statistics", { BlockStatistics($0).rootMeanSquare }),
  ]
  return kernels.map { kernel in
    KernelCost(
      "\(kernel.name), from memory",
      size: blocks.count,
      {
        let all = blocks.span
        for start in stride(from: 0, to: blocks.count - 20_480, by: 20_480) {
          sink += kernel.work(all.extracting(start..<start + 20_480))
        }
      },
      others: [("reading", { read(blank) })]
    )
  }
}

private func squareCost() -> KernelCost {
  var spectrum = Spectrum(transformLength: 4096)
  spectrum.real = noise(spectrum.binCount)
  spectrum.imaginary = noise(spectrum.binCount)
  var power = spectrum.real
  var plainPower = power
  return KernelCost(
    "squared magnitudes",
    size: spectrum.binCount,
    { spectrum.squaredMagnitudes(into: &power) },
    others: [
      (
        "plain",
        { plainSquaredMagnitudes(spectrum.real, spectrum.imaginary, into: &plainPower) }
      )
    ]
  )
}

private func whitenCost() -> KernelCost {
  var spectrum = Spectrum(transformLength: 4096)
  spectrum.real = noise(spectrum.binCount)
  spectrum.imaginary = noise(spectrum.binCount)
  var real = spectrum.real
  var imaginary = spectrum.imaginary
  return KernelCost(
    "cepstral pre-whitening",
    size: spectrum.binCount,
    { spectrum.whiten() },
    others: [("plain", { plainWhiten(&real, &imaginary) })]
  )
}
