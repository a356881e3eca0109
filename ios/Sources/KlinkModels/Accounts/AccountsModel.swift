import Foundation
import KlinkCore
import Observation

/// The list: codes, their countdown, search, groups, favourites.
@Observable @MainActor
public final class AccountsModel: Screen, Going {
    public enum Phase: Equatable, Sendable, Failing {
        case loading
        /// No account at all.
        case empty
        case shown
        case failed(Sentence)
    }

    /// One row as it is drawn.
    public struct Row: Equatable, Identifiable, Sendable {
        public let account: Account
        /// Nothing while it is hidden, where there is none, and until a counted one was asked for.
        public let code: String?
        public let window: Window?
        /// The code after this one, in the last seconds.
        public let next: String?
        /// Why there is no code.
        public let noCode: NoCode?
        /// Shows dots until it is tapped.
        public let isHidden: Bool
        /// A picture of the service it came from.
        public let logo: Data?
        /// Tells two rows with the same names apart: the group, or "2 of 2".
        public let apart: Sentence?
        public var id: String { account.id }
    }

    /// When a code began and ends, by this phone's clock.
    public struct Window: Equatable, Sendable {
        public let fromMs: Int64
        public let untilMs: Int64

        /// The part that is left, from 1 to 0.
        public func left(at nowMs: Int64) -> Double {
            guard untilMs > fromMs else { return 0 }
            return min(1, max(0, Double(untilMs - nowMs) / Double(untilMs - fromMs)))
        }

        /// Whole seconds that are left.
        public func seconds(at nowMs: Int64) -> Int { max(0, Int((untilMs - nowMs + 999) / 1000)) }
    }

    /// What was copied, and until when it is good.
    public struct Copied: Equatable, Sendable {
        public let id: String
        public let untilMs: Int64?
        public let says: Sentence
    }

    public internal(set) var phase = Phase.loading
    public internal(set) var rows: [Row] = []
    public internal(set) var groups: [AccountGroup] = []
    public internal(set) var copied: Copied?
    /// What is spoken next; changes when there is something to say.
    public internal(set) var announcement: Sentence?
    public internal(set) var problem: Sentence?
    /// Its owner confirms before a code is shown that asks every time; it lies over the list.
    public internal(set) var unlocking: UnlockModel?
    public var query = "" { didSet { reload() } }
    /// A group's id; nothing shows all.
    public var group: String? { didSet { reload() } }
    public var sort: Settings.Sort { settings.sort }

    private var accounts: [Account] = []
    private var revealed: Set<String> = []
    private var counted: [String: String] = [:]
    /// When the first of the codes changes.
    private var changesMs: Int64?
    private var works: [Enrolment] = []
    private var announcedUntilMs: Int64 = 0
    private var settings: Settings
    /// The row that VoiceOver stands on; only it and the one last copied are counted down aloud.
    public var focused: String?

    public override init(core: CoreClient, phone: Phone, onward: Onward? = nil) {
        settings = phone.readSettings()
        super.init(core: core, phone: phone, onward: onward)
    }

    public var favourites: [Row] { rows.filter(\.account.favorite) }
    public var others: [Row] { rows.filter { !$0.account.favorite } }
    public var canReorder: Bool { sort == .own && query.isEmpty && group == nil }

    /// Draws the list anew whenever it changes, for as long as it is on the screen.
    public func appeared() async {
        works = (try? await core.enrolments()) ?? []
        reload()
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { for await _ in self.core.changes() { await self.reload() } }
            tasks.addTask { await self.follow() }
            await tasks.waitForAll()
        }
    }

    /// Draws the codes anew when the first of them changes, and says once that one is about to.
    private func follow() async {
        while !Task.isCancelled {
            let now = phone.clock.nowMs()
            let ends = changesMs.flatMap { $0 > now ? $0 : nil } ?? now + 30_000
            await phone.clock.sleep(ends - now > 5_000 ? ends - 5_000 : ends)
            if Task.isCancelled { return }
            drawCodes()
        }
    }

    public func reload() {
        do {
            settings = phone.readSettings()
            accounts = try core.search(query, settings.sort.order)
            groups = try core.groups()
            if let group { accounts.removeAll { !$0.groups.contains(group) } }
            problem = nil
            drawCodes()
        } catch {
            rows = []
            phase = .failed(message(for: error))
        }
    }

    /// Takes the codes of this moment; called when a code has changed.
    public func drawCodes() {
        do {
            let now = phone.clock.nowMs()
            let codes = try core.codes(accounts.map(\.id), settings.clockOffsetMs)
            changesMs = codes.nextChangeAtMs
            let of = Dictionary(codes.rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
            rows = accounts.map { row($0, of[$0.id], now) }
            let isAll = query.isEmpty && group == nil
            phase = accounts.isEmpty && isAll ? .empty : .shown
            announce(now)
        } catch {
            rows = []
            phase = .failed(message(for: error))
        }
    }

    public func codeTapped(_ id: String) async {
        guard let row = rows.first(where: { $0.id == id }) else { return }
        if row.isHidden {
            if row.noCode == .asksEveryTime { return await confirm(id) }
            revealed.insert(id)
            drawCodes()
            return
        }
        if row.noCode == .counts, row.code == nil { return await nextCodeButtonTapped(id) }
        guard let code = row.code else { return }
        await copy(code, id, row.window?.untilMs)
    }

    public func nextCodeButtonTapped(_ id: String) async {
        do {
            let code = try await core.nextCode(id).text
            counted[id] = code
            drawCodes()
            await copy(code, id, nil)
        } catch VaultError.NotConfirmed {
            // Its time was over before the row said so.
            await confirm(id)
        } catch {
            problem = message(for: error)
        }
    }

    public func favouriteButtonTapped(_ id: String) async {
        guard let account = accounts.first(where: { $0.id == id }) else { return }
        await changed { try await core.change(id, AccountChange(favorite: !account.favorite)) }
    }

    /// To the trash, from which it can be taken back.
    public func deleteButtonTapped(_ id: String) async {
        await changed { try await core.delete(id) }
    }

    public func accountTapped(_ id: String) {
        guard let account = accounts.first(where: { $0.id == id }) else { return }
        onward?(.account(AccountModel(account: account, core: core, phone: phone, onward: onward)))
    }

    public func sortChosen(_ sort: Settings.Sort) {
        settings.sort = sort
        phone.writeSettings(settings)
        reload()
    }

    /// Moves rows of the whole list, as `List` reports it.
    public func moved(_ from: IndexSet, to: Int) async {
        guard canReorder else { return }
        var ids = accounts.map(\.id)
        let moving = from.map { ids[$0] }
        let before = from.filter { $0 < to }.count
        for index in from.reversed() { ids.remove(at: index) }
        ids.insert(contentsOf: moving, at: to - before)
        await changed { try await core.setOrder(ids) }
    }

    public func cancelButtonTapped() { unlocking = nil }

    private func confirm(_ id: String) async {
        do {
            let model = UnlockModel(act: .confirm, ways: try await core.waysIn(), core: core, phone: phone)
            model.onDone = { [weak self, clock = phone.clock] _, _ in
                self?.unlocking = nil
                Task {
                    guard await self?.show(id) == true, let ends = self?.changesMs else { return }
                    // The list may be waiting for a later moment than the end of this code.
                    await clock.sleep(ends)
                    self?.drawCodes()
                }
            }
            unlocking = model
        } catch {
            problem = message(for: error)
        }
    }

    /// Until it changes; then the core asks again.
    private func show(_ id: String) async -> Bool {
        do {
            try await core.showCode(id, settings.clockOffsetMs)
            drawCodes()
            return true
        } catch {
            problem = message(for: error)
            return false
        }
    }

    private func changed(_ act: @MainActor () async throws -> Void) async {
        do {
            try await act()
            reload()
        } catch {
            problem = message(for: error)
        }
    }

    private func copy(_ code: String, _ id: String, _ untilMs: Int64?) async {
        let now = phone.clock.nowMs()
        phone.copy(code, now + Int64(settings.clearPasteboardAfterS) * 1000)
        let seconds = untilMs.map { max(0, Int(($0 - now + 999) / 1000)) }
        copied = Copied(
            id: id, untilMs: untilMs,
            says: seconds.map { Sentence("accounts.copied_until", .count($0)) } ?? Sentence("accounts.copied"))
        announcement = copied?.says
        // A count that could not be written is not worth a sentence.
        try? await core.used(id)
    }

    /// Once, at five seconds, for the row that is focused or was copied last.
    private func announce(_ now: Int64) {
        let told = rows.first { $0.id == focused || $0.id == copied?.id }
        guard let until = told?.window?.untilMs, until - now <= 5_000, until > now, announcedUntilMs != until else { return }
        announcedUntilMs = until
        announcement = Sentence("accounts.changes_in", .count(5))
    }

    private func row(_ account: Account, _ codes: CodeRow?, _ now: Int64) -> Row {
        let isHidden = account.asksEveryTime
            ? codes?.noCode == .asksEveryTime
            : settings.tapToReveal && !revealed.contains(account.id) && codes?.code != nil
        let window = codes?.code.map { Window(fromMs: $0.validFromMs, untilMs: $0.validUntilMs) }
        let isEnding = window.map { $0.untilMs - now <= 5_000 } ?? false
        return Row(
            account: account, code: isHidden ? nil : codes?.code?.text ?? counted[account.id], window: window,
            next: isEnding && settings.showNextCode && !isHidden ? codes?.next?.text : nil, noCode: codes?.noCode,
            isHidden: isHidden, logo: works.first { $0.accountId == account.id }?.logo, apart: apart(account))
    }

    private func apart(_ account: Account) -> Sentence? {
        switch account.apart {
        case .group(let name): Sentence("accounts.in_group", .text(name))
        case .number(let number, let of): Sentence("accounts.n_of", .text(String(number)), .text(String(of)))
        case nil: nil
        }
    }
}
