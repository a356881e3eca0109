import KlinkCore
import Observation

/// The work and school accounts that this phone approves for.
@Observable @MainActor
public final class WorkAccountsModel: Screen, Going {
    public enum Phase: Equatable, Sendable, Failing {
        case loading
        case empty
        case shown
        case failed(Sentence)
    }

    public internal(set) var phase = Phase.loading
    public internal(set) var enrolments: [Enrolment] = []

    public func appeared() async {
        await go {
            enrolments = try await core.enrolments()
            return enrolments.isEmpty ? .empty : .shown
        }
    }

    public func enrolmentTapped(_ id: String) {
        guard let enrolment = enrolments.first(where: { $0.id == id }) else { return }
        onward?(.workAccount(WorkAccountModel(enrolment: enrolment, core: core, phone: phone, onward: onward)))
    }
}
