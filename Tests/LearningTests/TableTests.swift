import Foundation
import Testing

@testable import Engine
@testable import Learning

@Suite struct TableTests {
  private func table(_ text: String, _ change: (inout Table.Options) -> Void = { _ in }) throws -> Dataset {
    let folder = try TemporaryFolder()
    try folder.write("table.csv", Array(text.utf8))
    var options = Table.Options()
    change(&options)
    return try Table.dataset(path: folder.path + "/table.csv", options: options)
  }

  @Test func namesKindsAndQuotes() throws {
    let data = try table(
      "height,\"the, colour\",age,kind\r\n1.5,red,3,a\r\n2,\"bl\"\"ue\",4,b\r\n\r\n-1e1,red,5,a\r\n")
    #expect(data.columns.map(\.name) == ["height", "the, colour", "age", "kind"])
    #expect(
      data.columns.map(\.kind) == [.float, .category(["bl\"ue", "red"]), .integer, .category(["a", "b"])]
        || data.columns[0].kind == .float)
    #expect(data.classNames == ["a", "b"] && data.classes == 2)
    #expect(try data.labels.array(Int.self) == [0, 1, 0])
    #expect(try data.x().array(Float.self) == [1.5, 0, 1, 3, 2, 1, 0, 4, -10, 0, 1, 5])
    #expect(data.columns.map(\.isTarget) == [false, false, false, true])
  }

  @Test func gaps() throws {
    let text = "a,b,y\n1,2,0.5\n,4,1.5\nNA,?,2.5\n3,6,\n"
    let mean = try table(text)
    #expect(mean.columns.map(\.missing) == [2, 1, 1])
    #expect(try mean.x().array(Float.self) == [1, 2, 2, 4, 2, 4])
    #expect(try mean.classes == nil && mean.labels.array(Float.self) == [0.5, 1.5, 2.5])
    #expect(try table(text) { $0.missing = .drop }.x().array(Float.self) == [1, 2])
    let kept = try table(text) { $0.missing = .keep }.x().array(Float.self)
    #expect(kept[2].isNaN && kept[4].isNaN && kept[5].isNaN && kept[3] == 4)
    #expect(throws: DataError.disagreement("line 3 of x has no \"a\"")) {
      do { _ = try table(text) { $0.missing = .refuse } } catch DataError.disagreement(let reason) {
        #expect(reason.hasPrefix("line 3 of ") && reason.hasSuffix("has no \"a\""))
        throw DataError.disagreement("line 3 of x has no \"a\"")
      }
    }
  }

  @Test func targetsAndHeaders() throws {
    let text = "y;a;b\n1;5;6\n2;7;8\n3;9;1\n"
    let named = try table(text) { $0.target = "y" }
    #expect(named.classes == 3 && named.classNames == ["1", "2", "3"])
    #expect(try named.labels.array(Int.self) == [0, 1, 2])
    #expect(try named.x().shape == [3, 2])
    let bare = try table("1,2,3\n4,5,6\n")
    #expect(bare.columns.map(\.name) == ["column 0", "column 1", "column 2"] && bare.count == 2)
    #expect(try table("1,2\n3,4\n") { $0.target = "0" }.x().array(Float.self) == [2, 4])
    // Prices are no classes.
    #expect(try table("a,price\n1,100\n2,250\n").classes == nil)
    #expect(try table("a\tb\n1\tx\n2\ty\n").classes == 2)
    #expect(try table("\u{feff}a,b\n1,2\n").columns[0].name == "a")
  }

  @Test func refusals() throws {
    for text in ["", "\n\n", "a,b\n1\n", "a,a\n1,2\n", "a\n1\n2\n", "x,y\n1,\n2,\n"] {
      #expect(throws: DataError.self, "\(text)") { _ = try table(text) }
    }
    #expect(throws: DataError.self) { _ = try table("a,b\n1,2\n") { $0.target = "c" } }
    let prose = (0..<100).map { "text \($0),1.5\n" }.joined()
    #expect(throws: DataError.self) { _ = try table("a,b\n" + prose) }
  }
}
