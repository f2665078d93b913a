/// An advisory in words, as people read it.
///
/// The wording is made in one place (AdvisoryGeneration); the store and the publisher only carry it.
package struct AdvisoryText: Hashable, Sendable, Codable {
  package var language: Language
  /// One line: which machine, where, what.
  package var title: String
  /// A few sentences: since when, value against limit, what to check.
  package var text: String

  package init(language: Language, title: String, text: String) {
    self.language = language
    self.title = title
    self.text = text
  }
}
