import Foundation
import KlinkCore
import SwiftUI

@testable import KlinkModels
@testable import KlinkViews

extension Screens {
    static func selfCheckModel() -> SelfCheckModel {
        let model = SelfCheckModel(core: core, phone: phone)
        model.lines = [
            .init(subject: .screenLock, verdict: .good, says: Sentence("check.screen_lock.good")),
            .init(subject: .backup, verdict: .warning, says: Sentence("check.backup.none")),
            .init(subject: .clock, verdict: .unknown, says: Sentence("check.clock.unknown")),
            .init(
                subject: .notifications, verdict: .bad, says: Sentence("check.notifications.denied"), mendsInSettings: true),
            .init(subject: .camera, verdict: .warning, says: Sentence("check.camera.denied"), mendsInSettings: true),
        ]
        model.phase = .shown
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
            let model = TrashModel(core: core)
            model.appeared()
            model.phase = phase
            return Shown("Trash", phase, TrashView(model: model))
        } + history.map { phase in
            let model = HistoryModel(core: core)
            model.rows = [.init(id: 0, answer: .sample(.approve, .approved, minutesAgo: 3))]
            model.phase = phase
            return Shown("History", phase, HistoryView(model: model))
        } + groups.enumerated().map { place, phase in
            let model = GroupsModel(core: core)
            model.groups = AccountGroup.samples
            model.phase = phase
            return Shown("Groups", phase, GroupsView(model: model), place == 3 ? "renaming" : "")
        }
    }

    static var backup: [Shown] {
        let phases: [BackupModel.Phase] = [
            .loading, .shown, .writing, .written(.sample()), .locked, .compared(.sample), .merging, .merged(2), .failed(failure),
        ]
        let importing: [ImportModel.Phase] = [
            .preview, .committing, .done(ImportCounts(total: 5, imported: 3, duplicates: 1, unsupported: 0, damaged: 1, skipped: 0)),
            .failed(Sentence("error.import.nothing_found")),
        ]
        return phases.map { phase in
            let model = BackupModel(core: core, phone: phone)
            model.lastGoodAtMs = previewMs - 3_600_000
            model.snapshots = [.sample()]
            model.unlocking = unlockModel(.handOn)
            model.ticked = ["a2"]
            model.phase = phase
            return Shown("Backup", phase, BackupView(model: model))
        } + importing.map { phase in
            let model = ImportModel(preview: .preview)
            model.phase = phase
            return Shown("Import", phase, ImportView(model: model))
        }
    }

    static var rest: [Shown] {
        let settings: [SettingsModel.Phase] = [.shown, .working, .unlocking, .passphrase, .recoveryCode, .failed(failure)]
        let reasons: [ReadOnlyReason] = [
            .newerFormat, .damagedRows, .tampered, .rolledBack, .otherBranch, .noAnchor, .anchorTorn, .anchorUnavailable,
        ]
        let trouble: [TroubleModel.Phase] = [
            .loading, .working, .startingNew, .unlocking, .salvage(.sample), .written(.sample()), .failed(failure),
        ]
        let licences: [LicencesModel.Phase] = [.licences, .privacy]
        let checking = selfCheckModel()
        checking.lines = []
        checking.phase = .checking
        return settings.map { phase in
            let model = SettingsModel(core: core, phone: phone)
            model.ways = WayIn.samples
            model.duties = Duties(checkPassphrase: true, renewRecoveryCode: false)
            model.unlocking = unlockModel(.handOn)
            model.recoveryCode = try? RecoveryCodeModel(core: core)
            model.phase = phase
            return Shown("Settings", phase, SettingsView(model: model))
        } + reasons.map {
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
            let model = LicencesModel()
            model.phase = phase
            return Shown("Licences", phase, LicencesView(model: model))
        } + [
            Shown("SelfCheck", SelfCheckModel.Phase.checking, SelfCheckView(model: checking)),
            Shown("SelfCheck", SelfCheckModel.Phase.shown, SelfCheckView(model: selfCheckModel())),
        ]
    }
}
