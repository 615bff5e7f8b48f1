import Glibc

/// Text on its way to a descriptor, gathered so that a thousand prints are one system call.
///
/// The first failure stays: what is written afterwards is dropped, and `failure` says why.
package final class BufferedOutput {
  /// Why a write failed, as `errno`; `nil` while all is well.
  package private(set) var failure: Int32?
  /// Called once, at the first failure.
  package var onFailure: (() -> Void)?
  /// The number of bytes taken so far.
  package private(set) var count = 0

  private let descriptor: Int32
  private let capacity: Int
  private var pending: [UInt8] = []

  package init(descriptor: Int32, capacity: Int = 1 << 16) {
    self.descriptor = descriptor
    self.capacity = capacity
    pending.reserveCapacity(capacity)
  }

  package func write(_ text: String) {
    guard failure == nil else { return }
    var text = text
    text.withUTF8 { bytes in
      count &+= bytes.count
      if pending.count + bytes.count > capacity { flush() }
      if bytes.count > capacity { send(UnsafeRawBufferPointer(bytes)) } else { pending += bytes }
    }
  }

  package func flush() {
    guard !pending.isEmpty else { return }
    if failure == nil { pending.withUnsafeBytes(send) }
    pending.removeAll(keepingCapacity: true)
  }

  private func send(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno == EAGAIN {
        waitUntilWritable()
      } else if errno != EINTR {
        failure = errno
        onFailure?()
        return
      }
    }
  }

  /// A descriptor shared with another process may have been made non-blocking by it.
  private func waitUntilWritable() {
    var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    poll(&ready, 1, -1)
  }
}
