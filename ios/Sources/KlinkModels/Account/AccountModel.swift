import Foundation
import KlinkCore
import Observation

/// One account: names, note, icon, groups, its secret after a confirmation, and its push.
@Observable @MainActor
public final class AccountModel: Screen, Asking {
    public enum Phase: Equatable, Sendable, Unlocking {
        case shown
        case saving
        /// Its owner confirms first; `unlocking` has the screen.
        case unlocking
        /// The secret and its QR code.
        case revealed(Revealed)
        /// Asks whether it is to go to the trash.
        case removing
        case removed
        case failed(Sentence)
    }

    /// What stands in the mark instead of the first letter; any other letter or picture of one may be there as well.
    public static let icons = ["💼", "🏫", "🏦", "🛒", "✉️", "☁️", "💬", "🎮", "🖥️", "🏠", "✈️", "❤️"]

    public internal(set) var account: Account
    public internal(set) var phase = Phase.shown
    public internal(set) var groups: [AccountGroup] = []
    /// The work account that came with it.
    public internal(set) var work: Enrolment?
    public internal(set) var unlocking: UnlockModel?
    public var issuer: String
    public var accountName: String
    public var note: String
    public var pin = ""

    public init(account: Account, core: CoreClient, phone: Phone, onward: Onward? = nil) {
        self.account = account
        issuer = account.issuer
        accountName = account.accountName
        note = account.note
        super.init(core: core, phone: phone, onward: onward)
    }

    public func appeared() async {
        go {
            groups = try core.groups()
            return phase
        }
        work = try? await core.enrolments().first { $0.accountId == account.id }
    }

    /// Its codes are shown to who confirms, each time; so is this taken off.
    public func askSwitched(_ asks: Bool) async {
        if asks { return await change(AccountChange(asksEveryTime: true)) }
        await ask(.confirm) { [weak self] _ in await self?.askNoMore() }
    }

    public var hasChanges: Bool {
        issuer != account.issuer || accountName != account.accountName || note != account.note
    }

    public func saveButtonTapped() async {
        guard hasChanges else { return }
        await change(AccountChange(issuer: issuer, accountName: accountName, note: note))
    }

    public func favouriteButtonTapped() async { await change(AccountChange(favorite: !account.favorite)) }

    /// Nothing takes it away.
    public func iconChosen(_ icon: String?) async { await change(AccountChange(icon: icon ?? "")) }

    public func groupTapped(_ id: String) async {
        let groups = account.groups.contains(id) ? account.groups.filter { $0 != id } : account.groups + [id]
        await change(AccountChange(groups: groups))
    }

    public func pinButtonTapped() async {
        await change(AccountChange(pin: Data(pin.utf8)))
        pin = ""
    }

    public func revealButtonTapped() async { await ask(.confirm) { [weak self] _ in await self?.reveal() } }
    public func hideButtonTapped() { phase = .shown }
    public func workButtonTapped() {
        if let work { onward?(.workAccount(WorkAccountModel(enrolment: work, core: core, phone: phone, onward: onward))) }
    }
    public func removeButtonTapped() { phase = .removing }
    public func keepButtonTapped() { phase = .shown }

    public func removeConfirmed() async {
        guard phase == .removing else { return }
        await go {
            try await core.delete(account.id)
            onward?(nil)
            return .removed
        }
    }

    /// After a confirmation: the core gives it once.
    public func reveal() async { await go { .revealed(try await core.reveal(account.id)) } }

    private func askNoMore() async {
        await go { try await core.showCode(account.id, phone.readSettings().clockOffsetMs); return .shown }
        if phase == .shown { await change(AccountChange(asksEveryTime: false)) }
    }

    private func change(_ change: AccountChange) async {
        await go(.saving) {
            try await core.change(account.id, change)
            account = try core.account(account.id)
            // What extensions had of its codes goes at once.
            if change.asksEveryTime == true { try await Upkeep(core: core, phone: phone).pack() }
            return .shown
        }
    }
}
