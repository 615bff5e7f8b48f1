/// A stream of bytes whose length is known and earned by the file behind it.
protocol ByteSource {
  /// How many bytes there are in all.
  var count: Int { get }
  /// How many have been read.
  var place: Int { get }
  mutating func fill(_ target: UnsafeMutableRawPointer, _ count: Int, of what: String) throws
  /// Refuses bytes after the last that was read.
  mutating func expectEnd() throws
  func malformed(at byte: Int, _ reason: String) -> EngineError
}

extension ByteSource {
  mutating func bytes(_ count: Int, of what: String) throws -> [UInt8] {
    guard count >= 0, count <= self.count - place else {
      throw malformed(at: self.count, "the file ends within \(what)")
    }
    var source = self
    let result = try [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
      if let base = buffer.baseAddress { try source.fill(base, count, of: what) }
      written = count
    }
    self = source
    return result
  }
}

/// A stretch of a file.
struct FileSource: ByteSource {
  private let file: InputFile
  private let range: Range<Int>
  private(set) var place = 0
  var count: Int { range.count }

  /// The range must lie within the file.
  init(_ file: InputFile, _ range: Range<Int>) { (self.file, self.range) = (file, range) }

  mutating func fill(_ target: UnsafeMutableRawPointer, _ count: Int, of what: String) throws {
    guard count <= self.count - place else { throw malformed(at: self.count, "the file ends within \(what)") }
    try file.fill(target, at: range.lowerBound + place, count: count, of: what)
    place += count
  }

  func expectEnd() throws {
    guard place == count else {
      throw malformed(at: place, "there are \(count - place) bytes after the last element")
    }
  }

  func malformed(at byte: Int, _ reason: String) -> EngineError {
    file.malformed(at: range.lowerBound + byte, reason)
  }
}
