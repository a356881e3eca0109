import KlinkCore
import KlinkModels
import SwiftUI
import UniformTypeIdentifiers

/// Backups: a new one, and what a file has that the vault has not.
struct BackupView: View {
    @Bindable var model: BackupModel
    @State private var isChoosing = false

    var body: some View {
        content
            .navigationTitle(say("backup.title"))
            .task { await model.appeared() }
            .fileImporter(isPresented: $isChoosing, allowedContentTypes: [.data]) { result in
                if case .success(let url) = result { Task { await open(url) } }
            }
            .fileMover(isPresented: .constant(written != nil), file: written) { _ in
                Task { await model.exporterClosed() }
            } onCancellation: {
                Task { await model.exporterClosed() }
            }
    }

    private var written: URL? {
        if case .written(let copy) = model.phase { URL(fileURLWithPath: copy.path) } else { nil }
    }

    private func open(_ url: URL) async {
        let isOurs = url.startAccessingSecurityScopedResource()
        await model.fileOpened(url.path)
        if isOurs { url.stopAccessingSecurityScopedResource() }
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .loading: Waiting(key: "waiting.opening")
        case .shown: shown
        case .writing, .written: Waiting(key: "backup.writing")
        case .locked: if let unlocking = model.unlocking { UnlockView(model: unlocking) }
        case .compared(let found): compared(found)
        case .merging: Waiting(key: "waiting.saving")
        case .merged(let count):
            OneThing(title: say("backup.merged", .count(count)), text: nil, sign: "checkmark.circle") {
                WideButton("button.done") { await model.backButtonTapped() }
            }
        case .failed(let why): Failed(why: why) { WideButton("button.back") { await model.backButtonTapped() } }
        }
    }

    private var shown: some View {
        List {
            Section {
                Text(model.lastGoodAtMs.map { say("check.backup.good", .moment($0)) } ?? say("check.backup.none"))
                Button(say("backup.button"), systemImage: "square.and.arrow.up") { Task { await model.backUpButtonTapped() } }
                Button(say("backup.open"), systemImage: "folder") { isChoosing = true }
            } footer: {
                Text(say("backup.text"))
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
            Section {
                ForEach(found.rows, id: \.account.id) { row in
                    TickRow(
                        title: named(row.account.issuer, row.account.accountName), detail: say(key(for: row.status)),
                        isTicked: model.ticked.contains(row.account.id)
                    ) { model.rowTapped(row.account.id) }
                }
            } footer: {
                Text(say("backup.only_here", .count(Int(found.onlyHere))))
            }
            Button(say("backup.merge", .count(model.ticked.count))) { Task { await model.mergeButtonTapped() } }
                .disabled(!model.canMerge)
            Button(say("button.back")) { Task { await model.backButtonTapped() } }
        }
    }
}
