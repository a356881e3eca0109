import KlinkModels
import SwiftUI

/// Shows a recovery code, and has it typed back.
struct RecoveryCodeView: View {
    @Bindable var model: RecoveryCodeModel

    var body: some View {
        Form {
            switch model.phase {
            case .shown:
                Explained(text: say("recovery.text")) {
                    Text(model.code).font(.system(.title3, design: .monospaced)).privacySensitive()
                        .accessibilityLabel(say("recovery.spoken", .text(spoken(model.code))))
                }
                Button(say("recovery.written")) { model.writtenDownButtonTapped() }
            case .typingBack: typing(nil)
            case .failed(let why): typing(why)
            case .working: Waiting(key: "first.creating")
            }
        }
        .navigationTitle(say("recovery.title"))
    }

    @ViewBuilder private func typing(_ problem: Sentence?) -> some View {
        Explained(text: say("recovery.type_text")) {
            TextField(say("recovery.type"), text: $model.typed)
                .textInputAutocapitalization(.characters)
                .autocorrectionDisabled()
            if let problem { Notice(text: say(problem), kind: .bad) }
        }
        Button(say("button.next")) { Task { await model.typedBackButtonTapped() } }
            .disabled(model.typed.isEmpty)
            .keyboardShortcut(.defaultAction)
        Button(say("recovery.show_again")) { model.showAgainButtonTapped() }
    }
}
