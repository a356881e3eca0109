import KlinkCore
import KlinkModels
import SwiftUI

/// Backups: a new one, and what a file has that the vault has not.
struct BackupView: View {
    @Bindable var model: BackupModel

    var body: some View {
        content
            .navigationTitle(say("backup.title"))
            .task { await model.appeared() }
            .announcing(model.notice)
            .moving(written) { _ in await model.exporterClosed() }
    }

    private var written: String? { if case .written(let copy) = model.phase { copy.path } else { nil } }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .loading: Waiting(key: "waiting.opening")
        case .shown: shown
        case .writing, .written: Waiting(key: "backup.writing")
        case .unlocking: if let unlocking = model.unlocking { UnlockView(model: unlocking) }
        case .compared(let found): compared(found)
        case .merging: Waiting(key: "waiting.saving")
        case .merged(let count):
            OneThing(title: say("backup.merged", .count(count)), text: nil, sign: "checkmark.circle") {
                WideButton(key: "button.done") { await model.backButtonTapped() }
            }
        case .tested(let test): tested(test)
        case .failed(let why): Failed(why: why) { WideButton(key: "button.back") { await model.backButtonTapped() } }
        }
    }

    private var shown: some View {
        List {
            Explained(text: say("backup.text")) {
                Text(model.lastGoodAtMs.map { say("check.backup.last", .moment($0)) } ?? say("check.backup.none"))
                Button(say("backup.button"), systemImage: "square.and.arrow.up") { Task { await model.backUpButtonTapped() } }
                FileButton(key: "backup.open") { if let url = $0.first { await model.fileChosen(url) } }
            }
            Explained(text: say("backup.folder_text")) {
                if let trouble = model.rolling?.trouble, model.hasFolder { Notice(text: say(message(for: trouble))) }
                if let notice = model.notice { Notice(text: say(notice), kind: .good) }
                if model.hasFolder { Button(say("backup.folder_now")) { Task { await model.backUpToFolderButtonTapped() } } }
                FileButton(key: model.hasFolder ? "backup.folder_other" : "backup.folder", sign: "folder.badge.gearshape", types: [.folder]) {
                    if let url = $0.first { await model.folderChosen(url) }
                }
            }
            Section(say("backup.snapshots")) {
                ForEach(model.snapshots, id: \.number) { copy in
                    Button { Task { await model.snapshotTapped(copy.number) } } label: {
                        VStack(alignment: .leading) {
                            Text(copy.says.map { say("backup.from", .moment($0.createdAtMs)) } ?? say("backup.unreadable"))
                            if let says = copy.says { Text(say("backup.accounts", .count(Int(says.accounts)))).font(.subheadline) }
                        }
                    }
                }
            }
        }
    }

    private func compared(_ found: Comparison) -> some View {
        List {
            Explained(text: say("backup.only_here", .count(Int(found.onlyHere)))) {
                ForEach(found.rows, id: \.account.id) { row in
                    TickRow(
                        title: named(row.account.issuer, row.account.accountName), detail: say(key(for: row.status)),
                        isTicked: model.ticked.contains(row.account.id)
                    ) { model.rowTapped(row.account.id) }
                }
            }
            Button(say("backup.merge", .count(model.ticked.count))) { Task { await model.mergeButtonTapped() } }
                .disabled(!model.canMerge)
            Button(say("backup.test")) { Task { await model.testButtonTapped() } }
            back
        }
    }

    private func tested(_ test: BackupTest) -> some View {
        List {
            Explained(text: say("backup.test_text")) {
                if test.damaged.isEmpty {
                    Notice(text: say("backup.tested"), kind: .good)
                } else {
                    Notice(text: say("backup.test_damaged", .count(test.damaged.count)), kind: .bad)
                }
                if test.unknown > 0 { Notice(text: say("backup.test_unknown", .count(Int(test.unknown)))) }
                Text(say("backup.from", .moment(test.createdAtMs)))
                Text(say("backup.accounts", .count(Int(test.accounts))))
                LabeledContent(say("trash.title"), value: String(test.trashed))
                if let set = test.openedBy.createdAtMs { Text(say("backup.test_opened", .moment(set))) }
            }
            back
        }
    }

    private var back: some View { Button(say("button.back")) { Task { await model.backButtonTapped() } } }
}
