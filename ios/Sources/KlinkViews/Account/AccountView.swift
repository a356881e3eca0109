import KlinkCore
import KlinkModels
import SwiftUI

/// One account: names, note, groups, its secret after a confirmation, and its end.
struct AccountView: View {
    @Bindable var model: AccountModel

    var body: some View {
        content
            .navigationTitle(say("account.title"))
            .task { model.appeared() }
            .confirmationDialog(say("account.remove_title"), isPresented: isRemoving, titleVisibility: .visible) {
                Button(say("accounts.delete"), role: .destructive) { Task { await model.removeConfirmed() } }
                Button(say("button.cancel"), role: .cancel) { model.keepButtonTapped() }
            } message: {
                Text(say("trash.text"))
            }
    }

    private var isRemoving: Binding<Bool> {
        Binding(get: { model.phase == .removing }, set: { if !$0, model.phase == .removing { model.keepButtonTapped() } })
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .shown, .removing: form(nil)
        case .failed(let why): form(why)
        case .saving: Waiting(key: "waiting.saving")
        case .confirming: if let confirming = model.confirming { UnlockView(model: confirming) }
        case .revealed(let secret): revealed(secret)
        case .removed: OneThing(title: say("account.removed"), text: say("trash.text"), sign: "trash") {}
        }
    }

    private func form(_ problem: Sentence?) -> some View {
        Form {
            if let problem { Notice(text: say(problem), kind: .danger) }
            Section {
                TextField(say("account.issuer"), text: $model.issuer)
                TextField(say("account.name"), text: $model.accountName)
                TextField(say("account.note"), text: $model.note, axis: .vertical)
            }
            Button(say("button.save")) { Task { await model.saveButtonTapped() } }
                .disabled(!model.hasChanges)
                .keyboardShortcut("s")
            Button(say(model.account.favorite ? "accounts.not_favourite" : "accounts.favourite"), systemImage: "star") {
                Task { await model.favouriteButtonTapped() }
            }
            if !model.groups.isEmpty {
                Section(say("groups.title")) {
                    ForEach(model.groups, id: \.id) { group in
                        TickRow(title: group.name, detail: "", isTicked: model.account.groups.contains(group.id)) {
                            Task { await model.groupTapped(group.id) }
                        }
                    }
                }
            }
            Section {
                Button(say("account.reveal"), systemImage: "qrcode") { Task { await model.revealButtonTapped() } }
                Button(say("account.remove"), systemImage: "trash", role: .destructive) { model.removeButtonTapped() }
            }
        }
    }

    private func revealed(_ secret: Revealed) -> some View {
        Form {
            Section {
                QRPicture(text: secret.uri)
                Text(secret.secret).font(.system(.body, design: .monospaced)).privacySensitive()
                    .accessibilityLabel(say("account.secret_spoken", .text(spoken(secret.secret))))
            } footer: {
                Text(say("account.secret_text"))
            }
            Button(say("account.hide")) { model.hideButtonTapped() }
        }
    }
}
