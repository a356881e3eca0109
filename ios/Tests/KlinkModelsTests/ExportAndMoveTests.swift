import Foundation
import KlinkCore
import Testing
@testable import KlinkModels

@MainActor @Suite struct ExportModelTests {
    let calls = Calls()
    let words = SheetWords(language: "en", title: "t", warning: "w", nameless: "n")

    func model(_ change: (inout CoreClient, inout Phone) -> Void = { _, _ in }) -> ExportModel {
        var core = CoreClient.preview, phone = Phone.preview
        let calls = calls
        core.confirm = { calls.note("confirm \($0.said)") }
        phone.writeFile = { calls.note("write \($0) \($1.count)") }
        phone.removeFile = { calls.note("remove \($0)") }
        change(&core, &phone)
        return ExportModel(core: core, phone: phone)
    }

    func confirm(_ model: ExportModel) async throws {
        #expect(model.phase == .unlocking)
        let unlocking = try #require(model.unlocking)
        unlocking.passphrase = "walnut"
        await unlocking.submitButtonTapped()
    }

    func choose(_ format: ExportFormat, _ model: ExportModel) async throws {
        await model.formatChosen(try #require(model.formats.first { $0.format == format }))
    }

    @Test func anExportIsSaidConfirmedWrittenAndItsFileRemoved() async throws {
        let model = model()
        let phases = Trace { model.phase }
        #expect(model.phase == .choosing && model.formats.count == 6)
        try await choose(.uriList, model)
        guard case .report(let format, let report) = model.phase else { return #expect(Bool(false), "no report") }
        #expect(format.plain && report.leftOut.map(\.why) == [.kind] && calls.all.isEmpty)
        #expect(model.account("a4")?.issuer == "Old Router")
        await model.exportButtonTapped(words)
        try await confirm(model)
        await until { model.phase == .written(path: "files/klink.txt", 3) }
        model.exporterClosed(true)
        #expect(model.phase == .done(3))
        #expect(calls.all == ["confirm passphrase walnut", "write files/klink.txt 6", "remove files/klink.txt"])
        await until { phases.seen.last == .done(3) }
        #expect(phases.seen.contains(.working))
    }

    @Test func whatIsNotSavedIsRemovedAllTheSame() async throws {
        let model = model()
        try await choose(.sheet, model)
        await model.exportButtonTapped(words)
        try await confirm(model)
        await until { model.phase == .written(path: "files/klink.html", 3) }
        model.exporterClosed(false)
        #expect(model.phase == .choosing && calls.all.last == "remove files/klink.html")
    }

    @Test func aSealedFileWantsAGoodPasswordTwice() async throws {
        let orders = Kept<[ExportOrder]>([])
        let model = model { core, _ in
            core.export = { orders.value.append($0); return Exported(report: .sample, content: .file(bytes: Data("x".utf8))) }
        }
        try await choose(.aegis, model)
        guard case .report(let format, let report) = model.phase else { return #expect(Bool(false), "no report") }
        #expect(model.wantsPassword(format) && !model.canExport(format, report))
        model.password = "walnut"
        model.passwordAgain = "walnut"
        #expect(!model.canExport(format, report), "too easy to guess")
        model.password = "walnut harbour quilt"
        await model.exportButtonTapped(words)
        #expect(model.unlocking == nil, "two that differ export nothing")
        model.passwordAgain = "walnut harbour quilt"
        await model.exportButtonTapped(words)
        try await confirm(model)
        await until { model.phase == .written(path: "files/klink.json", 3) }
        #expect(orders.value == [.aegis(password: Data("walnut harbour quilt".utf8))] && model.password.isEmpty)
    }

    @Test func codesAreShownOneAfterTheOther() async throws {
        let model = model()
        try await choose(.googleMigration, model)
        await model.exportButtonTapped(words)
        try await confirm(model)
        await until { model.phase == .codes(["one", "two"]) }
        model.place = 1
        model.backButtonTapped()
        #expect(model.phase == .choosing && model.place == 0)
    }

    @Test func anExchangeIsHandedOverWhereTheSystemCan() async throws {
        let calls = calls
        let model = model { _, phone in
            phone.canHandOver = true
            phone.handOver = { calls.note("hand over \($0.count)") }
        }
        let formats = model.formats.filter { model.canHandOver($0) }
        #expect(formats.map(\.format) == [.cxf])
        await model.formatChosen(formats[0])
        await model.handOverButtonTapped(words)
        try await confirm(model)
        await until { model.phase == .done(3) }
        #expect(calls.all == ["confirm passphrase walnut", "hand over 6"])
    }

    @Test(arguments: ExportFormat.every) func everyFormatHasItsOrder(_ format: ExportFormat) async throws {
        let orders = Kept<[String]>([])
        let model = model { core, _ in
            core.export = { orders.value.append("\($0)".prefix { $0 != "(" }.description); throw TransferError.Export(why: .outOfMemory) }
        }
        try await choose(format, model)
        (model.password, model.passwordAgain) = ("walnut harbour quilt", "walnut harbour quilt")
        await model.exportButtonTapped(words)
        try await confirm(model)
        await until { model.phase == .failed(Sentence("error.export.out_of_memory")) }
        #expect(orders.value == ["\(format)"])
    }
}

extension ExportFormat {
    static let every: [Self] = [.uriList, .aegis, .googleMigration, .sheet, .cxf, .codes]
}

@MainActor @Suite struct MoveModelTests {
    let calls = Calls()

    func model(_ change: (inout CoreClient, inout Phone) -> Void = { _, _ in }) async -> MoveModel {
        var core = CoreClient.preview, phone = Phone.preview
        let calls = calls
        core.stopSending = { calls.note("stop sending") }
        core.stopReceiving = { calls.note("stop receiving") }
        phone.writeFile = { calls.note("write \($0) \($1.count)") }
        phone.removeFile = { calls.note("remove \($0)") }
        change(&core, &phone)
        let model = MoveModel(core: core, phone: phone)
        model.onward = { if $0 == nil { calls.note("closed") } }
        #expect(model.phase == .loading)
        await model.appeared()
        return model
    }

    func confirm(_ model: MoveModel) async throws {
        #expect(model.phase == .unlocking)
        let unlocking = try #require(model.unlocking)
        unlocking.passphrase = "walnut"
        await unlocking.submitButtonTapped()
    }

    @Test func theOldPhoneShowsCodesAndTakesTheSixDigits() async throws {
        let model = await model()
        #expect(model.phase == .choosing && !model.isUnderWay)
        await model.sendButtonTapped(.codes)
        try await confirm(model)
        await until { model.phase == .sending(.sample()) }
        model.receipt = "12"
        await model.receiptButtonTapped()
        #expect(model.phase == .sending(.sample()) && model.problem == nil)
        model.receipt = "123456"
        await model.receiptButtonTapped()
        #expect(model.phase == .sending(.sample()) && model.problem == Sentence("move.wrong_receipt"))
        model.receipt = "042817"
        await model.receiptButtonTapped()
        #expect(model.phase == .handed(Handed(arrived: 4, of: 4)) && model.problem == nil && model.receipt.isEmpty)
        model.closeButtonTapped()
        #expect(calls.all == ["closed"])
    }

    @Test func aSealedFileIsWrittenAndItsCodeShown() async throws {
        let model = await model()
        await model.sendButtonTapped(.file)
        try await confirm(model)
        let written = MoveModel.Phase.written(.sample(.file), path: "files/klink.move")
        await until { model.phase == written }
        model.exporterClosed()
        #expect(model.phase == .sending(.sample(.file)))
        model.fileAgainButtonTapped()
        #expect(model.phase == written)
        #expect(calls.all == ["write files/klink.move 6", "remove files/klink.move", "write files/klink.move 6"])
    }

    @Test func aMoveThatWasBegunGoesOnAndCanBeStopped() async throws {
        let calls = calls
        let model = await model { core, _ in
            core.isSending = { true }
            core.sending = { calls.note("go on"); return .sample() }
        }
        #expect(model.isUnderWay)
        await model.goOnButtonTapped()
        try await confirm(model)
        await until { model.phase == .sending(.sample()) }
        await model.stopButtonTapped()
        #expect(model.phase == .choosing && !model.isUnderWay && calls.all == ["go on", "stop sending", "stop receiving"])
    }

    @Test func theNewPhoneTakesCodesInAnyOrderAndOnce() async {
        let taken = Kept<[String]>([])
        let model = await model { core, phone in
            phone.camera = { .notAsked }
            core.takeMoveCode = { text in
                taken.value.append(text)
                return .sample(taken: Int64(taken.value.count), missing: taken.value.count == 2 ? [] : [2])
            }
            core.compareMove = { .sample }
        }
        await model.receiveButtonTapped()
        #expect(model.phase == .receiving(.sample()))
        let codes = ["one", "one", "two"].map { ScannedCode(what: .move(text: $0), corners: []) }
        await model.codesSeen([codes[0], ScannedCode(what: .url, corners: [])])
        #expect(model.phase == .receiving(.sample(taken: 1, missing: [2])))
        await model.codesSeen(codes)
        #expect(taken.value == ["one", "two"] && model.phase == .compared(.sample))
        await model.takeOverButtonTapped()
        #expect(model.phase == .received(.sample))
        await model.doneButtonTapped()
        #expect(calls.all == ["stop receiving", "closed"])
    }

    @Test func theSealedFileFollowsItsCode() async throws {
        let model = await model { core, _ in
            core.incoming = { .sample(taken: 1, missing: [], wantsFile: true) }
            core.takeMoveFile = { bytes in
                if bytes != Data("sealed".utf8) { throw TransferError.Move(why: .otherFile) }
                return .sample(taken: 1, missing: [], wantsFile: true)
            }
        }
        await model.receiveButtonTapped()
        #expect(model.phase == .receiving(.sample(taken: 1, missing: [], wantsFile: true)), "the comparison lacks the file")
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        await model.fileChosen(url)
        #expect(model.problem == Sentence("error.storage.not_readable"))
        try Data("other".utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        await model.fileChosen(url)
        #expect(model.problem == Sentence("error.move.other_file"))
        try Data("sealed".utf8).write(to: url)
        await model.fileChosen(url)
        #expect(model.problem == nil)
    }

    @Test func whatIsNoCodeOrOfAnotherMoveSaysSoAndStays() async {
        let model = await model { core, _ in
            core.takeMoveCode = { text in
                if text == "other" { return .sample(taken: 1, code: .otherMove) }
                throw TransferError.Move(why: .notACode)
            }
        }
        await model.receiveButtonTapped()
        await model.textPasted("text")
        #expect(model.problem == Sentence("error.move.not_a_code") && model.phase == .receiving(.sample()))
        await model.textPasted("other")
        #expect(model.problem == Sentence("move.other"))
    }

    @Test func aRefusalSaysWhy() async throws {
        let model = await model { core, _ in core.sendAccounts = { _ in throw TransferError.Move(why: .tooManyParts(parts: 90)) } }
        await model.sendButtonTapped(.codes)
        try await confirm(model)
        await until { model.phase == .failed(Sentence("error.move.too_many_parts")) }
        let locked = await self.model { core, _ in core.incoming = { throw TransferError.Vault(why: .Locked) } }
        let phases = Trace { locked.phase }
        await locked.receiveButtonTapped()
        await until { phases.seen.last == .failed(Sentence("error.vault.locked")) }
        #expect(phases.seen == [.choosing, .working, .failed(Sentence("error.vault.locked"))])
    }
}

@Suite struct UpkeepTests {
    let calls = Calls()

    func upkeep(_ change: (inout CoreClient, inout Phone) -> Void = { _, _ in }) -> Upkeep {
        var core = CoreClient.preview, phone = Phone.preview
        let calls = calls
        core.writePack = { path, plan in
            calls.note("pack \(path) \(plan.ids)")
            return Packed(ids: ["a1"], leftOut: ["a2"], untilMs: previewMs + plan.lengthMs)
        }
        phone.packFile = { "group/\($0)" }
        phone.packsChanged = { calls.note("changed") }
        phone.readSettings = {
            var settings = Settings()
            settings.widgetAccounts = ["a1", "a2"]
            return settings
        }
        change(&core, &phone)
        return Upkeep(core: core, phone: phone)
    }

    @Test func extensionsGetADayOfCodesAsFarAsTheCoreGivesThem() async {
        let done = await upkeep().run()
        let both = "[\"a1\", \"a2\"]"
        #expect(calls.all == ["pack group/widget \(both)", "pack group/autofill \(both)", "changed"])
        #expect(done.packed?.ids == ["a1"])
        #expect(done.packed?.untilMs == previewMs + 86_400_000 && done.backup == nil && done.problem == nil)
    }

    @Test func backupsAreWrittenWhenDueAndTheTrashEnds() async {
        let calls = calls
        let done = await upkeep { core, phone in
            phone.backupFolder = { MemoryFolder() }
            phone.packFile = { _ in nil }
            core.purgeExpired = { 2 }
            core.backUp = { _, ifDue in
                calls.note("back up \(ifDue)")
                return BackedUp(file: BackupFile(name: "b", bytes: 1, createdAtMs: previewMs, accounts: 4), written: false)
            }
        }.run()
        #expect(done.erased == 2 && done.backup?.name == "b" && calls.all == ["back up true"] && done.packed == nil)
    }

    @Test func whatFailsIsSaid() async {
        let done = await upkeep { core, _ in core.purgeExpired = { throw VaultError.Locked } }.run()
        #expect(done.problem == Sentence("error.vault.locked"))
    }
}
