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
                    Button(say("add.work"), systemImage: "building.2") { model.workButtonTapped() }
                    Button(say("add.personal"), systemImage: "qrcode") { model.personalButtonTapped() }
                }
                Button(say("add.cannot_scan")) { model.cannotScanButtonTapped() }
            }
        case .workCode: typing(nil)
        case .failed(let why): typing(why)
        case .opening: Waiting(key: "enrol.checking")
        }
    }

    private func typing(_ problem: Sentence?) -> some View {
        Form {
            Section {
                TextField(say("add.host"), text: $model.host)
                    .keyboardType(.URL)
                    .textInputAutocapitalization(.never)
                    .autocorrectionDisabled()
                TextField(say("add.code"), text: $model.code)
                    .textInputAutocapitalization(.characters)
                    .autocorrectionDisabled()
                if let problem { Notice(text: say(problem), kind: .danger) }
            } footer: {
                Text(say("add.code_text"))
            }
            Button(say("button.next")) { Task { await model.openButtonTapped() } }
                .disabled(!model.canOpen)
                .keyboardShortcut(.defaultAction)
            Button(say("button.back")) { model.backButtonTapped() }
        }
    }
}
