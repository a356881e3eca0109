/// A sentence for people, as a key of the string catalogue and what is put into it. Models speak in these; the words are
/// looked up where they are drawn, in the language of the system.
public struct Sentence: Hashable, Sendable {
    /// A value that is put into a sentence.
    public enum Value: Hashable, Sendable {
        /// A name, host or number as it is.
        case text(String)
        /// A count, which chooses singular or plural.
        case count(Int)
        /// A moment in Unix milliseconds, written as the system writes times.
        case moment(Int64)
    }

    /// The key in the catalogue: `error.vault.locked`.
    public let key: String
    /// In the order of the sentence's places.
    public let values: [Value]

    public init(_ key: String, _ values: Value...) { self.init(key, values) }

    public init(_ key: String, _ values: [Value]) {
        self.key = key
        self.values = values
    }
}
