import CZlib

/// A zip archive, read by its directory: entries stored or deflated, none encrypted, none on top of another.
struct ZipArchive {
  struct Entry {
    let name: String
    let isDeflated: Bool
    let checksum: UInt32
    /// Bytes unpacked.
    let size: Int
    /// Where the packed bytes lie in the file.
    let packed: Range<Int>
    /// Where its local header begins.
    let header: Int
  }

  let file: InputFile
  private(set) var entries: [Entry] = []

  private static let endSize = 22
  private static let longestComment = 65_535
  /// No stream of deflate gives more than 1032 bytes for one.
  private static let bestRatio = 1032

  init(path: String) throws {
    file = try InputFile(path)
    let directory = try findDirectory()
    var place = directory.start
    var names: Set<String> = []
    for _ in 0..<directory.count {
      let (entry, next) = try directoryEntry(at: place, end: directory.end)
      guard names.insert(entry.name).inserted else {
        throw file.malformed(at: place, "the archive has two entries called \"\(entry.name)\"")
      }
      entries.append(entry)
      place = next
    }
    guard place == directory.end else {
      throw file.malformed(
        at: place, "the directory of the archive is longer than its \(directory.count) entries")
    }
    try refuseOverlaps(before: directory.start)
  }

  // MARK: The directory

  private struct Directory {
    let start: Int
    let end: Int
    let count: Int
  }

  private func findDirectory() throws -> Directory {
    let tailSize = min(file.size, ZipArchive.endSize + ZipArchive.longestComment)
    let tailStart = file.size - tailSize
    let tail = try file.bytes(at: tailStart, count: tailSize, of: "the end of the archive")
    var place = tailSize - ZipArchive.endSize
    while place >= 0 {
      if tail[place] == 0x50, tail.littleEndian(at: place, 4) == 0x0605_4b50,
        Int(tail.littleEndian(at: place + 20, 2)) == tailSize - place - ZipArchive.endSize
      {
        return try directory(from: tail, at: place, offset: tailStart)
      }
      place -= 1
    }
    throw file.malformed(at: file.size, "it is no zip archive: the record at its end is missing")
  }

  private func directory(from tail: [UInt8], at place: Int, offset: Int) throws -> Directory {
    let end = offset + place
    guard tail.littleEndian(at: place + 4, 2) == 0, tail.littleEndian(at: place + 6, 2) == 0 else {
      throw file.malformed(at: end + 4, "the archive is spread over several disks")
    }
    var (here, count) = (tail.littleEndian(at: place + 8, 2), tail.littleEndian(at: place + 10, 2))
    var (size, start) = (tail.littleEndian(at: place + 12, 4), tail.littleEndian(at: place + 16, 4))
    var limit = end
    if count == 0xffff || size == 0xffff_ffff || start == 0xffff_ffff, let wide = try wideEnd(before: end) {
      (here, count, size, start, limit) = wide
    }
    guard here == count else { throw file.malformed(at: end + 8, "the archive is spread over several disks") }
    guard start <= UInt64(limit), size == UInt64(limit) - start else {
      throw file.malformed(at: end + 12, "the directory does not lie where the archive's end says")
    }
    // An entry of the directory takes 46 bytes at least.
    guard count <= size / 46 else {
      throw file.malformed(at: end + 10, "the directory is too short for \(count) entries")
    }
    return Directory(start: Int(start), end: limit, count: Int(count))
  }

  /// The end record of large archives.
  private func wideEnd(before end: Int) throws -> (UInt64, UInt64, UInt64, UInt64, Int)? {
    guard end >= 20 else { return nil }
    let locator = try file.bytes(at: end - 20, count: 20, of: "the archive's locator")
    guard locator.littleEndian(at: 0, 4) == 0x0706_4b50 else { return nil }
    let place = locator.littleEndian(at: 8, 8)
    guard end >= 76, place <= UInt64(end - 76) else {
      throw file.malformed(at: end - 12, "the locator of the archive's end points outside of it")
    }
    let record = try file.bytes(at: Int(place), count: 56, of: "the archive's end")
    guard record.littleEndian(at: 0, 4) == 0x0606_4b50 else {
      throw file.malformed(at: Int(place), "the wide record of the archive's end is missing")
    }
    return (
      record.littleEndian(at: 24, 8), record.littleEndian(at: 32, 8), record.littleEndian(at: 40, 8),
      record.littleEndian(at: 48, 8), Int(place)
    )
  }

  private func directoryEntry(at place: Int, end: Int) throws -> (Entry, next: Int) {
    guard place <= end - 46 else {
      throw file.malformed(at: place, "the directory of the archive ends early")
    }
    let head = try file.bytes(at: place, count: 46, of: "the directory")
    guard head.littleEndian(at: 0, 4) == 0x0201_4b50 else {
      throw file.malformed(at: place, "an entry of the directory has a wrong signature")
    }
    let flags = head.littleEndian(at: 8, 2)
    guard flags & 0x2041 == 0 else {
      throw file.malformed(at: place + 8, "an entry of the archive is encrypted")
    }
    let method = head.littleEndian(at: 10, 2)
    guard method == 0 || method == 8 else {
      throw file.malformed(
        at: place + 10, "the method of compression \(method) is neither stored nor deflate")
    }
    let lengths = [28, 30, 32].map { Int(head.littleEndian(at: $0, 2)) }
    let next = place + 46 + lengths.reduce(0, +)
    guard next <= end else { throw file.malformed(at: place, "the directory of the archive ends early") }
    let text = try file.bytes(at: place + 46, count: lengths[0] + lengths[1], of: "the directory")
    guard let name = String(validating: text.prefix(lengths[0]), as: UTF8.self) else {
      throw file.malformed(at: place + 46, "the name of an entry is no UTF-8")
    }
    var sizes = [head.littleEndian(at: 24, 4), head.littleEndian(at: 20, 4), head.littleEndian(at: 42, 4)]
    try widen(&sizes, Array(text.dropFirst(lengths[0])), at: place)
    let entry = try located(
      name, method == 8, UInt32(truncatingIfNeeded: head.littleEndian(at: 16, 4)), sizes, directory: place)
    return (entry, next)
  }

  /// Sizes of more than 32 bits stand in an extra field, those that are marked by ones, in order.
  private func widen(_ sizes: inout [UInt64], _ extra: [UInt8], at place: Int) throws {
    guard sizes.contains(0xffff_ffff) else { return }
    var field = 0
    while field + 4 <= extra.count {
      let (id, length) = (extra.littleEndian(at: field, 2), Int(extra.littleEndian(at: field + 2, 2)))
      guard field + 4 + length <= extra.count else { break }
      if id == 1 {
        var (at, end) = (field + 4, field + 4 + length)
        for index in sizes.indices where sizes[index] == 0xffff_ffff {
          guard at + 8 <= end else { break }
          sizes[index] = extra.littleEndian(at: at, 8)
          at += 8
        }
        end = at
        return
      }
      field += 4 + length
    }
    throw file.malformed(at: place + 46, "the sizes of an entry are missing")
  }

  /// Finds an entry's bytes by its local header.
  private func located(
    _ name: String, _ isDeflated: Bool, _ checksum: UInt32, _ sizes: [UInt64], directory: Int
  ) throws -> Entry {
    let (size, packed, offset) = (sizes[0], sizes[1], sizes[2])
    guard file.size >= 30, offset <= UInt64(file.size - 30) else {
      throw file.malformed(at: directory + 42, "the entry \"\(name)\" lies outside of the file")
    }
    let header = Int(offset)
    let local = try file.bytes(at: header, count: 30, of: "the header of \"\(name)\"")
    guard local.littleEndian(at: 0, 4) == 0x0403_4b50 else {
      throw file.malformed(at: header, "the entry \"\(name)\" has no header where the directory says")
    }
    let nameLength = Int(local.littleEndian(at: 26, 2))
    let start = header + 30 + nameLength + Int(local.littleEndian(at: 28, 2))
    guard try file.bytes(at: header + 30, count: nameLength, of: "a name") == Array(name.utf8) else {
      throw file.malformed(at: header + 30, "the entry \"\(name)\" has another name in its header")
    }
    guard (local.littleEndian(at: 8, 2) == 8) == isDeflated else {
      throw file.malformed(at: header + 8, "the entry \"\(name)\" has another method in its header")
    }
    guard start <= file.size, packed <= UInt64(file.size - start) else {
      throw file.malformed(at: directory + 20, "the entry \"\(name)\" reaches beyond the end of the file")
    }
    let (most, overflow) = packed.multipliedReportingOverflow(by: UInt64(ZipArchive.bestRatio))
    guard isDeflated ? overflow || size <= most : size == packed else {
      throw file.malformed(at: directory + 24, "the entry \"\(name)\" cannot unpack to \(size) bytes")
    }
    guard size <= UInt64(Int.max) else { throw EngineError.outOfMemory(bytes: Int.max) }
    return Entry(
      name: name, isDeflated: isDeflated, checksum: checksum, size: Int(size),
      packed: start..<(start + Int(packed)), header: header)
  }

  private func refuseOverlaps(before directory: Int) throws {
    let sorted = entries.sorted { $0.header < $1.header }
    for (index, entry) in sorted.enumerated() {
      let limit = index + 1 < sorted.count ? sorted[index + 1].header : directory
      guard entry.packed.upperBound <= limit else {
        throw file.malformed(at: entry.header, "the entry \"\(entry.name)\" overlaps what comes after it")
      }
    }
  }
}
