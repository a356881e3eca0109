import Foundation
import KlinkCore
import Testing
@testable import KlinkModels

@MainActor @Suite struct AccountModelTests {
    let calls = Calls()

    func model(_ change: (inout CoreClient) -> Void = { _ in }) -> AccountModel {
        var core = CoreClient.preview
        let calls = calls
        core.change = { id, change in
            calls.note("\(id) \(change.issuer ?? "-") \(change.favorite.map(String.init) ?? "-") \(change.icon ?? "-") \(change.groups ?? [])")
            // Long enough for whoever watches to see that it is being saved.
            try? await Task.sleep(for: .milliseconds(20))
        }
        core.delete = { calls.note("delete \($0)") }
        change(&core)
        return AccountModel(account: Account.samples[0], core: core, phone: .preview)
    }

    @Test func namesAreSavedWhenTheyChanged() async {
        let model = model()
        await model.appeared()
        #expect(model.groups.count == 2)
        let phases = Trace { model.phase }
        await model.saveButtonTapped()
        #expect(calls.all.isEmpty, "nothing changed is nothing to save")
        model.issuer = "Hupra Ltd"
        await model.saveButtonTapped()
        await until { phases.seen.count == 3 }
        #expect(phases.seen == [.shown, .saving, .shown] && calls.all == ["a1 Hupra Ltd - - []"])
    }

    @Test func markIconAndGroupsAreWrittenAtOnce() async {
        let model = model()
        await model.favouriteButtonTapped()
        await model.iconChosen("bank")
        await model.iconChosen(nil)
        await model.groupTapped("g1")
        await model.groupTapped("g2")
        #expect(calls.all == [
            "a1 - false - []", "a1 - - bank []", "a1 - -  []", "a1 - - - []", "a1 - - - [\"g1\", \"g2\"]",
        ])
    }

    @Test func aSecretIsShownAfterAConfirmationAndHiddenAgain() async throws {
        let model = model()
        await model.revealButtonTapped()
        #expect(model.phase == .unlocking)
        let confirming = try #require(model.unlocking)
        #expect(confirming.act == .confirm)
        confirming.passphrase = "walnut"
        await confirming.submitButtonTapped()
        let revealed = Revealed(secret: "GEZDGNBVGY3TQOJQ", uri: "sample:account")
        await until { model.phase == .revealed(revealed) }
        model.hideButtonTapped()
        #expect(model.phase == .shown && model.unlocking == nil)
    }

    @Test func askingEveryTimeIsKeptByTheVaultAndTakenOffByWhoConfirms() async throws {
        let calls = calls, asks = Kept(false)
        var core = CoreClient.preview, phone = Phone.preview
        core.change = { id, change in
            calls.note("\(id) asks \(change.asksEveryTime.map(String.init) ?? "-")")
            asks.value = change.asksEveryTime ?? asks.value
        }
        core.account = { .sample($0, "Hupra", "ann@hupra.example", asksEveryTime: asks.value) }
        core.showCode = { id, _ in calls.note("show \(id)") }
        core.writePack = { _, plan in calls.note("pack"); return Packed(ids: plan.ids, leftOut: [], untilMs: 0) }
        phone.packFile = { $0 == "widget" ? "group/widget" : nil }
        let model = AccountModel(account: Account.samples[0], core: core, phone: phone)
        await model.askSwitched(true)
        #expect(model.account.asksEveryTime && calls.all == ["a1 asks true", "pack"])
        await model.askSwitched(false)
        #expect(model.phase == .unlocking && model.account.asksEveryTime)
        let confirming = try #require(model.unlocking)
        confirming.passphrase = "walnut"
        await confirming.submitButtonTapped()
        await until { !model.account.asksEveryTime }
        #expect(calls.all == ["a1 asks true", "pack", "show a1", "a1 asks false"])
    }

    @Test func whoDoesNotConfirmDoesNotTakeItOff() async throws {
        let model = model { $0.showCode = { _, _ in throw VaultError.NotConfirmed } }
        await model.askSwitched(false)
        let confirming = try #require(model.unlocking)
        confirming.passphrase = "walnut"
        await confirming.submitButtonTapped()
        await until { model.phase == .failed(Sentence("error.vault.not_confirmed")) }
        #expect(calls.all.isEmpty)
    }

    @Test func theWorkAccountThatItCameWithIsFound() async {
        let model = model { $0.enrolments = { [.sample(id: "e2", accountName: "ann@hupra.example", accountId: nil), .sample(accountId: "a1")] } }
        var shown: String?
        model.onward = { if case .workAccount(let work) = $0 { shown = work.enrolment.id } }
        model.workButtonTapped()
        #expect(shown == nil)
        await model.appeared()
        model.workButtonTapped()
        #expect(shown == "e1" && model.phase == .shown)
    }

    @Test func aPinIsWrittenAndForgotten() async {
        let pins = Calls()
        let model = model { $0.change = { _, change in pins.note(String(decoding: change.pin ?? Data(), as: UTF8.self)) } }
        model.pin = "1234"
        await model.pinButtonTapped()
        #expect(pins.all == ["1234"] && model.pin.isEmpty)
    }

    @Test func withoutAConfirmationTheCoreRefuses() async {
        let model = model { $0.reveal = { _ in throw VaultError.NotConfirmed } }
        await model.reveal()
        #expect(model.phase == .failed(Sentence("error.vault.not_confirmed")))
    }

    @Test func removingAsksFirst() async {
        let model = model()
        var isClosed = false
        model.onward = { isClosed = $0 == nil }
        await model.removeConfirmed()
        #expect(calls.all.isEmpty)
        model.removeButtonTapped()
        #expect(model.phase == .removing)
        model.keepButtonTapped()
        model.removeButtonTapped()
        await model.removeConfirmed()
        #expect(model.phase == .removed && isClosed && calls.all == ["delete a1"])
    }
}

@MainActor @Suite struct WorkAccountModelTests {
    let calls = Calls()

    func model(_ state: EnrolmentState = .active, _ change: (inout CoreClient) -> Void = { _ in }) -> WorkAccountModel {
        var core = CoreClient.preview
        let calls = calls
        core.unenrol = { calls.note("unenrol \($0)") }
        core.removeEnrolment = { calls.note("remove \($0)") }
        core.renameEnrolment = { calls.note("rename \($0) \($1)") }
        core.rotateKey = { id, _ in calls.note("rotate \(id)") }
        core.resumeEnrolment = { calls.note("resume \($0)"); return Enrolled(id: $0, checkNumber: nil, accountId: nil) }
        core.mute = { calls.note("mute \($0) \($1)") }
        change(&core)
        return WorkAccountModel(enrolment: .sample(state), core: core, phone: .preview)
    }

    @Test func aTestShowsItsNumber() async {
        let model = model()
        let phases = Trace { model.phase }
        await model.testButtonTapped()
        await until { phases.seen.count == 3 }
        #expect(phases.seen == [.shown, .working, .testing(TestPush(request: "c1", number: "42"))])
    }

    @Test func aTestBeyondItsBudgetSaysWhen() async {
        let model = model { $0.testPush = { _ in throw PushError.Service(status: 429, code: "limit", retryAfterS: 30) } }
        await model.testButtonTapped()
        #expect(model.phase == .failed(Sentence("error.push.service_later", .count(30))))
    }

    @Test(arguments: [EnrolmentState.pendingTest, .enrolling, .needsApprovalKey, .revoked(reason: nil), .failed(reason: nil), .damaged])
    func onlyAWorkingAccountIsTested(_ state: EnrolmentState) async {
        let model = model(state)
        #expect(!model.canTest)
        await model.testButtonTapped()
        #expect(model.phase == .shown)
    }

    @Test func nameKeyQuietAndSetUpGoToTheCore() async {
        let model = model()
        model.name = "Work"
        await model.renameButtonTapped()
        await model.newKeyButtonTapped()
        await model.resumeButtonTapped()
        await model.quietButtonTapped()
        #expect(calls.all == ["rename e1 Work", "rotate e1", "resume e1", "mute e1 \(previewMs + 3_600_000)"])
        #expect(model.phase == .shown && !model.isQuiet)
    }

    @Test(arguments: [(EnrolmentState.active, "unenrol e1"), (.pendingTest, "unenrol e1"), (.revoked(reason: nil), "remove e1"), (.damaged, "remove e1")])
    func theServiceIsToldUnlessItKnows(_ state: EnrolmentState, _ call: String) async {
        let model = model(state)
        model.removeButtonTapped()
        #expect(model.phase == .removing)
        await model.removeConfirmed()
        #expect(model.phase == .removed && calls.all == [call])
    }
}

@MainActor @Suite struct WorkAccountsModelTests {
    @Test func workAccountsAreListedAndChosen() async {
        let model = WorkAccountsModel(core: .preview, phone: .preview)
        #expect(model.phase == .loading)
        await model.appeared()
        var chosen: String?
        model.onward = { if case .workAccount(let work) = $0 { chosen = work.enrolment.id } }
        model.enrolmentTapped("e1")
        #expect(model.phase == .shown && chosen == "e1")
    }

    @Test func noneIsSaidAndSoIsAFailure() async {
        var core = CoreClient.preview
        core.enrolments = { [] }
        let empty = WorkAccountsModel(core: core, phone: .preview)
        await empty.appeared()
        #expect(empty.phase == .empty)
        core.enrolments = { throw PushError.Locked }
        let failed = WorkAccountsModel(core: core, phone: .preview)
        await failed.appeared()
        #expect(failed.phase == .failed(Sentence("error.vault.locked")))
    }
}

@MainActor @Suite struct GroupsModelTests {
    @Test func groupsAreMadeRenamedAndDeleted() async {
        let calls = Calls()
        var core = CoreClient.preview
        core.addGroup = { calls.note("add \($0)"); return "g3" }
        core.renameGroup = { calls.note("rename \($0) \($1)") }
        core.deleteGroup = { calls.note("delete \($0)") }
        let model = GroupsModel(core: core, phone: .preview)
        #expect(model.phase == .loading)
        model.appeared()
        #expect(model.phase == .shown && model.groups == AccountGroup.samples)
        model.newButtonTapped()
        #expect(model.phase == .naming(nil))
        model.name = "  "
        await model.saveButtonTapped()
        #expect(calls.all.isEmpty)
        model.name = "Club"
        await model.saveButtonTapped()
        model.groupTapped(AccountGroup.samples[0])
        #expect(model.phase == .naming(AccountGroup.samples[0]) && model.name == "Work")
        model.name = "Office"
        await model.saveButtonTapped()
        model.deleteButtonTapped(AccountGroup.samples[1])
        #expect(model.phase == .deleting(AccountGroup.samples[1]))
        await model.deleteConfirmed()
        #expect(calls.all == ["add Club", "rename g1 Office", "delete g2"] && model.phase == .shown)
        model.newButtonTapped()
        model.cancelButtonTapped()
        #expect(model.phase == .shown)
    }

    @Test func aLockedVaultSaysSo() {
        var core = CoreClient.preview
        core.groups = { throw VaultError.Locked }
        let model = GroupsModel(core: core, phone: .preview)
        model.appeared()
        #expect(model.phase == .failed(Sentence("error.vault.locked")))
    }
}
