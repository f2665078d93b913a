import Glibc

/// Why a file could not be read, and what to do.
struct FileTrouble: Error {
  var message: String
  var mend: String
  var isMissingFile = false
}

/// The text of a small file, or why there is none.
///
/// - Parameter path: The file.
/// - Returns: Its text.
/// - Throws: What stands in the way.
func fileText(_ path: String) throws(FileTrouble) -> String {
  guard let text = String(validating: try fileBytes(path), as: UTF8.self) else {
    throw FileTrouble(message: "the file is not UTF-8 text", mend: "save it as UTF-8")
  }
  return text
}

/// The bytes of a small file, or why there are none.
func fileBytes(_ path: String) throws(FileTrouble) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else {
    switch errno {
    case ENOENT, ENOTDIR:
      throw FileTrouble(
        message: "there is no such file",
        mend: "check the path and its capitals",
        isMissingFile: true
      )
    case EACCES, EPERM:
      throw FileTrouble(
        message: "the file may not be read",
        mend: "give the user that runs vigie the right to read it"
      )
    case let code:
      throw FileTrouble(
        message: "the file cannot be opened: \(String(cString: strerror(code)))",
        mend: "check the path"
      )
    }
  }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
    throw FileTrouble(message: "this is not a file", mend: "name the file itself, not its folder")
  }
  let limit = 1 << 20
  guard status.st_size <= limit else {
    throw FileTrouble(
      message: "the file has \(status.st_size) bytes, more than the 1048576 of any honest one",
      mend: "check that it is the right file"
    )
  }
  var bytes = [UInt8](repeating: 0, count: limit)
  var count = 0
  while count < limit {
    let got = bytes.withUnsafeMutableBytes { buffer in
      Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), limit - count)
    }
    if got > 0 {
      count += got
    } else if got == 0 {
      break
    } else if errno != EINTR {
      throw FileTrouble(
        message: "the file cannot be read: \(String(cString: strerror(errno)))",
        mend: "check the disk"
      )
    }
  }
  bytes.removeLast(limit - count)
  return bytes
}

/// The names in a folder, ordered; empty when it cannot be read.
func namesInFolder(_ path: String) -> [String] {
  guard let folder = opendir(path) else { return [] }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names.sorted()
}
