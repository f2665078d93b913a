import ArgumentParser
import KernelBenchmarks

struct KernelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Signal kernels against their plain twins, and against FFTW and KissFFT.",
    discussion: """
      For the comparison with FFTW and KissFFT install libfftw3-dev and libkissfft-dev, and build with \
      VIGIE_BENCH=1 in the environment. The exit code is 1 when a kernel allocates.
      """
  )

  @Flag(help: "One JSON object on standard output.")
  var json = false

  func run() async throws {
    let (text, allocating) = runKernelBenchmarks(json: json)
    print(text)
    if !allocating.isEmpty { throw ExitCode(1) }
  }
}
