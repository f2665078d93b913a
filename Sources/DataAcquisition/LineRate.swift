import ConditionModel

/// How long a request takes on a line, by the formula that no Modbus master can beat.
///
/// On a serial line a read of N registers is `(13 + 2N) · Tc + answer latency + t3.5`, with Tc the
/// time of one character. No device may answer before t3.5 has passed.
///
/// - SeeAlso: MODBUS over Serial Line, Specification and Implementation Guide V1.02, section 2.5.1.1.
package struct LineRate: Hashable, Sendable {
  /// The time of one character; zero over TCP.
  package let characterTime: Duration
  /// The silence between frames (t3.5); zero over TCP.
  package let frameGap: Duration
  /// What a request costs beside its bytes and the frame gap, at least.
  package let latency: Duration

  /// The latency taken for a device on the local network; gateways and controllers take 2–20 ms.
  package static let tcpLatency = Duration.milliseconds(5)
  /// The latency taken for a serial device when weighing a hole against another request.
  package static let serialLatency = Duration.milliseconds(10)

  package init(_ line: BusDefinition.Line) {
    switch line {
    case .serial(let serial):
      let baud = Int64(max(1, serial.baud))
      characterTime = .nanoseconds(Int64(serial.bitsPerCharacter) * 1_000_000_000 / baud)
      // Up to 19200 baud 3.5 characters of 11 bits, above that a fixed time.
      frameGap =
        baud <= 19_200 ? .nanoseconds(38_500_000_000 / baud) : .microseconds(1_750)
      latency = frameGap
    case .tcp:
      characterTime = .zero
      frameGap = .zero
      latency = Self.tcpLatency
    }
  }

  /// Whether bytes cost time here, so that the formula is a limit rather than an estimate.
  package var isSerial: Bool { characterTime > .zero }

  /// The time that a request, its answer and the silence around them occupy the line.
  package func duration(of request: PollRequest) -> Duration {
    characterTime * request.frameBytes + latency + frameGap + request.guardTime
  }

  /// The time that the answer alone occupies the line.
  package func answerDuration(of request: PollRequest) -> Duration {
    characterTime * (5 + request.dataBytes)
  }

  /// What one more request costs before its first data byte, with a realistic device.
  var requestOverhead: Duration {
    isSerial
      ? characterTime * 13 + max(frameGap, Self.serialLatency) + frameGap : Self.tcpLatency
  }

  /// What one more data byte costs; over TCP nearly nothing, but a shorter answer is still better.
  var byteCost: Duration { isSerial ? characterTime : .microseconds(5) }
}

extension PollRequest {
  /// The data bytes of the answer.
  package var dataBytes: Int { table.holdsBits ? (count + 7) / 8 : count * 2 }

  /// The bytes of request and answer on a serial line: 8 and 5 beside the data.
  package var frameBytes: Int { 13 + dataBytes }
}
