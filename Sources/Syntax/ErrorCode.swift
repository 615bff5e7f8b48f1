/// The catalogue of errors: one case an error, from which `?E0301`, the manual and the tests follow.
///
/// Families: E01 syntax, E02 names and arguments, E03 shapes, E04 types, E05 values and limits, E06 files and data,
/// E07 gradients, E08 models and compression, E09 service.
package enum ErrorCode: String, CaseIterable, Sendable {
  // E01 syntax
  case unexpectedText = "E0101"
  case unclosed = "E0102"
  case badNumber = "E0103"
  case foreignIdiom = "E0104"
  case badString = "E0105"
  case chainedComparison = "E0106"
  case misplaced = "E0107"
  case invalidEncoding = "E0108"
  case nestedTooDeeply = "E0109"
  // E02 names, assignment, arguments
  case unknownName = "E0201"
  case assignToConstant = "E0202"
  case assignToUnknown = "E0203"
  case missingArgument = "E0204"
  case unknownArgument = "E0205"
  case repeatedArgument = "E0206"
  case tooManyArguments = "E0207"
  case unknownField = "E0208"
  case duplicateName = "E0209"
  // E03 shapes and unlike structures
  case shapeMismatch = "E0301"
  case structureMismatch = "E0302"
  case raggedBracket = "E0303"
  case badAxis = "E0304"
  case badShape = "E0305"
  // E04 types
  case wrongType = "E0401"
  case notBoolean = "E0402"
  case notCallable = "E0403"
  case notIterable = "E0404"
  case badPattern = "E0405"
  // E05 values and limits
  case indexOutOfRange = "E0501"
  case divisionByZero = "E0502"
  case overflow = "E0503"
  case callDepth = "E0504"
  case outOfMemory = "E0505"
  case badValue = "E0506"
  case raised = "E0507"
  case assertionFailed = "E0508"
  case interrupted = "E0509"
  case stepLimit = "E0510"
  // E06 files and data
  case unreadableFile = "E0601"
  case missingDataset = "E0602"
  case malformedFile = "E0603"
  case unwritableFile = "E0604"
  // E07 gradients
  case notDifferentiable = "E0701"
  case gradientOfNonScalar = "E0702"
  // E08 models and compression
  case badModel = "E0801"
  case badOptimizer = "E0802"
}
