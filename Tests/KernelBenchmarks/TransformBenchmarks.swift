import PlainKernels
import SignalProcessing

func transformCosts() -> [KernelCost] {
  [1024, 4096, 12_000, 16_384, 20_480, 65_536, 997].map { forwardCost($0) } + [inverseCost(4096)]
}

private func forwardCost(_ length: Int) -> KernelCost {
  let signal = noise(length)
  var plan = RealTransform(length: length)
  var spectrum = Spectrum(transformLength: length)
  var others: [(name: String, work: () -> Void)] = []
  if length & (length - 1) == 0 {
    var plain = PlainFastTransform(length: length)
    others.append(("plain", { plain.run(signal) }))
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
  return KernelCost(
    "inverse real transform",
    size: length,
    { plan.inverse(spectrum, into: &signal) }
  )
}
