import KlinkCore
import KlinkModels
import SwiftUI

/// Opens the vault, or confirms that its owner is there.
struct UnlockView: View {
    @Bindable var model: UnlockModel

    var body: some View {
        Form {
            Explained(text: say("unlock.\(model.act.rawValue)_text")) {
                if model.offersPassphrase, model.offersRecoveryCode {
                    Picker(say("unlock.with"), selection: $model.field) {
                        Text(say("unlock.passphrase")).tag(UnlockModel.Field.passphrase)
                        Text(say("unlock.recovery_code")).tag(UnlockModel.Field.recoveryCode)
                    }
                    .pickerStyle(.segmented)
                }
                switch model.field {
                case .passphrase:
                    SecureField(say("unlock.passphrase"), text: $model.passphrase).textContentType(.password)
                case .recoveryCode:
                    TextField(say("unlock.recovery_code"), text: $model.recoveryCode)
                        .textInputAutocapitalization(.characters)
                        .autocorrectionDisabled()
                }
                problem
            }
            Button(say("unlock.\(model.act.rawValue)_button")) { Task { await model.submitButtonTapped() } }
                .disabled(!model.canSubmit)
                .keyboardShortcut(.defaultAction)
            if model.offersDevice, model.act != .check {
                Button(say("unlock.device"), systemImage: "faceid") { Task { await model.deviceButtonTapped() } }
                    .disabled(model.phase == .working)
            }
        }
        .navigationTitle(say("unlock.\(model.act.rawValue)"))
        .task { await model.appeared() }
    }

    @ViewBuilder private var problem: some View {
        switch model.phase {
        case .ready: EmptyView()
        case .working: Waiting(key: "waiting.opening")
        case .failed(let why): Notice(text: say(why), kind: .bad)
        case .waiting:
            TimelineView(.periodic(from: .now, by: 1)) { _ in
                Notice(text: say("error.vault.too_soon", .count(model.secondsToWait)))
            }
        }
    }
}

/// How good a new passphrase is, in words and as a bar.
struct StrengthView: View {
    let strength: PassphraseStrength
    var body: some View {
        ProgressView(value: Double(strength.score), total: 4).accessibilityHidden(true)
        Notice(text: say(strength.good ? "passphrase.good" : "passphrase.weak"), kind: strength.good ? .good : .warning)
    }
}
