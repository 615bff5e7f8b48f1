import CEngine

/// Numbers in rows of rows, stored one after the other, the last axis closest together.
///
/// A tensor of rank 0 lies in the value itself; others share immutable storage.
package struct Tensor: Sendable {
  package let dtype: DType
  package let shape: [Int]
  package let count: Int
  var storage: Storage?
  /// Rank 0: the element's bits. Otherwise the address of the first element, inside `storage`; or `wherever`.
  private let word: UInt
  /// The first element is the storage's first, which had no memory when the tensor was made.
  private static let wherever: UInt = 1

  package var rank: Int { shape.count }
  package var byteCount: Int { count &* dtype.byteCount }

  /// Rank 0, from the bits of an element.
  init(bits: UInt, dtype: DType) {
    self.init(dtype: dtype, shape: [], count: 1, storage: nil, word: bits)
  }

  private init(dtype: DType, shape: [Int], count: Int, storage: Storage?, word: UInt) {
    self.dtype = dtype
    self.shape = shape
    self.count = count
    self.storage = storage
    self.word = word
  }

  /// A view of storage that holds `count` elements from `address`. Rank 0 is copied out.
  init(storage: Storage, address: UnsafeMutableRawPointer, dtype: DType, shape: [Int], count: Int) throws {
    if shape.isEmpty {
      try storage.settle()
      self.init(bits: Self.loadBits(address, dtype), dtype: dtype)
      return
    }
    self.init(dtype: dtype, shape: shape, count: count, storage: storage, word: UInt(bitPattern: address))
  }

  /// A new tensor whose elements `fill` writes, all of them.
  init(
    _ dtype: DType, _ shape: [Int], fill: (UnsafeMutableRawPointer) throws -> Void
  ) throws {
    let count = try Shape.count(shape, dtype)
    try self.init(dtype, shape, count: count, fill: fill)
  }

  /// The same where the count is known.
  @inline(__always)
  init(
    _ dtype: DType, _ shape: [Int], count: Int, fill: (UnsafeMutableRawPointer) throws -> Void
  ) throws {
    do {
      if shape.isEmpty {
        var bits: UInt = 0
        try withUnsafeMutablePointer(to: &bits) { try fill(UnsafeMutableRawPointer($0)) }
        try Cancellation.check()
        self.init(bits: bits, dtype: dtype)
        return
      }
      if count > Rehearsal.largestCount, Rehearsal.isOn { throw EngineError.hollow }
      let storage = try Storage(byteCount: count &* dtype.byteCount)
      try fill(storage.block)
      try Cancellation.check()
      self.init(
        dtype: dtype, shape: shape, count: count, storage: storage, word: UInt(bitPattern: storage.block))
    } catch EngineError.hollow {
      try self.init(hollow: dtype, shape, count: count)
    }
  }

  /// Dtype and shape without elements.
  init(hollow dtype: DType, _ shape: [Int], count: Int) throws {
    guard count &* dtype.byteCount <= MemoryLimit.bytes else {
      throw EngineError.outOfMemory(bytes: count &* dtype.byteCount)
    }
    self.init(dtype: dtype, shape: shape, count: count, storage: Rehearsal.nothing, word: 0)
  }

  /// Whether only the dtype and the shape are known. Reading an element of such a tensor throws `hollow`; what is
  /// computed from it is hollow too.
  package var isHollow: Bool {
    @inline(__always) get { word == 0 && storage != nil }
  }

  /// The element's bits, of rank 0.
  var singleBits: UInt? {
    @inline(__always) get { storage == nil ? word : nil }
  }

  static func loadBits(_ address: UnsafeMutableRawPointer, _ dtype: DType) -> UInt {
    switch dtype.byteCount {
    case 1: UInt(address.load(as: UInt8.self))
    case 4: UInt(address.load(as: UInt32.self))
    default: address.load(as: UInt.self)
    }
  }

  /// The elements' memory, valid within `body`. Errors: there are none, in a rehearsal.
  @inline(__always)
  func withBytes<R>(_ body: (UnsafeRawPointer) throws -> R) throws -> R {
    if storage == nil {
      return try withUnsafePointer(to: word) { try body(UnsafeRawPointer($0)) }
    }
    if word == 0 { throw EngineError.hollow }
    defer { withExtendedLifetime(storage) {} }
    return try body(try address)
  }

  /// Rank 1 and above: where the elements lie, as long as the tensor lives. Errors: `cancelled`, before they were
  /// computed.
  var address: UnsafeRawPointer {
    get throws {
      try storage?.settle()
      return place
    }
  }

  /// Whether the elements wait to be computed together with what is computed from them.
  package var isPending: Bool { !(storage?.isReady ?? true) }

  /// Whether there is not even memory for them.
  var isWithoutMemory: Bool { word == Tensor.wherever && isPending }

  /// Makes sure that the elements are there. Errors: `cancelled`, `outOfMemory`.
  package func settle() throws { try storage?.settle() }

  /// Where the elements will lie, which may be pending in memory that is there.
  var place: UnsafeRawPointer {
    @inline(__always) get {
      if word == Tensor.wherever, let storage { return UnsafeRawPointer(storage.block) }
      return UnsafeRawPointer(bitPattern: word).unsafelyUnwrapped
    }
  }

  /// Whether these are the first elements of the storage.
  var isWhole: Bool { storage.map { UnsafeRawPointer($0.block) == place } ?? false }

  /// Whether these are all the elements of a storage that nobody else holds.
  var isLastOfWholeStorage: Bool {
    mutating get {
      guard storage?.byteCount == byteCount, isWhole else { return false }
      return isKnownUniquelyReferenced(&self.storage)
    }
  }

  /// Becomes a tensor whose elements are about to be written, all of them: in the memory that is there, if it is one of that
  /// dtype and shape that nobody else holds.
  mutating func renew(_ dtype: DType, _ shape: [Int], count: Int) throws {
    if self.dtype == dtype, self.shape == shape, isWritable { return forget() }
    self = try Tensor(dtype, shape, count: count) { _ in }
  }

  /// Whether these are all the elements of a storage that is there and that nobody else holds.
  var isWritable: Bool {
    mutating get {
      if isPending || isHollow { return false }
      return isLastOfWholeStorage
    }
  }

  /// The elements are others from now on than whoever asked about them was told.
  func forget() { storage?.finiteness.forget() }

  /// All elements of a storage whose pass will bring the memory. Rank 1 and above.
  init(pending storage: Storage, _ dtype: DType, _ shape: [Int], count: Int) {
    self.init(dtype: dtype, shape: shape, count: count, storage: storage, word: Tensor.wherever)
  }

  /// All that `deferred` computes.
  init(_ deferred: Deferred, shape: [Int]) throws {
    let storage = try Storage(byteCount: deferred.count &* deferred.dtype.byteCount, for: deferred)
    self.init(
      dtype: deferred.dtype, shape: shape, count: deferred.count, storage: storage,
      word: UInt(bitPattern: storage.block))
  }

  /// Whether both are the very same elements, at the same place in memory; what has no elements is nothing's same.
  package func isSame(as other: Tensor) -> Bool {
    storage === other.storage && word == other.word && !isHollow && dtype == other.dtype
      && shape == other.shape
  }

  /// The same elements under another shape of as many.
  func viewed(_ shape: [Int]) throws -> Tensor {
    if isHollow { return try Tensor(hollow: dtype, shape, count: count) }
    if shape.isEmpty {
      return try withBytes { Tensor(bits: Self.loadBits(.init(mutating: $0), dtype), dtype: dtype) }
    }
    if word == Tensor.wherever { try settle() }
    guard let storage else {
      return try Tensor(dtype, shape, count: 1) { to in
        try withBytes { to.copyMemory(from: $0, byteCount: dtype.byteCount) }
      }
    }
    return try Tensor(
      storage: storage, address: .init(mutating: place), dtype: dtype, shape: shape, count: count)
  }

  /// Elements from `offset` on, sharing storage. Rank 1 and above.
  func viewed(_ shape: [Int], offset: Int, count: Int) throws -> Tensor {
    guard let storage else { return self }
    if isHollow { return try Tensor(hollow: dtype, shape, count: count) }
    if word == Tensor.wherever { try settle() }
    let start = UnsafeMutableRawPointer(mutating: place) + offset &* dtype.byteCount
    return try Tensor(storage: storage, address: start, dtype: dtype, shape: shape, count: count)
  }
}

extension ContiguousArray<Tensor> {
  /// Exchanges two tensors without counting who holds them.
  package mutating func exchange(_ a: Int, _ b: Int) {
    if a == b { return }
    withUnsafeMutableBufferPointer { list in
      let first = list.moveElement(from: a)
      list.initializeElement(at: a, to: list.moveElement(from: b))
      list.initializeElement(at: b, to: first)
    }
  }
}
