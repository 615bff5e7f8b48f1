import CEdit
import Glibc

/// Single keys, for views that are no lines: the terminal gives every byte at once meanwhile.
final class KeyReader {
  enum Key: Equatable {
    case character(Character)
    case enter, backspace, escape, up, down, left, right, home, end, interrupt
    /// The window has changed its size.
    case resized
    /// Nothing more will come.
    case closed
  }

  private var before = termios()
  private let descriptor: Int32

  /// - Returns: `nil` where the terminal refuses.
  init?(_ descriptor: Int32 = STDIN_FILENO) {
    self.descriptor = descriptor
    guard tcgetattr(descriptor, &before) == 0 else { return nil }
    var raw = before
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    raw.c_iflag &= ~tcflag_t(ICRNL)
    tcsetattr(descriptor, TCSADRAIN, &raw)
  }

  deinit { tcsetattr(descriptor, TCSADRAIN, &before) }

  func next() -> Key {
    while true {
      var ready = [
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: cedit_window_descriptor(), events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&ready, 2, -1) > 0 || errno == EINTR else { return .closed }
      if ready[1].revents != 0 {
        var (resized, resumed) = (false, false)
        cedit_take_window_changes(&resized, &resumed)
        if resized || resumed { return .resized }
      }
      if ready[0].revents != 0 { break }
    }
    guard let byte = byte(within: 0) else { return .closed }
    switch byte {
    case 0x03: return .interrupt
    case 0x04: return .closed
    case 0x0d, 0x0a: return .enter
    case 0x7f, 0x08: return .backspace
    case 0x1b: return sequence()
    case ..<0x80: return .character(Character(Unicode.Scalar(byte)))
    default: return character(byte)
    }
  }

  /// What comes within a moment; `nil` where nothing does.
  func byte(within milliseconds: Int32) -> UInt8? {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    errno = 0
    guard poll(&ready, 1, milliseconds) > 0 else { return nil }
    var byte: UInt8 = 0
    return read(descriptor, &byte, 1) == 1 ? byte : nil
  }

  /// What follows an escape at once is a key's name.
  private func sequence() -> Key {
    guard let first = byte(within: 30), first == UInt8(ascii: "[") || first == UInt8(ascii: "O") else {
      return .escape
    }
    var last = byte(within: 30) ?? 0
    var digits = ""
    while last < 0x40, last != 0 {
      digits.append(Character(Unicode.Scalar(last)))
      last = byte(within: 30) ?? 0
    }
    switch last {
    case UInt8(ascii: "A"): return .up
    case UInt8(ascii: "B"): return .down
    case UInt8(ascii: "C"): return .right
    case UInt8(ascii: "D"): return .left
    case UInt8(ascii: "H"): return .home
    case UInt8(ascii: "F"): return .end
    case UInt8(ascii: "~"): return digits == "1" ? .home : digits == "4" ? .end : .escape
    default: return .escape
    }
  }

  private func character(_ first: UInt8) -> Key {
    let more = first >> 5 == 6 ? 1 : first >> 4 == 14 ? 2 : first >> 3 == 30 ? 3 : 0
    let bytes = [first] + (0..<more).compactMap { _ in byte(within: 30) }
    return .character(String(decoding: bytes, as: UTF8.self).first ?? "\u{fffd}")
  }
}
