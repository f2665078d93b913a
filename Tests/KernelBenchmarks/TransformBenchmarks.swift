import PlainKernels
import SignalProcessing

/// Powers of two beside the textbook's fast transform; 960, which needs no chirp, and 997, which
/// does, beside the sums of the definition.
func transformCosts() -> [KernelCost] {
  [1024, 4096, 12_000, 16_384, 20_480, 65_536, 960, 997].map { forwardCost($0) }
    + [960, 997].map { inverseCost($0) }
}

private func forwardCost(_ length: Int) -> KernelCost {
  let signal = noise(length)
  var plan = RealTransform(length: length)
  var spectrum = Spectrum(transformLength: length)
  var others: [(name: String, work: () -> Void)] = []
  if length & (length - 1) == 0 {
    var plain = PlainFastTransform(length: length)
    others.append(("plain", { plain.run(signal) }))
  } else if length <= 1000 {
    others.append(("plain", { sink += plainTransform(signal).real[1] }))
  }
  #if FFT_PEERS
  let measured = MeasuredPlan(signal)
  let simple = SimplePlan(signal)
  others.append(("fftw", { measured.run() }))
  others.append(("kissfft", { simple.run() }))
  #endif
  return KernelCost(
    "real transform",
    size: length,
    { plan.forward(signal, into: &spectrum) },
    others: others
  )
}

private func inverseCost(_ length: Int) -> KernelCost {
  var signal = noise(length)
  var plan = RealTransform(length: length)
  var spectrum = Spectrum(transformLength: length)
  plan.forward(signal, into: &spectrum)
  let real = spectrum.real.map { Double($0) }
  let imaginary = spectrum.imaginary.map { Double($0) }
  return KernelCost(
    "inverse real transform",
    size: length,
    { plan.inverse(spectrum, into: &signal) },
    others: [("plain", { sink += plainSignal(real, imaginary, length: length).real[1] })]
  )
}
