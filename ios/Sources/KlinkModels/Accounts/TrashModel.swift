import KlinkCore
import Observation

/// What was deleted and can be taken back.
@Observable @MainActor
public final class TrashModel: Screen, Going {
    public enum Phase: Equatable, Sendable, Failing {
        case loading
        case empty
        case shown
        case failed(Sentence)
    }

    public internal(set) var phase = Phase.loading
    public internal(set) var accounts: [Account] = []

    public func appeared() {
        go { try read() }
    }

    public func restoreButtonTapped(_ id: String) async {
        await go {
            try await core.restore(id)
            return try read()
        }
    }

    private func read() throws -> Phase {
        accounts = try core.trash()
        return accounts.isEmpty ? .empty : .shown
    }
}
