import CAllocator
import Glibc

/// The memory that only the start of the program needed.
///
/// Reading the site file, opening the store and looking up types go through far more code and heap
/// than all the years after. The kernel keeps resident whatever was touched once, and the allocator
/// keeps what was freed; both give it back when told so.
enum StartMemory {
  /// Gives it back; what is still in use comes again by itself, from memory and not from the disk.
  static func giveBack() {
    malloc_trim(0)
    for code in codeRanges() {
      // Nothing writes to code, so what is dropped is in the file. A refusal changes nothing.
      madvise(UnsafeMutableRawPointer(bitPattern: code.lowerBound), code.count, MADV_DONTNEED)
    }
  }

  /// Where the code of the program and its libraries lies.
  private static func codeRanges() -> [Range<UInt>] {
    guard let file = fopen("/proc/self/maps", "r") else { return [] }
    defer { fclose(file) }
    var ranges: [Range<UInt>] = []
    var line = [CChar](repeating: 0, count: Int(PATH_MAX) + 128)
    while fgets(&line, Int32(line.count), file) != nil {
      // 7f31c0c00000-7f31c0d55000 r-xp 00026000 fe:00 1234  /usr/lib/libc.so.6
      let bytes = line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
      let fields = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      guard fields.count == 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { continue }
      let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      guard ends.count == 2, ends[0] < ends[1] else { continue }
      ranges.append(ends[0]..<ends[1])
    }
    return ranges
  }
}
