import Foundation
import KlinkCore
import Observation

/// One account: names, note, icon, groups, its secret after a confirmation, and its push.
@Observable @MainActor
public final class AccountModel {
    public enum Phase: Equatable, Sendable {
        case shown
        case saving
        /// Its owner confirms first; `confirming` has the screen.
        case confirming
        /// The secret and its QR code.
        case revealed(Revealed)
        /// Asks whether it is to go to the trash.
        case removing
        case removed
        case failed(Sentence)
    }

    public internal(set) var account: Account
    public internal(set) var phase = Phase.shown
    public internal(set) var groups: [AccountGroup] = []
    public internal(set) var confirming: UnlockModel?
    public var issuer: String
    public var accountName: String
    public var note: String

    @ObservationIgnored public var onClosed: () -> Void = {}
    private let core: CoreClient
    private let phone: Phone

    public init(account: Account, core: CoreClient, phone: Phone) {
        self.account = account
        self.core = core
        self.phone = phone
        issuer = account.issuer
        accountName = account.accountName
        note = account.note
    }

    public func appeared() {
        do { groups = try core.groups() } catch { phase = .failed(message(for: error)) }
    }

    public var hasChanges: Bool {
        issuer != account.issuer || accountName != account.accountName || note != account.note
    }

    public func saveButtonTapped() async {
        guard hasChanges else { return }
        await change(AccountChange(issuer: issuer, accountName: accountName, note: note))
    }

    public func favouriteButtonTapped() async { await change(AccountChange(favorite: !account.favorite)) }

    /// Names a bundled icon; nothing takes it away.
    public func iconChosen(_ icon: String?) async { await change(AccountChange(icon: icon ?? "")) }

    public func groupTapped(_ id: String) async {
        let groups = account.groups.contains(id) ? account.groups.filter { $0 != id } : account.groups + [id]
        await change(AccountChange(groups: groups))
    }

    public func pinTyped(_ pin: String) async { await change(AccountChange(pin: Data(pin.utf8))) }

    public func revealButtonTapped() async {
        do {
            let model = UnlockModel(act: .confirm, ways: try await core.waysIn(), core: core, phone: phone)
            model.onDone = { [weak self] _, _ in Task { await self?.reveal() } }
            confirming = model
            phase = .confirming
        } catch {
            phase = .failed(message(for: error))
        }
    }

    public func hideButtonTapped() {
        confirming = nil
        phase = .shown
    }

    public func removeButtonTapped() { phase = .removing }
    public func keepButtonTapped() { phase = .shown }

    public func removeConfirmed() async {
        guard phase == .removing else { return }
        do {
            try await core.delete(account.id)
            phase = .removed
            onClosed()
        } catch {
            phase = .failed(message(for: error))
        }
    }

    /// After a confirmation: the core gives it once.
    public func reveal() async {
        confirming = nil
        do {
            phase = .revealed(try await core.reveal(account.id))
        } catch {
            phase = .failed(message(for: error))
        }
    }

    private func change(_ change: AccountChange) async {
        phase = .saving
        do {
            try await core.change(account.id, change)
            account = try core.account(account.id)
            phase = .shown
        } catch {
            phase = .failed(message(for: error))
        }
    }
}
