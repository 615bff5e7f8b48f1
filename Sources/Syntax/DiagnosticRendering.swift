extension Diagnostic {
  /// The message as people read it: the head, the place, the lines with what is meant underlined, notes and help.
  ///
  /// Lines wider than `width` columns are cut around what is underlined. Labels that lie outside the source are
  /// left out, except the first, which is moved to its end. No line ends in a space; the text ends in no line break.
  package func rendered(colour: Bool = false, width: Int = 110) -> String {
    let paint = Paint(isOn: colour)
    var lines = [
      paint(.error, "error[\(code.rawValue)]") + paint(.strong, ": \(Diagnostic.visible(message))")
    ]
    var gutter = 1
    if let source, let excerpt = SourceExcerpt(self, source, width: width) {
      gutter = excerpt.gutter
      lines.append("  " + paint(.frame, "-->") + " \(excerpt.place)")
      lines += excerpt.lines(paint)
    } else if let source {
      lines.append("  " + paint(.frame, "-->") + " \(Diagnostic.visible(source.name))")
    }
    let margin = String(repeating: " ", count: gutter + 1)
    for note in notes { lines.append(margin + paint(.frame, "=") + hanging(note, margin.count + 2)) }
    for line in help {
      lines.append(
        margin + paint(.frame, "=") + " " + paint(.strong, "help") + ":" + hanging(line, margin.count + 8))
    }
    return lines.joined(separator: "\n")
  }

  /// A text after a blank, its further lines under its first.
  private func hanging(_ text: String, _ columns: Int) -> String {
    let margin = String(repeating: " ", count: columns)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      Diagnostic.visible(String($0))
    }
    return lines.enumerated().map { $0.element.isEmpty ? "" : ($0.offset == 0 ? " " : margin) + $0.element }
      .joined(separator: "\n")
  }

  /// A line's text without characters that move the cursor and without blanks at its end.
  static func visible(_ text: String) -> String {
    var result = String(
      text.map { LineLayout.isControl($0) ? $0 == "\n" || $0 == "\t" ? " " : "\u{fffd}" : $0 })
    while result.last == " " { result.removeLast() }
    return result
  }
}

/// Colours, or none.
struct Paint {
  let isOn: Bool

  enum Style: String {
    case error = "1;31"
    case strong = "1"
    case frame = "34"
    case primary = "31"
    case secondary = "36"
  }

  func callAsFunction(_ style: Style, _ text: String) -> String {
    isOn && !text.isEmpty ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
  }
}

/// The lines of a source that a diagnostic speaks of, with their labels.
struct SourceExcerpt {
  /// `name:line:column` of the first label.
  let place: String
  /// The columns of the largest line number.
  let gutter: Int
  private let source: Source
  private let rows: [Row]
  private let width: Int

  private struct Row {
    let line: Int
    var marks: [SourceMark]
  }

  /// `nil` where there is nothing to show.
  init?(_ diagnostic: Diagnostic, _ source: Source, width: Int) {
    guard let first = diagnostic.labels.first else { return nil }
    let size = source.bytes.count
    let start = max(0, min(Int(first.span.start), size))
    let position = source.position(at: start)
    place = "\(Diagnostic.visible(source.name)):\(position.line):\(position.column)"
    self.source = source

    var rows: [Int: Row] = [:]
    for (index, label) in diagnostic.labels.enumerated() {
      guard index == 0 || (label.span.start >= 0 && Int(label.span.start) <= size) else { continue }
      let start = max(0, min(Int(label.span.start), size))
      let line = source.line(at: start)
      let mark = SourceMark(
        start: start - source.lineStarts[line - 1],
        end: max(start, min(Int(label.span.end), size)) - source.lineStarts[line - 1],
        text: Diagnostic.visible(label.text), isPrimary: index == 0)
      rows[line, default: Row(line: line, marks: [])].marks.append(mark)
    }
    self.rows = rows.values.sorted { $0.line < $1.line }
    gutter = "\(self.rows.last?.line ?? 1)".count
    self.width = max(20, width - gutter - 3)
  }

  func lines(_ paint: Paint) -> [String] {
    let margin = String(repeating: " ", count: gutter + 1) + paint(.frame, "|")
    var result = [margin]
    var last: Int?
    for row in rows {
      if let last, row.line == last + 2 {
        result += numbered(
          last + 1, AnnotatedLine(source.lineText(last + 1), [], width: width), margin, paint)
      } else if let last, row.line > last + 2 {
        result.append(String(repeating: " ", count: gutter - 1) + paint(.frame, "…"))
      }
      result += numbered(
        row.line, AnnotatedLine(source.lineText(row.line), row.marks, width: width), margin, paint)
      last = row.line
    }
    return result
  }

  private func numbered(_ line: Int, _ annotated: AnnotatedLine, _ margin: String, _ paint: Paint) -> [String]
  {
    let number = "\(line)"
    let padding = String(repeating: " ", count: max(0, gutter - number.count))
    let text = annotated.text.isEmpty ? "" : " " + annotated.text
    return [padding + paint(.frame, "\(number) |") + text] + annotated.rows(paint).map { margin + " " + $0 }
  }
}
