import Foundation
import KlinkCore
import Testing
@testable import KlinkModels

@MainActor @Suite struct ImportModelTests {
    @Test func whatIsTickedIsImported() async {
        let calls = Calls()
        var preview = Preview.preview
        preview.setTicked = { calls.note("\($0) \($1)"); return true }
        let model = ImportModel(preview: preview, from: Screen(core: .preview, phone: .preview))
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
        #expect(!ImportModel(preview: preview, from: Screen(core: .preview, phone: .preview)).canCommit)
        preview = .preview
        preview.commit = { throw TransferError.Vault(why: .Locked) }
        let model = ImportModel(preview: preview, from: Screen(core: .preview, phone: .preview))
        await model.importButtonTapped()
        #expect(model.phase == .failed(Sentence("error.vault.locked")))
    }

    /// An import of a file whose reading answers in turn.
    func model(_ answers: [TransferError?]) -> (ImportModel, Kept<[(ImportSecrets, Bool)]>) {
        var core = CoreClient.preview
        let asked = Kept<[(ImportSecrets, Bool)]>([])
        core.previewImport = { sources, secrets, consented in
            #expect(sources.map(\.name) == ["export.json"])
            let answer = answers[asked.value.count]
            asked.value.append((secrets, consented))
            if let answer { throw answer }
            return .preview
        }
        return (ImportModel(core: core, phone: .preview), asked)
    }

    let file = ImportSource(name: "export.json", bytes: Data("{}".utf8))

    @Test func aSealedFileAsksUntilItsPasswordIsRight() async {
        let (model, asked) = model([.NeedsPassword(format: .twoFas, needs: .password), .WrongPassword(format: .twoFas), nil])
        #expect(model.phase == .choosing)
        let phases = Trace { model.phase }
        await model.filesChosen([file])
        #expect(model.phase == .locked(Sentence("error.import.needs_password")) && !model.wantsKeyFile)
        model.password = "no"
        await model.passwordButtonTapped()
        #expect(model.phase == .locked(Sentence("error.import.wrong_password")))
        model.password = "walnut"
        await model.passwordButtonTapped()
        #expect(model.phase == .preview && model.rows.count == 4 && model.password.isEmpty)
        #expect(asked.value.map { $0.0.password.map { String(decoding: $0, as: UTF8.self) } } == [nil, "no", "walnut"])
        await until { phases.seen.last == .preview }
        #expect(phases.seen.contains(.reading))
    }

    @Test func aKeyFileIsReadAndHandedOn() async throws {
        let (model, asked) = model([.NeedsPassword(format: .keePass, needs: .keyFile), nil])
        await model.filesChosen([file])
        #expect(model.wantsKeyFile)
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        await model.keyFileChosen(url)
        #expect(model.phase == .failed(Sentence("error.storage.not_readable")), "there is no such file")
        try Data("key".utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        await model.keyFileChosen(url)
        #expect(model.phase == .preview && asked.value.last?.0.keyFile == Data("key".utf8))
    }

    @Test func whatIsExpensiveAsksFirst() async {
        let (model, asked) = model([.TooExpensive(format: .keePass, memoryBytes: 536_870_912, passes: 4), nil])
        await model.filesChosen([file])
        #expect(model.phase == .expensive(Sentence("error.import.too_expensive", .text("512"))))
        await model.consentButtonTapped()
        #expect(model.phase == .preview && asked.value.map(\.1) == [false, true])
    }

    @Test func whatWasGivenUpIsNotShownWhenItEnds() async {
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let (stream, go) = AsyncStream.makeStream(of: Void.self)
        var core = CoreClient.preview
        core.previewImport = { _, _, _ in
            begin.yield()
            for await _ in stream { break }
            return .preview
        }
        let model = ImportModel(core: core, phone: .preview)
        let reading = Task { await model.filesChosen([file]) }
        for await _ in begun { break }
        #expect(model.phase == .reading)
        model.cancelButtonTapped()
        go.yield()
        await reading.value
        #expect(model.phase == .choosing && model.rows.isEmpty)
    }

    @Test func aFileThatIsNothingSaysSo() async {
        let (model, _) = model([.NotRecognised])
        await model.filesChosen([file])
        #expect(model.phase == .failed(Sentence("error.import.nothing_found")))
        model.cancelButtonTapped()
        await model.urlsChosen([URL(fileURLWithPath: "/no/such/file")])
        #expect(model.phase == .failed(Sentence("error.storage.not_readable")))
    }

    @Test func allAreTickedOrNoneAndAPinGoesToItsRow() {
        let calls = Calls()
        var preview = Preview.preview
        preview.rows = { [.sample(0, "Hupra", .duplicate(other: .inVault(id: "a1"))), .sample(1, "Wren Mail", .needsPin)] }
        preview.setTicked = { calls.note("\($0) \($1)"); return true }
        preview.setPin = { calls.note("\($0) \(String(decoding: $1, as: UTF8.self))"); return true }
        preview.missingParts = { [2] }
        let model = ImportModel(preview: preview, from: Screen(core: .preview, phone: .preview))
        #expect(model.missing == [2] && model.isDuplicate(model.rows[0]) && !model.canTickAll)
        model.allButtonTapped()
        model.pinTyped(1, "1234")
        #expect(calls.all == ["0 false", "1 false", "1 1234"] && model.pins == [1: "1234"])
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
        #expect(model.phase == .unlocking)
        let unlocking = try #require(model.unlocking)
        unlocking.passphrase = "walnut"
        await unlocking.submitButtonTapped()
        await until { model.phase == .compared(.sample) }
        await model.mergeButtonTapped()
        #expect(calls.all == ["merge files/old.akb passphrase walnut a2 a4"])
    }

    @Test func aChosenFileIsKeptUntilTheScreenIsLeft() async throws {
        let calls = calls
        var core = CoreClient.preview, phone = Phone.preview
        core.compare = { path, _ in calls.note("compare \(path)"); return .sample }
        phone.writeFile = { calls.note("write \($0) \($1.count)") }
        phone.removeFile = { calls.note("remove \($0)") }
        let model = BackupModel(core: core, phone: phone)
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        await model.fileChosen(url)
        #expect(model.phase == .failed(Sentence("error.storage.not_readable")) && calls.all.isEmpty, "there is no such file")
        try Data("sealed".utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        await model.fileChosen(url)
        #expect(model.phase == .compared(.sample) && calls.all == ["write files/opened.akb 6", "compare files/opened.akb"])
        await model.backButtonTapped()
        #expect(model.phase == .shown && calls.all.last == "remove files/opened.akb")
    }

    @Test func aBackupIsTestedWithWhatTheUserKnows() async throws {
        let calls = calls
        let model = model { core in
            core.testBackup = { path, key in
                calls.note("test \(path) \(key.said)")
                if key.said.hasSuffix("kilt") { throw VaultError.WrongKey }
                return .sample()
            }
        }
        await model.fileOpened("files/a.akb")
        for (typed, phase) in [("quilt", BackupModel.Phase.tested(.sample())), ("kilt", .failed(Sentence("error.vault.wrong_key")))] {
            await model.testButtonTapped()
            let unlocking = try #require(model.unlocking)
            #expect(model.phase == .unlocking && unlocking.offersPassphrase && unlocking.offersRecoveryCode && !unlocking.offersDevice)
            unlocking.passphrase = typed
            await unlocking.submitButtonTapped()
            await until { model.phase == phase }
        }
        #expect(calls.all == ["test files/a.akb passphrase quilt", "test files/a.akb passphrase kilt"])
    }

    @Test func aFileThatIsNoBackupSaysWhy() async {
        let model = model { $0.compare = { _, _ in throw VaultError.Storage(why: .damaged) } }
        await model.fileOpened("files/no.akb")
        #expect(model.phase == .failed(Sentence("error.storage.damaged")))
        await model.backButtonTapped()
        #expect(model.phase == .shown)
    }

    @Test func backupsGoToTheFolderThatWasChosen() async {
        let folder = MemoryFolder()
        let kept = Kept<(any BackupFolder)?>(nil)
        var core = CoreClient.preview
        let calls = calls
        core.backUp = { folder, ifDue in
            calls.note("back up \(try folder.list().map(\.name)) \(ifDue)")
            return BackedUp(file: BackupFile(name: "b.akb", bytes: 1, createdAtMs: previewMs, accounts: 4), written: true)
        }
        var phone = Phone.preview
        phone.backupFolder = { kept.value }
        phone.keepBackupFolder = { calls.note("keep \($0.lastPathComponent)"); kept.value = folder }
        let model = BackupModel(core: core, phone: phone)
        await model.appeared()
        #expect(!model.hasFolder && model.rolling?.trouble == nil)
        await model.folderChosen(URL(fileURLWithPath: "/cloud/Backups"))
        #expect(model.hasFolder && model.phase == .shown && model.notice == Sentence("backup.in_folder", .text("b.akb")))
        #expect(calls.all == ["keep Backups", "back up [\"a.akb\"] false"])
        kept.value = nil
        await model.backUpToFolderButtonTapped()
        #expect(calls.all.count == 2, "without a folder nothing is written")
    }

    @Test func aFolderThatRefusesSaysWhy() async {
        var phone = Phone.preview
        phone.keepBackupFolder = { _ in throw VaultError.Storage(why: .folder(why: .Unavailable)) }
        let model = BackupModel(core: .preview, phone: phone)
        await model.folderChosen(URL(fileURLWithPath: "/cloud"))
        #expect(model.phase == .failed(Sentence("error.folder.unavailable")))
    }
}

/// A folder with one file in it.
final class MemoryFolder: BackupFolder {
    func list() throws -> [StoredFile] { [StoredFile(name: "a.akb", bytes: 1)] }
    func read(name: String) throws -> Data { Data() }
    func write(name: String, bytes: Data) throws {}
    func rename(from: String, to: String) throws {}
    func delete(name: String) throws {}
}
