/// The word of `words` that `word` most likely stands for; `nil` when none is near.
///
/// Near is what one slip of the fingers in three letters explains; capitals do not count.
///
/// - Parameters:
///   - word: What was written.
///   - words: What could have been meant; the first of equally near ones is taken.
/// - Returns: One of `words`, or `nil`.
func nearestWord(to word: String, in words: [String]) -> String? {
  let written = Array(word.lowercased())
  let allowance = max(1, written.count / 3)
  var best: (word: String, distance: Int)?
  for candidate in words {
    let distance = editDistance(written, Array(candidate.lowercased()))
    if distance <= allowance, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.word
}

/// A sentence that helps whoever wrote `word`: the nearest of `words`, else all of them.
///
/// - Parameters:
///   - word: What was written.
///   - words: What may stand there.
///   - meaning: What `words` are, to introduce the list: `known keys`.
/// - Returns: `did you mean 'speed'?`, or `known keys: kind, power, speed`.
func suggestion(for word: String, in words: [String], meaning: String) -> String {
  if let nearest = nearestWord(to: word, in: words) { return "did you mean '\(nearest)'?" }
  guard !words.isEmpty else { return "there are no \(meaning)" }
  return "\(meaning): \(words.joined(separator: ", "))"
}

/// How many insertions, removals, replacements and swaps of neighbours lead from one text to another.
///
/// (Optimal string alignment: no part is edited twice.)
private func editDistance(_ from: [Character], _ to: [Character]) -> Int {
  guard !from.isEmpty, !to.isEmpty else { return max(from.count, to.count) }
  var beforeLast: [Int] = []
  var last = Array(0...to.count)
  for row in 1...from.count {
    var current = [row]
    for column in 1...to.count {
      let isSame = from[row - 1] == to[column - 1]
      var cost = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
      if row > 1, column > 1, from[row - 1] == to[column - 2], from[row - 2] == to[column - 1] {
        cost = min(cost, beforeLast[column - 2] + 1)
      }
      current.append(cost)
    }
    (beforeLast, last) = (last, current)
  }
  return last[to.count]
}
