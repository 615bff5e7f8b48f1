func standardLibraryNames() -> [String] { embeddedLibrary.map(\.name) }
