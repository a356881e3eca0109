import KlinkCore
import Observation

/// The user's groups: make, rename, delete. Accounts stay.
@Observable @MainActor
public final class GroupsModel {
    public enum Phase: Equatable, Sendable {
        case loading
        case shown
        /// A new name for one of them, or for a new one.
        case naming(AccountGroup?)
        case deleting(AccountGroup)
        case failed(Sentence)
    }

    public internal(set) var phase = Phase.loading
    public internal(set) var groups: [AccountGroup] = []
    public var name = ""
    private let core: CoreClient

    public init(core: CoreClient) { self.core = core }

    public func appeared() {
        do {
            groups = try core.groups()
            phase = .shown
        } catch {
            phase = .failed(message(for: error))
        }
    }

    public func newButtonTapped() {
        name = ""
        phase = .naming(nil)
    }

    public func groupTapped(_ group: AccountGroup) {
        name = group.name
        phase = .naming(group)
    }

    public func deleteButtonTapped(_ group: AccountGroup) { phase = .deleting(group) }
    public func cancelButtonTapped() { phase = .shown }
    public var canSave: Bool { !name.allSatisfy(\.isWhitespace) }

    public func saveButtonTapped() async {
        guard canSave, case .naming(let group) = phase else { return }
        await act {
            if let group {
                try await self.core.renameGroup(group.id, self.name)
            } else {
                _ = try await self.core.addGroup(self.name)
            }
        }
    }

    public func deleteConfirmed() async {
        guard case .deleting(let group) = phase else { return }
        await act { try await self.core.deleteGroup(group.id) }
    }

    private func act(_ act: @escaping () async throws -> Void) async {
        do {
            try await act()
            appeared()
        } catch {
            phase = .failed(message(for: error))
        }
    }
}
