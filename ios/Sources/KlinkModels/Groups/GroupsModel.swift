import KlinkCore
import Observation

/// The user's groups: make, rename, delete. Accounts stay.
@Observable @MainActor
public final class GroupsModel: Screen, Going {
    public enum Phase: Equatable, Sendable, Failing {
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

    public func appeared() {
        go { try read() }
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
        await go {
            if let group { try await core.renameGroup(group.id, name) } else { _ = try await core.addGroup(name) }
            return try read()
        }
    }

    public func deleteConfirmed() async {
        guard case .deleting(let group) = phase else { return }
        await go {
            try await core.deleteGroup(group.id)
            return try read()
        }
    }

    private func read() throws -> Phase {
        groups = try core.groups()
        return .shown
    }
}
