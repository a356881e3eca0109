import KlinkCore
import Testing
@testable import KlinkModels

@MainActor @Suite struct TroubleModelTests {
    let calls = Calls()

    func model(
        _ trouble: TroubleModel.Trouble = .readOnly(.rolledBack), _ change: (inout CoreClient) -> Void = { _ in }
    ) -> TroubleModel {
        var core = CoreClient.preview
        let calls = calls
        core.nextSteps = { [.accept, .backUp] }
        core.accept = { calls.note("accept") }
        core.archivePrevious = { calls.note("archive") }
        core.lock = { calls.note("lock") }
        core.restoreBackup = { calls.note("restore \($0) by \($1.said)"); return .sample() }
        core.commitSalvage = { calls.note("salvage without \($0) by \($1.said)"); return .sample() }
        change(&core)
        var phone = Phone.preview
        phone.openStore = { calls.note("store") }
        phone.removeFile = { calls.note("remove \($0)") }
        let model = TroubleModel(trouble, core: core, phone: phone)
        model.onMended = { calls.note("mended") }
        model.onward = { if case .backup = $0 { calls.note("backups") } }
        return model
    }

    @Test(arguments: [
        (TroubleModel.Trouble.readOnly(.newerFormat), "trouble.newer_format"), (.readOnly(.damagedRows), "trouble.damaged_rows"),
        (.readOnly(.tampered), "trouble.tampered"), (.readOnly(.rolledBack), "trouble.rolled_back"),
        (.readOnly(.otherBranch), "trouble.other_branch"), (.readOnly(.noAnchor), "trouble.no_anchor"),
        (.readOnly(.anchorTorn), "trouble.anchor_torn"), (.readOnly(.anchorUnavailable), "trouble.anchor_unavailable"),
        (.previousVault, "trouble.previous_vault"), (.unreadable(Sentence("error.storage.damaged")), "error.storage.damaged"),
    ]) func everyTroubleSaysWhatItIs(_ trouble: TroubleModel.Trouble, _ key: String) {
        #expect(model(trouble).says == Sentence(key))
    }

    @Test func theStepsOfTheCoreAreOffered() async {
        let model = model()
        #expect(model.phase == .loading)
        await model.appeared()
        #expect(model.phase == .shown && model.steps == [.accept, .backUp])
        var shown = false
        model.onShowAccounts = { shown = true }
        model.showAccountsButtonTapped()
        #expect(shown)
    }

    @Test func accepting() async {
        let model = model()
        let phases = Trace { model.phase }
        await model.stepTapped(.accept)
        await until { phases.seen.count == 3 }
        #expect(phases.seen == [.loading, .working, .shown] && calls.all == ["accept", "mended"])
    }

    @Test func acceptingAndComparing() async {
        let model = model { $0.compare = { [calls] path, _ in calls.note("compare \(path)"); return .sample } }
        await model.stepTapped(.acceptAndMerge(number: 1))
        #expect(calls.all == ["accept", "mended", "backups", "compare snapshots/1.akb"])
    }

    @Test func tryingAgainAndUpdating() async {
        let model = model()
        await model.stepTapped(.tryAgain)
        await model.stepTapped(.updateApp)
        #expect(calls.all == ["lock", "mended", "store"])
    }

    @Test func startingNewAsksOnceMore() async {
        let model = model(.previousVault)
        await model.startNewConfirmed()
        await model.stepTapped(.startNew)
        #expect(model.phase == .startingNew && calls.all.isEmpty)
        model.backButtonTapped()
        await model.stepTapped(.startNew)
        await model.startNewConfirmed()
        #expect(calls.all == ["archive", "mended"])
    }

    @Test func aSnapshotIsRestoredWithItsKey() async throws {
        let model = model(.previousVault)
        await model.stepTapped(.restore(number: 1))
        #expect(model.phase == .unlocking)
        let unlocking = try #require(model.unlocking)
        unlocking.passphrase = "walnut"
        await unlocking.submitButtonTapped()
        await until { calls.all.count == 2 }
        #expect(calls.all == ["restore snapshots/1.akb by passphrase walnut", "mended"])
    }

    @Test func whatCanBeSalvagedIsShownFirst() async throws {
        let model = model()
        await model.stepTapped(.salvage)
        let unlocking = try #require(model.unlocking)
        unlocking.passphrase = "walnut"
        await unlocking.submitButtonTapped()
        await until { model.phase == .salvage(.sample) }
        #expect(calls.all.isEmpty)
        model.salvagedRowTapped("a2")
        await model.salvageButtonTapped()
        #expect(calls.all == ["salvage without [\"a2\"] by passphrase walnut", "mended"])
    }

    @Test func aBackupIsWrittenFirst() async {
        let model = model()
        await model.stepTapped(.backUp)
        guard case .written(let copy) = model.phase else { return #expect(Bool(false), "no file") }
        model.exporterClosed()
        #expect(calls.all == ["remove \(copy.path)"] && model.phase == .shown)
    }

    @Test func aStepThatFailsSaysWhy() async {
        let model = model { $0.accept = { throw VaultError.KeyStore(kind: .Unavailable) } }
        await model.stepTapped(.accept)
        #expect(model.phase == .failed(Sentence("error.key_store.unavailable")) && calls.all.isEmpty)
    }
}
