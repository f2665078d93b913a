import COpenSSL
import Glibc

/// How a connection is encrypted, and why one side's certificate was refused by the other, if it was.
///
/// libmosquitto says no more than "A TLS error occurred", and of what the broker objects to "Protocol
/// error". With a context of our own the check is OpenSSL's, name of the broker included, and its
/// result is known in words. There is no way to leave the check out.
final class TLSContext {
  let pointer: OpaquePointer
  /// Why the certificate of the broker cannot be trusted, or why the broker does not trust ours; `nil`
  /// while nothing was found.
  private(set) var objection: String?
  private var isHandshakeOver = false
  private let showsCertificate: Bool

  /// What a broker means that hangs up after the handshake; `nil` before.
  ///
  /// Its reason may be lost: whoever writes to it once it is gone hears of its going alone.
  var suspicion: String? {
    guard isHandshakeOver else { return nil }
    guard showsCertificate else { return Self.request }
    return """
      the broker refuses the certificate of this gateway, it seems: it must be in date, and signed by an \
      authority that the broker trusts; its log tells more
      """
  }

  /// - Parameters:
  ///   - encryption: The files.
  ///   - host: Whom the broker's certificate must name.
  /// - Throws: `MosquittoSession.Failure` when a file cannot be used.
  init(_ encryption: BrokerSettings.Encryption, host: String) throws {
    guard let context = SSL_CTX_new(TLS_client_method()) else {
      throw Self.failure("TLS cannot be used")
    }
    pointer = context
    showsCertificate = encryption.certificateFile != nil
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
    SSL_CTX_set_info_callback(context) { connection, event, value in
      TLSContext.of(context: SSL_get_SSL_CTX(connection))?.note(event, value)
    }
  }

  deinit {
    SSL_CTX_free(pointer)
  }

  private static func of(_ store: OpaquePointer?) -> TLSContext? {
    let index = SSL_get_ex_data_X509_STORE_CTX_idx()
    return of(
      context: SSL_get_SSL_CTX(X509_STORE_CTX_get_ex_data(store, index).map { OpaquePointer($0) })
    )
  }

  private static func of(context: OpaquePointer?) -> TLSContext? {
    SSL_CTX_get_ex_data(context, 0).map {
      Unmanaged<TLSContext>.fromOpaque($0).takeUnretainedValue()
    }
  }

  /// Takes note of how the handshake goes.
  private func note(_ event: Int32, _ value: Int32) {
    if event & SSL_CB_HANDSHAKE_DONE != 0 {
      isHandshakeOver = true
    } else if event & SSL_CB_ALERT != 0, event & SSL_CB_READ != 0, value >> 8 == SSL3_AL_FATAL {
      heard(alert: value)
    }
  }

  /// The broker ends the connection, and says why (RFC 8446, section 6.2).
  private func heard(alert: Int32) {
    // What it says of our objection is no news.
    guard objection == nil else { return }
    let code = alert & 0xff
    switch code {
    case SSL_AD_CERTIFICATE_REQUIRED where !showsCertificate,
      // TLS 1.2 has no better word for it.
      SSL_AD_HANDSHAKE_FAILURE where !showsCertificate:
      objection = Self.request
    case SSL_AD_UNKNOWN_CA:
      refuse("it does not trust who vouches for it; let the broker's authority sign it")
    case SSL_AD_CERTIFICATE_EXPIRED:
      refuse("it has expired; renew it, or check the broker's clock")
    case SSL_AD_CERTIFICATE_REVOKED: refuse("it was revoked; have a new one made")
    case SSL_AD_BAD_CERTIFICATE, SSL_AD_UNSUPPORTED_CERTIFICATE, SSL_AD_CERTIFICATE_UNKNOWN,
      SSL_AD_ACCESS_DENIED, SSL_AD_DECRYPT_ERROR:
      refuse("\(words(of: alert)); let its authority make a new one")
    default: objection = "the broker refuses the encrypted connection: \(words(of: alert))"
    }
  }

  private static let request = """
    the broker asks for a certificate of this gateway; name it as 'certificate' and its key as 'key', \
    or give both as credentials
    """

  private func refuse(_ reason: String) {
    objection = "the broker refuses the certificate of this gateway: \(reason)"
  }

  private func words(of alert: Int32) -> String {
    SSL_alert_desc_string_long(alert).map { String(cString: $0) } ?? "no reason"
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
