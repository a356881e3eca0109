import KlinkCore
import KlinkModels
import SwiftUI

/// One account: names, note, groups, its secret after a confirmation, and its end.
struct AccountView: View {
    @Bindable var model: AccountModel

    var body: some View {
        content
            .navigationTitle(say("account.title"))
            .task { await model.appeared() }
            .asking(model.phase == .removing, "account.remove", button: "accounts.delete") {
                await model.removeConfirmed()
            } keep: {
                model.keepButtonTapped()
            }
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .shown, .removing: form(nil)
        case .failed(let why): form(why)
        case .saving: Waiting(key: "waiting.saving")
        case .unlocking: if let unlocking = model.unlocking { UnlockView(model: unlocking) }
        case .revealed(let secret): revealed(secret)
        case .removed: OneThing(title: say("account.removed"), text: say("trash.text"), sign: "trash") {}
        }
    }

    private func form(_ problem: Sentence?) -> some View {
        Form {
            if let problem { Notice(text: say(problem), kind: .bad) }
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
            if model.account.state == .needsPin {
                Section {
                    SecureField(say("account.pin"), text: $model.pin)
                    Button(say("account.pin_save")) { Task { await model.pinButtonTapped() } }.disabled(model.pin.isEmpty)
                }
            }
            Picker(say("account.icon"), selection: icon) {
                Text(say("account.icon_letter")).tag("")
                ForEach(icons, id: \.self) { Text(verbatim: $0).tag($0) }
            }
            Toggle(say("account.ask"), isOn: asks)
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
                if model.work != nil { Button(say("account.work"), systemImage: "bell") { model.workButtonTapped() } }
                Button(say("account.reveal"), systemImage: "qrcode") { Task { await model.revealButtonTapped() } }
                Button(say("account.remove"), systemImage: "trash", role: .destructive) { model.removeButtonTapped() }
            }
        }
    }

    /// Those that are offered, and the one that it has.
    private var icons: [String] {
        let own = [model.account.icon].compactMap { $0 }.filter { !$0.isEmpty && !AccountModel.icons.contains($0) }
        return own + AccountModel.icons
    }

    private var icon: Binding<String> {
        Binding(get: { model.account.icon ?? "" }, set: { icon in Task { await model.iconChosen(icon) } })
    }

    private var asks: Binding<Bool> {
        Binding(get: { model.account.asksEveryTime }, set: { asks in Task { await model.askSwitched(asks) } })
    }

    private func revealed(_ secret: Revealed) -> some View {
        Form {
            Explained(text: say("account.secret_text")) {
                QRPicture(text: secret.uri)
                Text(secret.secret).font(.system(.body, design: .monospaced)).privacySensitive()
                    .accessibilityLabel(say("account.secret_spoken", .text(spoken(secret.secret))))
            }
            Button(say("account.hide")) { model.hideButtonTapped() }
        }
    }
}
