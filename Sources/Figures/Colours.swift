/// A colour in sRGB.
package struct Colour: Sendable, Equatable {
  package var red: UInt8
  package var green: UInt8
  package var blue: UInt8

  package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    (self.red, self.green, self.blue) = (red, green, blue)
  }

  /// From 0xrrggbb.
  init(_ code: UInt32) {
    self.init(UInt8(code >> 16 & 255), UInt8(code >> 8 & 255), UInt8(code & 255))
  }

  /// A grey, 0 black to 1 white.
  init(grey: Double) {
    let level = Colour.byte(grey)
    self.init(level, level, level)
  }

  /// A share of 1 as a byte; what is no number is 0.
  package static func byte(_ share: Double) -> UInt8 {
    share > 0 ? UInt8((min(1, share) * 255).rounded()) : 0
  }

  /// Perceived brightness, 0 to 1 (Rec. 601).
  var brightness: Double {
    (0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)) / 255
  }

  func mixed(with other: Colour, _ share: Double) -> Colour {
    func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
      Colour.byte((Double(a) * (1 - share) + Double(b) * share) / 255)
    }
    return Colour(mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
  }

  /// `#1f77b4`
  var code: String {
    let digits = Array("0123456789abcdef")
    return [red, green, blue].reduce("#") { $0 + [digits[Int($1 >> 4)], digits[Int($1 & 15)]] }
  }
}

/// Colours by their part in a figure, for a light and a dark page.
enum Palette {
  /// Told apart by people who see no red or green too: in part after Okabe and Ito (2008).
  static let series: [(light: Colour, dark: Colour)] = [
    (Colour(0x0b62c4), Colour(0x58a6ff)), (Colour(0xd35400), Colour(0xff9f43)),
    (Colour(0x0a8754), Colour(0x3fcf8e)), (Colour(0xb5179e), Colour(0xf78fe0)),
    (Colour(0x8a6d00), Colour(0xe3c341)), (Colour(0xc62836), Colour(0xff7b85)),
    (Colour(0x5b3fc4), Colour(0xa995ff)), (Colour(0x007f8c), Colour(0x4fd4e0)),
  ]

  static func series(_ index: Int) -> (light: Colour, dark: Colour) {
    series[((index % series.count) + series.count) % series.count]
  }

  /// From low to high, even in brightness: ten stops of viridis (van der Walt and Smith, 2015).
  private static let stops: [Colour] = [
    0x440154, 0x482878, 0x3e4a89, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725,
  ].map { Colour($0) }

  static func ramp(_ share: Double) -> Colour {
    let place = (share > 0 ? min(1, share) : 0) * Double(stops.count - 1)
    let index = min(stops.count - 2, Int(place))
    return stops[index].mixed(with: stops[index + 1], place - Double(index))
  }

  /// Lines of equal height, low to high: quiet, so that paths stand out.
  static func level(_ share: Double) -> (light: Colour, dark: Colour) {
    let share = share > 0 ? min(1, share) : 0
    return (
      Colour(0x5a78a8).mixed(with: Colour(0xc3cfdd), share),
      Colour(0x7fa0cc).mixed(with: Colour(0x36465a), share)
    )
  }
}
