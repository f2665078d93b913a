/// The languages that people at a site may read.
package enum Language: String, Hashable, Sendable, Codable, CaseIterable {
  case english = "en"
  case french = "fr"
}
