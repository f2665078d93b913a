import CZlib
import Glibc

func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// The bytes of a file; one compressed with gzip is expanded.
func readFile(_ path: String) throws(TrainingDataError) -> [UInt8] {
  guard let file = gzopen(path, "rb") else {
    throw .unreadable(file: path, reason: systemReason())
  }
  defer { gzclose(file) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = gzread(file, &block, UInt32(block.count))
    if count == 0 {
      // An archive that stops in the middle also ends the reading; only this call tells.
      var code: Int32 = 0
      let message = gzerror(file, &code)
      guard code == Z_OK || code == Z_STREAM_END else {
        throw .unreadable(file: path, reason: message.map { String(cString: $0) } ?? "cut short")
      }
      return bytes
    }
    guard count > 0 else {
      var code: Int32 = 0
      let message = gzerror(file, &code)
      throw .unreadable(file: path, reason: message.map { String(cString: $0) } ?? systemReason())
    }
    bytes += block[..<Int(count)]
  }
}

/// Writes a file whole or not at all.
func writeFile(_ path: String, _ bytes: [UInt8]) throws(TrainingDataError) {
  let draft = "\(path).part"
  guard let file = fopen(draft, "wb") else {
    throw .unwritable(file: path, reason: systemReason())
  }
  let count = fwrite(bytes, 1, bytes.count, file)
  guard fclose(file) == 0, count == bytes.count, rename(draft, path) == 0 else {
    let reason = systemReason()
    unlink(draft)
    throw .unwritable(file: path, reason: reason)
  }
}

private func systemReason() -> String { String(cString: strerror(errno)) }
