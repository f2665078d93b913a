import ConditionModel
import Foundation
import Testing

@testable import MQTTPublishing

struct SparkplugEncodingTests {
  @Test func `a death is these bytes, by the field numbers of the specification`() {
    var bench = SparkplugBench()
    bench.second = 0
    _ = bench.tell(.connecting)
    // 1000 ms is E8 07. Zeros that mean something are written: bdSeq 0.
    let metric: [UInt8] =
      [0x0A, 5] + Array("bdSeq".utf8) + [0x18, 0xE8, 0x07, 0x20, 4, 0x58, 0]
    #expect(
      bench.messages[0].payload == [0x08, 0xE8, 0x07, 0x12, UInt8(metric.count)] + metric
    )
  }

  @Test func `negative numbers, booleans and nulls take the carriers of their types`() {
    let payload = SparkplugPayload(
      timestamp: nil,
      metrics: [
        SparkplugMetric(alias: 1, value: .int32(-5)), SparkplugMetric(alias: 2, value: .int64(-5)),
        SparkplugMetric(alias: 3, value: .boolean(false)),
        SparkplugMetric(alias: 300, isHistorical: true, value: nil),
        SparkplugMetric(
          alias: 4,
          value: .double(1),
          properties: [.init("Quality", .int32(192))]
        ),
      ],
      sequence: 0
    )
    let minusFive32: [UInt8] = [0xFB, 0xFF, 0xFF, 0xFF, 0x0F]
    let minusFive64: [UInt8] = [0xFB] + Array(repeating: 0xFF, count: 8) + [0x01]
    let set: [UInt8] = [0x0A, 7] + Array("Quality".utf8) + [0x12, 5, 0x08, 3, 0x18, 0xC0, 0x01]
    var expected: [UInt8] = [0x12, 8, 0x10, 1, 0x50] + minusFive32
    expected += [0x12, 13, 0x10, 2, 0x58] + minusFive64
    expected += [0x12, 4, 0x10, 3, 0x70, 0]
    expected += [0x12, 7, 0x10, 0xAC, 0x02, 0x28, 1, 0x38, 1]
    expected += [0x12, UInt8(4 + set.count + 9), 0x10, 4, 0x4A, UInt8(set.count)] + set
    expected += [0x69, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
    expected += [0x18, 0]
    #expect(payload.encoded == expected)
    #expect((try? SparkplugPayload(decoding: expected)) == payload)
  }

  /// Births, data, history, deaths: the bytes of a whole session.
  @Test func `the bytes of a session are these`() throws {
    var bench = SparkplugBench { $0.ranges = [0...25, nil] }
    for event: SparkplugBench.Event in [
      .connecting, .connected, .values([4.5, 40]), .fault(.noAnswer), .health(0.625), .life,
      .cut(wasHeard: true), .unheard([4.75, 41]), .unheard([5, 41]), .connecting, .connected,
      .late(4, [4.75, 41]), .alert(7, .raised), .wait(20), .fault(.noAnswer), .historyEnded, .stop,
    ] { _ = bench.tell(event) }
    let text =
      bench.messages.map { message in
        let digits = message.payload.map { byte in
          let hex = String(byte, radix: 16)
          return byte < 16 ? "0\(hex)" : hex
        }
        return "\(message.topic) \(digits.joined())"
      }.joined(separator: "\n") + "\n"
    let path = folder(of: #filePath) + "/Golden/sparkplug.txt"
    if ProcessInfo.processInfo.environment["VIGIE_UPDATE_GOLDEN"] == "1" {
      try writeFile(text, to: path)
    }
    let known = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text == known)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `damaged bytes are refused or read as something, never more`(seed: UInt64) throws {
    var state = seed
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var bench = SparkplugBench()
    _ = bench.tell(.connecting)
    _ = bench.tell(.connected)
    let good = bench.messages[2].payload
    var refusedCount = 0
    for _ in 0..<5_000 {
      var bytes = good
      for _ in 0...random(4) { bytes[random(bytes.count)] = UInt8(random(256)) }
      if random(3) == 0 { bytes.removeLast(random(bytes.count)) }
      guard let payload = try? SparkplugPayload(decoding: bytes) else {
        refusedCount += 1
        continue
      }
      // Whatever was understood can be written, and is understood again.
      #expect((try? SparkplugPayload(decoding: payload.encoded)) != nil)
    }
    #expect(refusedCount > 100)
  }
}
