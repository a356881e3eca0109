import KlinkCore
import Testing
@testable import KlinkModels

@MainActor @Suite struct ImportModelTests {
    @Test func whatIsTickedIsImported() async {
        let calls = Calls()
        var preview = Preview.preview
        preview.setTicked = { calls.note("\($0) \($1)"); return true }
        let model = ImportModel(preview: preview)
        let phases = Trace { model.phase }
        #expect(model.rows.count == 4 && model.ticked == 3 && model.problems.count == 1)
        model.rowTapped(0)
        model.rowTapped(1)
        #expect(calls.all == ["0 false", "1 true"])
        await model.importButtonTapped()
        await until { phases.seen.count == 3 }
        let report = ImportCounts(total: 5, imported: 3, duplicates: 1, unsupported: 0, damaged: 1, skipped: 0)
        #expect(phases.seen == [.preview, .committing, .done(report)])
        model.rowTapped(0)
        #expect(calls.all.count == 2, "what is done is not changed")
    }

    @Test func nothingTickedIsNothingToImportAndALockSaysSo() async {
        var preview = Preview.preview
        preview.rows = { [.sample(1, "Hupra", .duplicate(other: .inVault(id: "a1")))] }
        #expect(!ImportModel(preview: preview).canCommit)
        preview = .preview
        preview.commit = { throw TransferError.Vault(why: .Locked) }
        let model = ImportModel(preview: preview)
        await model.importButtonTapped()
        #expect(model.phase == .failed(Sentence("error.vault.locked")))
    }
}

@MainActor @Suite struct BackupModelTests {
    let calls = Calls()

    func model(_ change: (inout CoreClient) -> Void = { _ in }) -> BackupModel {
        var core = CoreClient.preview
        let calls = calls
        core.merge = { path, key, ids in
            calls.note("merge \(path) \(key?.said ?? "-") \(ids.joined(separator: " "))")
            return Int64(ids.count)
        }
        change(&core)
        var phone = Phone.preview
        phone.removeFile = { calls.note("remove \($0)") }
        return BackupModel(core: core, phone: phone)
    }

    @Test func aBackupIsWrittenHandedOverAndCleanedUp() async {
        let model = model()
        let phases = Trace { model.phase }
        await model.appeared()
        await until { phases.seen.count == 2 }
        #expect(model.lastGoodAtMs == previewMs - 3_600_000 && model.snapshots.count == 1)
        await model.backUpButtonTapped()
        await until { phases.seen.count == 4 }
        let file = CopyInfo(number: 0, path: "files/klink.akb", bytes: 20_480, says: CopyInfo.sample().says, state: .whole)
        #expect(phases.seen == [.loading, .shown, .writing, .written(file)])
        await model.exporterClosed()
        #expect(calls.all == ["remove files/klink.akb"] && model.phase == .shown)
    }

    @Test func aBackupThatFailsLeavesNoFileBehind() async {
        let model = model { $0.writeBackup = { _ in throw VaultError.Storage(why: .diskFull) } }
        await model.backUpButtonTapped()
        #expect(model.phase == .failed(Sentence("error.storage.disk_full")) && calls.all == ["remove files/klink.akb"])
    }

    @Test func aFileIsComparedAndTickedRowsAreTaken() async {
        let model = model()
        let phases = Trace { model.phase }
        await model.fileOpened("files/a.akb")
        await until { phases.seen.last == .compared(.sample) }
        #expect(model.ticked == ["a2", "a4"])
        model.rowTapped("a4")
        await model.mergeButtonTapped()
        await until { phases.seen.last == .merged(1) }
        #expect(phases.seen == [.loading, .compared(.sample), .merging, .merged(1)])
        #expect(calls.all == ["merge files/a.akb - a2"])
    }

    @Test func aFileOfAnotherTimeAsksForItsOwnKey() async throws {
        let model = model { core in
            core.compare = { _, key in
                guard key != nil else { throw VaultError.WrongKey }
                return .sample
            }
        }
        await model.fileOpened("files/old.akb")
        #expect(model.phase == .locked)
        let unlocking = try #require(model.unlocking)
        unlocking.passphrase = "walnut"
        await unlocking.submitButtonTapped()
        await until { model.phase == .compared(.sample) }
        await model.mergeButtonTapped()
        #expect(calls.all == ["merge files/old.akb passphrase walnut a2 a4"])
    }

    @Test func aFileThatIsNoBackupSaysWhy() async {
        let model = model { $0.compare = { _, _ in throw VaultError.Storage(why: .damaged) } }
        await model.fileOpened("files/no.akb")
        #expect(model.phase == .failed(Sentence("error.storage.damaged")))
        await model.backButtonTapped()
        #expect(model.phase == .shown)
    }
}
