import KlinkModels
import SwiftUI

/// The first minute.
struct FirstStartView: View {
    @Bindable var model: FirstStartModel

    var body: some View {
        content.navigationTitle(say("first.title"))
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .choosing:
            OneThing(title: say("first.choose"), text: say("first.choose_text"), sign: "key") {
                WideButton(key: "first.passphrase") { model.passphraseButtonTapped() }
                WideButton(key: "first.recovery_code", isFilled: false) { model.recoveryCodeButtonTapped() }
            }
        case .passphrase:
            Form {
                Explained(text: say("first.passphrase_text")) {
                    SecureField(say("passphrase.new"), text: $model.passphrase).textContentType(.newPassword)
                    if let strength = model.strength { StrengthView(strength: strength) }
                }
                next("button.next") { model.passphraseNextButtonTapped() }
                Button(say("button.back")) { model.backButtonTapped() }
            }
        case .passphraseAgain:
            Form {
                Explained(text: say("first.again_text")) {
                    SecureField(say("passphrase.again"), text: $model.passphraseAgain).textContentType(.newPassword)
                    if let problem = model.problem { Notice(text: say(problem), kind: .bad) }
                }
                next("button.next") { await model.passphraseAgainButtonTapped() }
                Button(say("button.back")) { model.backButtonTapped() }
            }
        case .recoveryCode:
            if let code = model.recoveryCode { RecoveryCodeView(model: code) }
        case .creating: Waiting(key: "first.creating")
        case .biometrics:
            OneThing(title: say("first.biometrics"), text: say("first.biometrics_text"), sign: "faceid") {
                if let problem = model.problem { Notice(text: say(problem), kind: .bad) }
                WideButton(key: "first.biometrics_button") { await model.biometricsButtonTapped() }
                WideButton(key: "enrol.not_now", isFilled: false) { await model.skipBiometricsButtonTapped() }
            }
        case .selfCheck:
            if let check = model.selfCheck {
                SelfCheckView(model: check).safeAreaInset(edge: .bottom) {
                    WideButton(key: "button.done") { model.closeButtonTapped() }
                }
            }
        case .failed(let why): Failed(why: why) { WideButton(key: "button.again") { model.backButtonTapped() } }
        }
    }

    private func next(_ key: String, _ action: @escaping @MainActor () async -> Void) -> some View {
        Button(say(key)) { Task { await action() } }.disabled(!model.canGoOn).keyboardShortcut(.defaultAction)
    }
}
