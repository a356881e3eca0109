import KlinkCore
import Observation

/// What was deleted and can be taken back.
@Observable @MainActor
public final class TrashModel {
    public enum Phase: Equatable, Sendable {
        case loading
        case empty
        case shown
        case failed(Sentence)
    }

    public internal(set) var phase = Phase.loading
    public internal(set) var accounts: [Account] = []
    private let core: CoreClient

    public init(core: CoreClient) { self.core = core }

    public func appeared() {
        do {
            accounts = try core.trash()
            phase = accounts.isEmpty ? .empty : .shown
        } catch {
            phase = .failed(message(for: error))
        }
    }

    public func restoreButtonTapped(_ id: String) async {
        do {
            try await core.restore(id)
            appeared()
        } catch {
            phase = .failed(message(for: error))
        }
    }
}
