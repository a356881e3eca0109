import Observation

/// What the app is made of, and what it does with data.
@Observable @MainActor
public final class LicencesModel: Screen {
    public enum Phase: Equatable, Sendable { case licences, privacy }

    /// One licence, and the sentence that names who is under it.
    public struct Entry: Equatable, Identifiable, Sendable {
        public let name: String
        public let says: Sentence
        public var id: String { name }
    }

    public internal(set) var phase = Phase.licences
    public let entries = [
        Entry(name: "Klink", says: Sentence("licences.klink")),
        Entry(name: "Apache-2.0, MIT", says: Sentence("licences.permissive")),
        Entry(name: "MPL-2.0", says: Sentence("licences.uniffi")),
    ]

    public func privacyButtonTapped() { phase = .privacy }
    public func licencesButtonTapped() { phase = .licences }
}
