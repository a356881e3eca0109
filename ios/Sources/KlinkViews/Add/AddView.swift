import KlinkCore
import KlinkModels
import SwiftUI

/// What kind of account is added.
struct AddView: View {
    @Bindable var model: AddModel

    var body: some View {
        content.navigationTitle(say("add.title"))
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .choosing:
            List {
                Section {
                    Button(say("add.work"), systemImage: "building.2") { model.scanButtonTapped() }
                    Button(say("add.personal"), systemImage: "qrcode") { model.scanButtonTapped() }
                    Button(say("add.key"), systemImage: "keyboard") { model.keyButtonTapped() }
                    Button(say("add.file"), systemImage: "square.and.arrow.down") { model.placeTapped(.importing) }
                }
                Button(say("add.cannot_scan")) { model.cannotScanButtonTapped() }
            }
        case .workCode:
            form("add.code_text", canGoOn: model.canOpen) {
                field("add.host", $model.host).keyboardType(.URL).textInputAutocapitalization(.never)
                field("add.code", $model.code).textInputAutocapitalization(.characters)
            } next: {
                await model.openButtonTapped()
            }
        case .opening: Waiting(key: "enrol.checking")
        case .key:
            form("add.key_text", canGoOn: model.canGoOn) {
                TextField(say("account.issuer"), text: $model.issuer)
                TextField(say("account.name"), text: $model.accountName)
                field("add.secret", $model.secret).textInputAutocapitalization(.characters)
                DisclosureGroup(say("add.more"), isExpanded: $model.isMore) { more }
            } next: {
                await model.keyNextButtonTapped()
            }
        }
    }

    /// Those that pages ask for; their names are the same in every language.
    private static let algorithms: [(id: Algorithm, name: String)] = [(.sha1, "SHA-1"), (.sha256, "SHA-256"), (.sha512, "SHA-512")]

    @ViewBuilder private var more: some View {
        Picker(say("add.kind"), selection: $model.kind) {
            ForEach([AccountKind.totp, .hotp, .steam, .motp, .yandex], id: \.self) { Text(say(key(for: $0))).tag($0) }
        }
        if model.hasAlgorithm {
            Picker(say("add.algorithm"), selection: $model.algorithm) {
                Text(say("add.usual")).tag(Algorithm?.none)
                ForEach(Self.algorithms, id: \.id) { Text(verbatim: $0.name).tag(Algorithm?.some($0.id)) }
            }
        }
        TextField(say("add.digits"), text: $model.digits).keyboardType(.numberPad)
        if model.kind == .hotp {
            TextField(say("add.counter"), text: $model.counter).keyboardType(.numberPad)
        } else {
            TextField(say("add.period"), text: $model.period).keyboardType(.numberPad)
        }
    }

    private func field(_ key: String, _ text: Binding<String>) -> some View {
        TextField(say(key), text: text).autocorrectionDisabled()
    }

    private func form<Fields: View>(
        _ text: String, canGoOn: Bool, @ViewBuilder fields: () -> Fields, next: @escaping @MainActor () async -> Void
    ) -> some View {
        Form {
            Explained(text: say(text)) {
                fields()
                if let problem = model.problem { Notice(text: say(problem), kind: .bad) }
            }
            Button(say("button.next")) { Task { await next() } }.disabled(!canGoOn).keyboardShortcut(.defaultAction)
            Button(say("button.back")) { model.backButtonTapped() }
        }
    }
}
