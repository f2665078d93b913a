import Foundation

/// An authority that vouches for certificates, made by openssl for one test.
package final class CertificateAuthority: Sendable {
  private let folder = TemporaryFolder()

  package init(name: String = "test authority") throws {
    try openssl(
      ["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=\(name)"] + Self.newKey
        + ["-keyout", folder.file("ca.key"), "-out", certificate]
    )
  }

  /// In PEM form.
  package var certificate: String { folder.file("ca.pem") }

  /// A certificate with its key, both in PEM form.
  package struct Identity: Sendable {
    package var certificate: String
    package var key: String
    /// Keeps the files as long as this value lives.
    fileprivate var folder: TemporaryFolder
  }

  /// Vouches for `name`.
  ///
  /// - Parameters:
  ///   - name: The common name.
  ///   - address: Which server it is; `nil` for a client.
  ///   - days: How long the certificate is good; negative for one that has expired.
  /// - Returns: The files.
  /// - Throws: `Timeout` with what openssl said when it refuses.
  package func identity(
    _ name: String,
    address: String? = nil,
    days: Int = 2
  ) throws -> Identity {
    let number = UInt32.random(in: 0 ... .max)
    let files = Identity(
      certificate: folder.file("\(number).pem"),
      key: folder.file("\(number).key"),
      folder: folder
    )
    let request = folder.file("\(number).csr")
    try openssl(
      ["req", "-nodes", "-subj", "/CN=\(name)"] + Self.newKey
        + (address.map { ["-addext", "subjectAltName=\($0)"] } ?? [])
        + ["-keyout", files.key, "-out", request]
    )
    try openssl([
      "x509", "-req", "-in", request, "-CA", certificate, "-CAkey", folder.file("ca.key"),
      "-CAcreateserial", "-days", "\(days)", "-copy_extensions", "copy", "-out", files.certificate,
    ])
    return files
  }

  private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]

  private func openssl(_ arguments: [String]) throws {
    let (code, text) = try RunningProgram.run("openssl", arguments)
    guard code == 0 else { throw Timeout(what: "openssl \(arguments[0]), which said: \(text)") }
  }
}
