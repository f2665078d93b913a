import COpenSSL
import Glibc

/// How a connection is encrypted, and why the broker's certificate was refused, if it was.
///
/// libmosquitto says no more than "A TLS error occurred". With a context of our own the check is
/// OpenSSL's, name of the broker included, and its result is known in words. There is no way to
/// leave the check out.
final class TLSContext {
  let pointer: OpaquePointer
  /// Why the certificate of the broker cannot be trusted; `nil` while nothing was found.
  private(set) var objection: String?

  /// - Parameters:
  ///   - encryption: The files.
  ///   - host: Whom the broker's certificate must name.
  /// - Throws: `MosquittoSession.Failure` when a file cannot be used.
  init(_ encryption: BrokerSettings.Encryption, host: String) throws {
    guard let context = SSL_CTX_new(TLS_client_method()) else {
      throw Self.failure("TLS cannot be used")
    }
    pointer = context
    let files = [encryption.authorityFile, encryption.certificateFile, encryption.keyFile]
    for file in files.compactMap({ $0 }) where access(file, R_OK) != 0 {
      throw MosquittoSession.Failure(cause: .refused, reason: "\(file): cannot be read")
    }
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
    if let file = encryption.authorityFile {
      try check(SSL_CTX_load_verify_locations(context, file, nil), file)
    } else {
      try check(SSL_CTX_set_default_verify_paths(context), "the authorities of the system")
    }
    if let file = encryption.certificateFile {
      try check(SSL_CTX_use_certificate_chain_file(context, file), file)
    }
    if let file = encryption.keyFile {
      try check(SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM), file)
      try check(SSL_CTX_check_private_key(context), "\(file) and the certificate")
    }
    let rules = SSL_CTX_get0_param(context)
    if X509_VERIFY_PARAM_set1_ip_asc(rules, host) != 1 {
      try check(X509_VERIFY_PARAM_set1_host(rules, host, 0), "the name \(host)")
    }
    ERR_clear_error()
    SSL_CTX_set_ex_data(context, 0, Unmanaged.passUnretained(self).toOpaque())
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER) { isGood, store in
      if isGood != 1 { TLSContext.of(store)?.note(X509_STORE_CTX_get_error(store)) }
      return isGood
    }
  }

  deinit {
    SSL_CTX_free(pointer)
  }

  private static func of(_ store: OpaquePointer?) -> TLSContext? {
    let index = SSL_get_ex_data_X509_STORE_CTX_idx()
    let connection = X509_STORE_CTX_get_ex_data(store, index).map { OpaquePointer($0) }
    return SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), 0).map {
      Unmanaged<TLSContext>.fromOpaque($0).takeUnretainedValue()
    }
  }

  private func note(_ code: Int32) {
    let words =
      switch code {
      case X509_V_ERR_CERT_HAS_EXPIRED:
        "has expired; renew it, or check the gateway's clock"
      case X509_V_ERR_CERT_NOT_YET_VALID: "is not valid yet; check the gateway's clock"
      case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
        "names another host; write the address that it names as 'broker'"
      case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
        X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
        X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE:
        "is not vouched for by the authority that is trusted here; name its own as 'ca'"
      default: "is refused: \(String(cString: X509_verify_cert_error_string(Int(code))))"
      }
    objection = "the broker's certificate \(words)"
  }

  private func check(_ result: Int32, _ what: String) throws {
    guard result == 1 else { throw Self.failure(what) }
  }

  private static func failure(_ what: String) -> MosquittoSession.Failure {
    let code = ERR_peek_last_error()
    ERR_clear_error()
    let reason = ERR_reason_error_string(code).map { String(cString: $0) } ?? "it cannot be used"
    return MosquittoSession.Failure(cause: .refused, reason: "\(what): \(reason)")
  }
}
