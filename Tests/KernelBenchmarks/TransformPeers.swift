#if FFT_PEERS
import CFFTW
import CKissFFT
import Glibc

/// FFTW in single precision, with the plan that it measured to be the fastest.
final class MeasuredPlan {
  private let input: UnsafeMutablePointer<Float>
  private let output: UnsafeMutablePointer<fftwf_complex>
  private let plan: fftwf_plan

  init(_ signal: [Float]) {
    input = fftwf_alloc_real(signal.count)
    output = fftwf_alloc_complex(signal.count / 2 + 1)
    plan = fftwf_plan_dft_r2c_1d(Int32(signal.count), input, output, UInt32(FFTW_MEASURE))
    // Measuring writes over the input.
    for (index, value) in signal.enumerated() { input[index] = value }
  }

  deinit {
    fftwf_destroy_plan(plan)
    fftwf_free(input)
    fftwf_free(output)
  }

  func run() { fftwf_execute(plan) }
}

/// KissFFT, which transforms real signals of even length only; others as complex ones.
final class SimplePlan {
  private let signal: [Float]
  private var numbers: [kiss_fft_cpx]
  private var result: [kiss_fft_cpx]
  private let real: kiss_fftr_cfg?
  private let complex: kiss_fft_cfg?

  init(_ signal: [Float]) {
    self.signal = signal
    numbers = signal.map { kiss_fft_cpx(r: $0, i: 0) }
    result = numbers
    let isEven = signal.count.isMultiple(of: 2)
    real = isEven ? kiss_fftr_alloc(Int32(signal.count), 0, nil, nil) : nil
    complex = isEven ? nil : kiss_fft_alloc(Int32(signal.count), 0, nil, nil)
  }

  deinit {
    free(UnsafeMutableRawPointer(real))
    free(UnsafeMutableRawPointer(complex))
  }

  func run() {
    if let real {
      kiss_fftr(real, signal, &result)
    } else {
      kiss_fft(complex, numbers, &result)
    }
  }
}
#endif
