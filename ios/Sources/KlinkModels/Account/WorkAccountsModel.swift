import KlinkCore
import Observation

/// The work and school accounts that this phone approves for.
@Observable @MainActor
public final class WorkAccountsModel {
    public enum Phase: Equatable, Sendable {
        case loading
        case empty
        case shown
        case failed(Sentence)
    }

    public internal(set) var phase = Phase.loading
    public internal(set) var enrolments: [Enrolment] = []
    @ObservationIgnored public var onChosen: (Enrolment) -> Void = { _ in }
    private let core: CoreClient

    public init(core: CoreClient) { self.core = core }

    public func appeared() async {
        do {
            enrolments = try await core.enrolments()
            phase = enrolments.isEmpty ? .empty : .shown
        } catch {
            phase = .failed(message(for: error))
        }
    }

    public func enrolmentTapped(_ id: String) {
        if let enrolment = enrolments.first(where: { $0.id == id }) { onChosen(enrolment) }
    }
}
