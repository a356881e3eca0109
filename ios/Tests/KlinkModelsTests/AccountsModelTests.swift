import Foundation
import KlinkCore
import Testing
@testable import KlinkModels

@MainActor @Suite struct AccountsModelTests {
    let calls = Calls()
    let clock = TestClock()

    var core: CoreClient {
        var core = CoreClient.preview
        let calls = calls
        core.used = { calls.note("used \($0)") }
        core.change = { calls.note("favourite \($0) \($1.favorite ?? false)") }
        core.delete = { calls.note("delete \($0)") }
        core.setOrder = { calls.note("order \($0.joined(separator: " "))") }
        return core
    }

    func phone(_ change: (inout Settings) -> Void = { _ in }) -> Phone {
        var settings = Settings()
        change(&settings)
        let kept = settings, calls = calls
        var phone = Phone.preview
        phone.clock = clock.clock
        phone.copy = { calls.note("copy \($0) \(($1 - previewMs) / 1000)") }
        phone.readSettings = { kept }
        phone.writeSettings = { calls.note("sort \($0.sort)") }
        return phone
    }

    @Test func theListShowsCodesWithTheirTime() {
        let model = AccountsModel(core: core, phone: phone())
        #expect(model.phase == .loading)
        model.reload()
        #expect(model.phase == .shown && model.rows.map(\.id) == ["a1", "a2", "a3", "a4"])
        #expect(model.favourites.map(\.id) == ["a1"] && model.others.count == 3)
        let row = model.rows[0]
        #expect(row.code == "287082" && row.next == nil && row.window?.seconds(at: previewMs) == 20)
        #expect(row.window?.left(at: previewMs) == 20.0 / 30)
        #expect(model.rows[3].code == nil && model.rows[3].noCode == .counts)
    }

    @Test func nobodyHasAccountsAtFirst() {
        var core = core
        core.search = { _, _ in [] }
        let model = AccountsModel(core: core, phone: phone())
        model.reload()
        #expect(model.phase == .empty)
    }

    @Test func aLockedVaultShowsNoRowAndSaysWhy() {
        var core = core
        core.codes = { _, _ in throw VaultError.Locked }
        let model = AccountsModel(core: core, phone: phone())
        model.reload()
        #expect(model.phase == .failed(Sentence("error.vault.locked")) && model.rows.isEmpty)
    }

    /// The samples, two of which ask; the core gives their codes after `showCode` and until the step ends.
    var asking: CoreClient {
        var core = core
        let calls = calls, clock = clock.clock, codes = core.codes, shown = Kept(Set<String>())
        core.search = { _, _ in Account.samples(asking: ["a2", "a4"]) }
        core.codes = { ids, offset in
            let given = clock.nowMs() < previewMs + 20_000 ? shown.value : []
            return try codes(ids, offset).without(["a2", "a4"].filter { !given.contains($0) })
        }
        core.showCode = { id, offset in
            calls.note("show \(id) \(offset)")
            shown.value.insert(id)
        }
        return core
    }

    @Test func anAccountThatAsksIsConfirmedEachTime() async throws {
        let model = AccountsModel(core: asking, phone: phone { $0.clockOffsetMs = 2_000 })
        model.reload()
        #expect(model.rows.filter(\.isHidden).map(\.id) == ["a2", "a4"] && model.rows[1].code == nil)
        await model.codeTapped("a2")
        #expect(model.rows[1].code == nil && calls.all.isEmpty)
        model.cancelButtonTapped()
        #expect(model.unlocking == nil)
        await model.codeTapped("a2")
        let unlocking = try #require(model.unlocking)
        #expect(unlocking.act == .confirm)
        unlocking.passphrase = "walnut"
        await unlocking.submitButtonTapped()
        await until { model.rows[1].code == "287082" }
        #expect(model.unlocking == nil && model.rows[3].isHidden)
        await model.codeTapped("a2")
        #expect(calls.all == ["show a2 2000", "copy 287082 60", "used a2"])
        await until { clock.sleeping == 1 }
        clock.advance(to: previewMs + 20_000)
        await until({ model.rows[1].isHidden }, "the next code asks again")
    }

    @Test func aConfirmationThatTheCoreDoesNotTakeShowsNothing() async throws {
        var core = asking
        core.showCode = { _, _ in throw VaultError.NotConfirmed }
        let model = AccountsModel(core: core, phone: phone())
        model.reload()
        await model.codeTapped("a2")
        let unlocking = try #require(model.unlocking)
        unlocking.passphrase = "walnut"
        await unlocking.submitButtonTapped()
        await until { model.problem == Sentence("error.vault.not_confirmed") }
        #expect(model.rows[1].isHidden)
    }

    @Test func anAccountOfAServiceHasItsLogo() async {
        var core = core
        core.enrolments = { [.sample(logo: Data([2]), accountId: nil), .sample(logo: Data([1]), accountId: "a1")] }
        let model = AccountsModel(core: core, phone: phone())
        let shown = Task { await model.appeared() }
        await until { model.phase == .shown }
        shown.cancel()
        #expect(model.rows.map(\.logo) == [Data([1]), nil, nil, nil])
    }

    @Test func aTapCopiesSaysSoAndCounts() async {
        let model = AccountsModel(core: core, phone: phone())
        model.reload()
        await model.codeTapped("a1")
        #expect(calls.all == ["copy 287082 60", "used a1"])
        #expect(model.copied?.says == Sentence("accounts.copied_until", .count(20)))
        #expect(model.announcement == model.copied?.says)
    }

    @Test func aHiddenCodeIsShownBeforeItIsCopied() async {
        let model = AccountsModel(core: core, phone: phone { $0.tapToReveal = true })
        model.reload()
        #expect(model.rows[0].isHidden && model.rows[0].code == nil)
        await model.codeTapped("a1")
        #expect(!model.rows[0].isHidden && model.rows[0].code == "287082" && calls.all.isEmpty)
        await model.codeTapped("a1")
        #expect(calls.all.first == "copy 287082 60")
    }

    @Test func aCodeThatCountsIsAskedForAndCopied() async {
        let model = AccountsModel(core: core, phone: phone())
        model.reload()
        await model.codeTapped("a4")
        #expect(model.rows[3].code == "755224" && calls.all == ["copy 755224 60", "used a4"])
        #expect(model.copied?.says == Sentence("accounts.copied"))
    }

    @Test func aCodeThatCountsAndIsRefusedSaysWhy() async {
        var core = core
        core.nextCode = { _ in throw VaultError.ReadOnly(reason: .rolledBack) }
        let model = AccountsModel(core: core, phone: phone())
        model.reload()
        await model.nextCodeButtonTapped("a4")
        #expect(model.problem == Sentence("trouble.rolled_back") && model.rows[3].code == nil)
    }

    @Test func inTheLastSecondsTheNextCodeIsShownAndTheCopiedRowIsSpokenOnce() async {
        let model = AccountsModel(core: core, phone: phone())
        model.reload()
        await model.codeTapped("a1")
        let spoken = Trace { model.announcement }
        clock.advance(to: previewMs + 15_000)
        model.drawCodes()
        await until { spoken.seen.count == 2 }
        #expect(model.rows[0].next == "359152")
        #expect(spoken.seen.last == Sentence("accounts.changes_in", .count(5)))
        clock.advance(to: previewMs + 16_000)
        model.drawCodes()
        await Task.yield()
        #expect(spoken.seen.count == 2, "not a second time")
    }

    @Test func aRowThatNobodyLooksAtIsNotSpoken() async {
        let model = AccountsModel(core: core, phone: phone())
        model.reload()
        clock.advance(to: previewMs + 15_000)
        model.drawCodes()
        #expect(model.announcement == nil)
        model.focused = "a2"
        model.drawCodes()
        #expect(model.announcement == Sentence("accounts.changes_in", .count(5)))
    }

    @Test func theListFollowsTheClockAndTheVault() async {
        var core = core
        let (changes, more) = AsyncStream.makeStream(of: Change.self)
        core.changes = { changes }
        let asked = Calls(), codes = core.codes
        core.codes = { asked.note("codes"); return try codes($0, $1) }
        let model = AccountsModel(core: core, phone: phone())
        let task = Task { await model.appeared() }
        await until { clock.sleeping == 1 }
        let before = asked.all.count
        clock.advance(to: previewMs + 15_000)
        await until { asked.all.count == before + 1 && clock.sleeping == 1 }
        clock.advance(to: previewMs + 20_000)
        await until { asked.all.count == before + 2 }
        more.yield(Change(revision: 2))
        await until { asked.all.count == before + 3 }
        task.cancel()
        more.finish()
        clock.advance(to: previewMs + 100_000)
        await task.value
    }

    @Test func searchAndGroupsNarrowTheList() {
        let model = AccountsModel(core: core, phone: phone())
        model.query = "bank"
        #expect(model.rows.map(\.id) == ["a2"] && model.phase == .shown)
        model.query = "nothing"
        #expect(model.rows.isEmpty && model.phase == .shown)
        model.query = ""
        model.group = "g2"
        #expect(model.rows.map(\.id) == ["a3"])
    }

    @Test func twoAlikeAreToldApartByGroupOrByPlace() {
        var core = core
        core.search = { _, _ in
            [
                .sample("b1", "Hupra", "ann", apart: .group(name: "Work")), .sample("b2", "Hupra", "ann", apart: .number(number: 2, of: 2)),
                .sample("b3", "Wren", "ann"),
            ]
        }
        let model = AccountsModel(core: core, phone: phone())
        model.reload()
        #expect(model.rows.map(\.apart) == [
            Sentence("accounts.in_group", .text("Work")), Sentence("accounts.n_of", .text("2"), .text("2")), nil,
        ])
    }

    @Test(arguments: Settings.Sort.allCases) func everySortIsTheCores(_ sort: Settings.Sort) {
        var core = core
        let calls = calls
        core.search = { query, order in
            calls.note("\(query) \(order)")
            return Account.samples.reversed()
        }
        let model = AccountsModel(core: core, phone: phone { $0.sort = sort })
        model.reload()
        model.query = "x"
        #expect(calls.all == [" \(sort)", "x \(sort)"])
        #expect(model.rows.map(\.id) == ["a4", "a3", "a2", "a1"])
        model.query = ""
        #expect(model.canReorder == (sort == .own))
    }

    @Test func rowsAreMovedAsTheListSays() async {
        let model = AccountsModel(core: core, phone: phone())
        model.reload()
        await model.moved(IndexSet(integer: 0), to: 3)
        await model.moved(IndexSet(integer: 3), to: 0)
        #expect(calls.all == ["order a2 a3 a1 a4", "order a4 a1 a2 a3"])
    }

    @Test func aFavouriteADeletionAndASortAreWritten() async {
        let model = AccountsModel(core: core, phone: phone())
        model.reload()
        await model.favouriteButtonTapped("a1")
        await model.deleteButtonTapped("a2")
        model.sortChosen(.name)
        #expect(calls.all == ["favourite a1 false", "delete a2", "sort name"])
        var chosen: String?
        model.onward = { if case .account(let model) = $0 { chosen = model.account.id } }
        model.accountTapped("a3")
        #expect(chosen == "a3")
    }

    @Test func theRingGoesByThisPhonesClockWhenTheOffsetIsSet() {
        let model = AccountsModel(core: core, phone: phone { $0.clockOffsetMs = 4_000 })
        model.reload()
        #expect(model.rows[0].window?.untilMs == previewMs + 20_000, "the core has taken it off already")
    }
}

@MainActor @Suite struct TrashModelTests {
    @Test func whatWasDeletedIsShownAndTakenBack() async {
        let calls = Calls()
        var core = CoreClient.preview
        core.restore = { calls.note("restore \($0)") }
        let model = TrashModel(core: core, phone: .preview)
        #expect(model.phase == .loading)
        model.appeared()
        #expect(model.phase == .shown && model.accounts.map(\.id) == ["t1"])
        await model.restoreButtonTapped("t1")
        #expect(calls.all == ["restore t1"])
    }

    @Test func anEmptyTrashSaysSoAndALockedOneToo() {
        var core = CoreClient.preview
        core.trash = { [] }
        let empty = TrashModel(core: core, phone: .preview)
        empty.appeared()
        #expect(empty.phase == .empty)
        core.trash = { throw VaultError.Locked }
        let locked = TrashModel(core: core, phone: .preview)
        locked.appeared()
        #expect(locked.phase == .failed(Sentence("error.vault.locked")))
    }
}
