import Testing

/// `maas-repl help`
@Suite(.enabled(if: ProgramUnderTest.path != nil, "maas-repl was not built"))
struct HelpCommandTests {
  @Test func everyTopicHasAPage() throws {
    let general = try ProgramUnderTest.run(["help"])
    #expect(general.output.contains("maas-repl check FILE") && general.status == 0)
    let command = try ProgramUnderTest.run(["help", "format"])
    #expect(command.output.contains("--check") && command.status == 0)
    let error = try ProgramUnderTest.run(["help", "e0301"])
    #expect(error.output.hasPrefix("E0301 · ") && error.output.contains("\n\n    ") && error.status == 0)
    let optimizer = try ProgramUnderTest.run(["help", "Momentum"])
    #expect(optimizer.output.hasPrefix("Momentum(lr = 0.01, beta = 0.9)") && optimizer.status == 0)
    // The others of its family.
    #expect(optimizer.output.contains("See also: Polyak, flux.Momentum, Nesterov"))
    #expect(optimizer.output.contains("    v = beta * v - lr * g\n"))
    #expect(try ProgramUnderTest.run(["-e", "?Momentum"]).output == optimizer.output)
    #expect(try ProgramUnderTest.run(["-e", "?E0301"]).output == error.output)
    #expect(
      try ProgramUnderTest.run(["-e", "??Momentum"]).output.hasPrefix("# stdlib/optimizers/momentum.maas:"))
  }

  @Test func anUnknownTopicIsDiagnosed() throws {
    let run = try ProgramUnderTest.run(["help", "Momentun"])
    #expect(run.output == "" && run.status == 1)
    #expect(run.errors.hasPrefix("error[E0201]") && run.errors.contains("did you mean `Momentum`?"))
  }
}
