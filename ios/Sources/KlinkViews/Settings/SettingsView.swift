import KlinkModels
import SwiftUI

/// What the user sets, and the ways into the vault.
struct SettingsView: View {
    @Bindable var model: SettingsModel

    var body: some View {
        content
            .navigationTitle(say("settings.title"))
            .task { await model.appeared() }
            .announcing(model.notice)
            .asking(model.phase == .lockOff, "settings.lock_off", button: "settings.lock_off_confirm") {
                await model.lockOffConfirmed()
            } keep: {
                Task { await model.cancelButtonTapped() }
            }
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .shown, .lockOff: form(nil)
        case .failed(let why): form(why)
        case .working: Waiting(key: "waiting.saving")
        case .unlocking: if let unlocking = model.unlocking { UnlockView(model: unlocking) }
        case .passphrase: passphrase
        case .recoveryCode: if let code = model.recoveryCode { RecoveryCodeView(model: code) }
        }
    }

    private func form(_ problem: Sentence?) -> some View {
        Form {
            if let problem { Notice(text: say(problem), kind: .bad) }
            if let notice = model.notice { Notice(text: say(notice), kind: .good) }
            Section(say("settings.list")) {
                Picker(say("accounts.sort"), selection: $model.settings.sort) {
                    ForEach(Settings.Sort.allCases, id: \.self) { Text(say("sort.\($0.rawValue)")).tag($0) }
                }
                Toggle(say("settings.tap_to_reveal"), isOn: $model.settings.tapToReveal)
                Toggle(say("settings.next_code"), isOn: $model.settings.showNextCode)
                Stepper(say("settings.clock_offset"), value: seconds, in: -3600...3600)
                Stepper(say("settings.pasteboard"), value: $model.settings.clearPasteboardAfterS, in: 10...300, step: 10)
            }
            Section(say("settings.ways")) {
                Picker(say("settings.auto_lock"), selection: $model.settings.autoLock) {
                    ForEach(Settings.AutoLock.allCases, id: \.self) { Text(say("auto_lock.\($0.rawValue)")).tag($0) }
                }
                if model.isLockOff {
                    Notice(text: say("settings.lock_is_off"))
                    Button(say("settings.lock_on")) { Task { await model.lockOnButtonTapped() } }
                } else {
                    Button(say("settings.lock_off")) { model.lockOffButtonTapped() }
                }
                Button(say("settings.passphrase")) { Task { await model.passphraseButtonTapped() } }
                Button(say("settings.recovery_code")) { Task { await model.recoveryCodeButtonTapped() } }
                if model.offersBiometrics || model.hasDeviceWayIn {
                    Button(say(model.hasDeviceWayIn ? "settings.without_biometrics" : "settings.with_biometrics")) {
                        Task { await model.biometricsButtonTapped() }
                    }
                }
                if model.duties?.checkPassphrase == true { Notice(text: say("banner.check_way_in")) }
                if model.duties?.renewRecoveryCode == true { Notice(text: say("banner.renew_recovery_code")) }
                Button(say("settings.check_way_in")) { Task { await model.checkWayInButtonTapped() } }
            }
            Explained(text: say("settings.widget_text"), title: say("settings.widget")) {
                ForEach(model.accounts, id: \.id) { account in
                    TickRow(
                        title: named(account.issuer, account.accountName), detail: "",
                        isTicked: model.settings.widgetAccounts.contains(account.id)
                    ) { model.widgetAccountTapped(account.id) }
                }
            }
            Section(say("settings.upkeep")) {
                if let done = model.upkeep { upkeep(done) }
                Button(say("settings.upkeep_now")) { Task { await model.upkeepButtonTapped() } }
            }
            Button(say("button.system_settings")) { model.placeTapped(.systemSettings) }
        }
    }

    @ViewBuilder private func upkeep(_ done: Upkeep.Done) -> some View {
        if let problem = done.problem { Notice(text: say(problem), kind: .bad) }
        if let packed = done.packed {
            Text(say("settings.packed", .moment(packed.untilMs)))
            if !packed.leftOut.isEmpty { Text(say("settings.not_packed", .count(packed.leftOut.count))) }
        }
        Text(done.backup.map { say("check.backup.last", .moment($0.createdAtMs)) } ?? say("settings.no_folder"))
        Text(say("settings.erased", .count(done.erased)))
    }

    /// The core counts in milliseconds; a person in seconds.
    private var seconds: Binding<Int> {
        Binding(
            get: { Int(model.settings.clockOffsetMs / 1000) },
            set: { model.settings.clockOffsetMs = Int64($0) * 1000 })
    }

    private var passphrase: some View {
        Form {
            Section {
                NewPassphrase(typed: $model.passphrase, again: $model.passphraseAgain, strength: model.strength)
            }
            Button(say("button.save")) { Task { await model.changePassphraseButtonTapped() } }
                .disabled(!model.canChangePassphrase)
                .keyboardShortcut(.defaultAction)
            Button(say("button.cancel")) { Task { await model.cancelButtonTapped() } }
        }
    }
}
