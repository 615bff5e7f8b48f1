import Testing

@testable import Syntax

@Suite struct SpellingTests {
  private let names = [
    "learning_rate", "x", "y", "sum", "mean", "relu", "gelu", "sigmoid", "Dense", "softmax", "print", "len",
    "θ", "学习率", "Sequential",
  ]

  @Test(arguments: [
    ("learnig_rate", "learning_rate"), ("laerning_rate", "learning_rate"), ("learningrate", "learning_rate"),
    ("sume", "sum"), ("Relu", "relu"),
    ("dense", "Dense"), ("SIGMOID", "sigmoid"), ("pritn", "print"), ("prnt", "print"), ("sofmax", "softmax"),
    ("学习绿", "学习率"), ("sequental", "Sequential"),
    ("men", "len"), ("relo", "relu"),
  ])
  func near(_ name: String, _ expected: String) { #expect(Spelling.nearest(name, in: names) == expected) }

  @Test(arguments: ["", "z", "banana", "abcdefgh", "rate", "su", "qq", "training"])
  func far(_ name: String) { #expect(Spelling.nearest(name, in: names) == nil) }

  @Test func tiesGoByTheAlphabet() {
    #expect(Spelling.nearest("elu", in: ["relu", "gelu", "selu"]) == "gelu")
    #expect(Spelling.nearest("a", in: [String]()) == nil)
    #expect(Spelling.nearest("sum", in: ["sum"]) == nil)
    #expect(Spelling.nearest(String(repeating: "a", count: 5_000), in: names) == nil)
  }
}
