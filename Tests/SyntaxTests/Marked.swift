@testable import Syntax

/// A text with `⟦` and `⟧` around the stretch that an error is expected at.
struct Marked {
  let text: String
  let span: Span

  init(_ marked: String) {
    let start = marked.range(of: "⟦")
    let head = start.map { String(marked[..<$0.lowerBound]) } ?? marked
    let rest = start.map { String(marked[$0.upperBound...]) } ?? ""
    let end = rest.range(of: "⟧")
    let inside = end.map { String(rest[..<$0.lowerBound]) } ?? ""
    text = head + inside + (end.map { String(rest[$0.upperBound...]) } ?? "")
    span = Span(head.utf8.count, head.utf8.count + inside.utf8.count)
  }

  /// The error the text raises; `nil` if it can be read.
  static func error(_ text: String) -> Diagnostic? {
    do throws(Diagnostic) {
      _ = try Parser.parse(Source(name: "test.maas", text: text))
      return nil
    } catch {
      return error
    }
  }
}

extension String {
  fileprivate func range(of mark: Character) -> Range<String.Index>? {
    firstIndex(of: mark).map { $0..<index(after: $0) }
  }
}
