import Foundation
import KlinkCore
import SwiftUI

@testable import KlinkModels
@testable import KlinkViews

extension Screens {
    static func selfCheckModel() -> SelfCheckModel {
        let model = SelfCheckModel(core: core, phone: phone)
        model.lines = [
            .init("check.screen_lock", .good, Sentence("check.screen_lock.good")),
            .init("check.backup", .warning, Sentence("advice.back_up"), .backup),
            .init("check.clock", .unknown, Sentence("check.not_known")),
            .init("check.notifications", .bad, Sentence("advice.allow_in_settings"), .systemSettings),
            .init("check.background", .warning, Sentence("check.background.denied"), .systemSettings),
        ]
        model.phase = .shown
        model.onward = { _ in }
        return model
    }

    static func troubleModel(_ trouble: TroubleModel.Trouble) -> TroubleModel {
        let model = TroubleModel(trouble, core: core, phone: phone)
        model.steps = [.accept, .acceptAndMerge(number: 1), .salvage, .restore(number: 1), .backUp, .startNew]
        model.phase = .shown
        return model
    }

    static var lists: [Shown] {
        let trash: [TrashModel.Phase] = [.loading, .empty, .shown, .failed(failure)]
        let history: [HistoryModel.Phase] = [.loading, .empty, .shown, .failed(failure)]
        let groups: [GroupsModel.Phase] = [
            .loading, .shown, .naming(nil), .naming(AccountGroup.samples[0]), .deleting(AccountGroup.samples[0]), .failed(failure),
        ]
        return trash.map { phase in
            let model = TrashModel(core: core, phone: .preview)
            model.appeared()
            model.phase = phase
            return Shown("Trash", phase, TrashView(model: model))
        } + history.map { phase in
            let model = HistoryModel(core: core, phone: .preview)
            model.rows = [.init(id: 0, answer: .sample(.approve, .approved, minutesAgo: 3))]
            model.phase = phase
            return Shown("History", phase, HistoryView(model: model))
        } + groups.enumerated().map { place, phase in
            let model = GroupsModel(core: core, phone: .preview)
            model.groups = AccountGroup.samples
            model.phase = phase
            return Shown("Groups", phase, GroupsView(model: model), place == 3 ? "renaming" : "")
        }
    }

    static var backup: [Shown] {
        let phases: [BackupModel.Phase] = [
            .loading, .shown, .writing, .written(.sample()), .unlocking, .compared(.sample), .merging, .merged(2), .tested(.sample()),
            .failed(failure),
        ]
        func model(_ phase: BackupModel.Phase, _ phone: Phone = phone) -> BackupModel {
            let model = BackupModel(core: core, phone: phone)
            model.lastGoodAtMs = previewMs - 3_600_000
            model.snapshots = [.sample()]
            model.unlocking = unlockModel(.handOn)
            model.ticked = ["a2"]
            model.phase = phase
            return model
        }
        var kept = phone
        kept.backupFolder = { NoFolder() }
        let folder = model(.shown, kept)
        folder.notice = Sentence("backup.in_folder", .text("klink.akb"))
        let failing = model(.shown, kept)
        failing.rolling = BackupState(
            lastGood: nil, trouble: .failing(sinceMs: previewMs, atMs: previewMs, why: .folder(why: .Unavailable)))
        let odd = BackupModel.Phase.tested(.sample(unknown: 2, damaged: ["a4"]))
        return phases.map { Shown("Backup", $0, BackupView(model: model($0))) } + [
            Shown("Backup", odd, BackupView(model: model(odd)), "damaged and unknown accounts"),
            Shown("Backup", folder.phase, BackupView(model: folder), "a folder"),
            Shown("Backup", failing.phase, BackupView(model: failing), "a folder that fails"),
        ]
    }

    static var importing: [Shown] {
        let phases: [ImportModel.Phase] = [
            .choosing, .reading, .locked(Sentence("error.import.needs_password")),
            .expensive(Sentence("error.import.too_expensive", .text("512"))), .preview, .committing,
            .done(ImportCounts(total: 5, imported: 3, duplicates: 1, unsupported: 0, damaged: 1, skipped: 0)),
            .failed(Sentence("error.import.nothing_found")),
        ]
        func model(_ phase: ImportModel.Phase, _ preview: Preview = .preview) -> ImportModel {
            let model = ImportModel(preview: preview, from: Screen(core: core, phone: phone))
            model.phase = phase
            return model
        }
        var odd = Preview.preview
        odd.rows = { [.sample(0, "Wren Mail", .needsPin), .sample(1, "Hupra", .duplicate(other: .inVault(id: "a1")))] }
        odd.missingParts = { [2] }
        let keyFile = model(.locked(Sentence("error.import.needs_key_file")))
        keyFile.wantsKeyFile = true
        return phases.map { Shown("Import", $0, ImportView(model: model($0))) } + [
            Shown("Import", ImportModel.Phase.preview, ImportView(model: model(.preview, odd)), "a PIN and a missing part"),
            Shown("Import", keyFile.phase, ImportView(model: keyFile), "a key file"),
        ]
    }

    static var export: [Shown] {
        let formats = ExportFormatInfo.samples
        let phases: [ExportModel.Phase] = [
            .choosing, .working, .report(formats[0], .sample), .unlocking, .written(path: "files/klink.txt", 3), .codes(["one", "two"]),
            .done(3), .failed(Sentence("error.export.out_of_memory")),
        ]
        func model(_ phase: ExportModel.Phase, _ phone: Phone = phone) -> ExportModel {
            let model = ExportModel(core: core, phone: phone)
            model.unlocking = unlockModel(.confirm)
            model.phase = phase
            return model
        }
        let sealed = model(.report(formats[1], ExportReport(written: ["a1"], leftOut: [], lost: [])))
        sealed.password = "cat"
        var able = phone
        able.canHandOver = true
        let exchange = model(.report(formats[4], .sample), able)
        return phases.map { Shown("Export", $0, ExportView(model: model($0))) } + [
            Shown("Export", sealed.phase, ExportView(model: sealed), "sealed"),
            Shown("Export", exchange.phase, ExportView(model: exchange), "to another app"),
        ]
    }

    static var move: [Shown] {
        let phases: [MoveModel.Phase] = [
            .loading, .choosing, .unlocking, .working, .sending(.sample()), .written(.sample(.file), path: "files/klink.move"),
            .handed(Handed(arrived: 4, of: 4)), .receiving(.sample()), .compared(.sample), .received(.sample),
            .failed(Sentence("error.move.too_many_parts")),
        ]
        func shown(_ phase: MoveModel.Phase, _ variant: String = "", _ change: (MoveModel) -> Void = { _ in }) -> Shown {
            let model = MoveModel(core: core, phone: phone)
            model.unlocking = unlockModel(.confirm)
            model.phase = phase
            change(model)
            return Shown("Move", phase, MoveView(model: model), variant)
        }
        return phases.map { shown($0) } + [
            shown(.choosing, "under way") { $0.isUnderWay = true },
            shown(.sending(.sample(.file)), "a file, a slip") {
                ($0.receipt, $0.problem) = ("123456", Sentence("move.wrong_receipt"))
            },
            shown(.handed(Handed(arrived: 3, of: 4)), "not all"), shown(.receiving(.sample(taken: 1)), "some"),
            shown(.receiving(.sample(taken: 1, missing: [], wantsFile: true)), "wants the file"),
        ]
    }

    static var rest: [Shown] {
        let settings: [SettingsModel.Phase] = [.shown, .working, .unlocking, .lockOff, .passphrase, .recoveryCode, .failed(failure)]
        let reasons: [ReadOnlyReason] = [
            .newerFormat, .damagedRows, .tampered, .rolledBack, .otherBranch, .noAnchor, .anchorTorn, .anchorUnavailable,
        ]
        let trouble: [TroubleModel.Phase] = [
            .loading, .working, .startingNew, .unlocking, .salvage(.sample), .written(.sample()), .failed(failure),
        ]
        let licences: [LicencesModel.Phase] = [.licences, .privacy]
        let kept = SettingsModel(core: core, phone: phone)
        kept.ways = WayIn.samples + [WayIn(id: "w4", kind: .deviceAlone, createdAtMs: nil, damaged: false)]
        kept.accounts = Account.samples
        kept.settings.widgetAccounts = ["a1"]
        kept.upkeep = .init(
            erased: 2, backup: BackupFile(name: "b", bytes: 1, createdAtMs: previewMs, accounts: 4),
            packed: Packed(ids: ["a1"], leftOut: ["a4"], untilMs: previewMs + 86_400_000))
        let failing = selfCheckModel()
        failing.phase = .failed(failure)
        let checking = selfCheckModel()
        checking.lines = []
        checking.phase = .checking
        return settings.map { phase in
            let model = SettingsModel(core: core, phone: phone)
            model.ways = WayIn.samples
            model.duties = Duties(checkPassphrase: true, renewRecoveryCode: false)
            model.unlocking = unlockModel(.handOn)
            model.recoveryCode = try? RecoveryCodeModel(core: core)
            model.accounts = Account.samples
            model.phase = phase
            return Shown("Settings", phase, SettingsView(model: model))
        } + [Shown("Settings", SettingsModel.Phase.shown, SettingsView(model: kept), "lock off, after upkeep")] + reasons.map {
            Shown("Trouble", TroubleModel.Phase.shown, TroubleView(model: troubleModel(.readOnly($0))), "\($0)")
        } + [
            Shown("Trouble", TroubleModel.Phase.shown, TroubleView(model: troubleModel(.previousVault)), "previousVault"),
            Shown("Trouble", TroubleModel.Phase.shown, TroubleView(model: troubleModel(.unreadable(failure))), "unreadable"),
        ] + trouble.map { phase in
            let model = troubleModel(.readOnly(.rolledBack))
            model.unlocking = unlockModel(.handOn)
            model.phase = phase
            return Shown("Trouble", phase, TroubleView(model: model))
        } + licences.map { phase in
            let model = LicencesModel(core: core, phone: phone)
            model.phase = phase
            return Shown("Licences", phase, LicencesView(model: model))
        } + [
            Shown("SelfCheck", SelfCheckModel.Phase.checking, SelfCheckView(model: checking)),
            Shown("SelfCheck", SelfCheckModel.Phase.failed(failure), SelfCheckView(model: failing)),
            Shown("SelfCheck", SelfCheckModel.Phase.shown, SelfCheckView(model: selfCheckModel())),
        ]
    }
}

/// A folder that has nothing.
private final class NoFolder: BackupFolder {
    func list() throws -> [StoredFile] { [] }
    func read(name: String) throws -> Data { Data() }
    func write(name: String, bytes: Data) throws {}
    func rename(from: String, to: String) throws {}
    func delete(name: String) throws {}
}
