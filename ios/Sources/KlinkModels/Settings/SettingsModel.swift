import Foundation
import KlinkCore
import Observation

/// What the user sets, and the ways into the vault.
@Observable @MainActor
public final class SettingsModel {
    public enum Phase: Equatable, Sendable {
        case shown
        case working
        /// Its owner confirms with a way in first; `unlocking` has the screen.
        case unlocking
        /// A new passphrase, twice.
        case passphrase
        /// `recoveryCode` has the screen.
        case recoveryCode
        case failed(Sentence)
    }

    public internal(set) var phase = Phase.shown
    public var settings: Settings { didSet { if settings != oldValue { changed() } } }
    public internal(set) var ways: [WayIn] = []
    public internal(set) var duties: Duties?
    public internal(set) var unlocking: UnlockModel?
    public internal(set) var recoveryCode: RecoveryCodeModel?
    public var passphrase = "" { didSet { strength = passphrase.isEmpty ? nil : core.strength(Data(passphrase.utf8)) } }
    public var passphraseAgain = ""
    public internal(set) var strength: PassphraseStrength?
    /// What was done, said once.
    public internal(set) var notice: Sentence?
    private let core: CoreClient
    private let phone: Phone
    private var key: UnlockKey?

    public init(core: CoreClient, phone: Phone) {
        self.core = core
        self.phone = phone
        settings = phone.readSettings()
    }

    public var hasDeviceWayIn: Bool { ways.contains { $0.kind == .device } }
    public var offersBiometrics: Bool { phone.hasBiometrics() }

    public func appeared() async {
        do {
            ways = try await core.waysIn()
            duties = try await core.duties()
            phase = .shown
        } catch {
            phase = .failed(message(for: error))
        }
    }

    public func passphraseButtonTapped() {
        ask(.handOn) { model, key in
            model.key = key
            model.phase = .passphrase
        }
    }

    public var canChangePassphrase: Bool { strength?.good == true && passphrase == passphraseAgain && phase == .passphrase }

    public func changePassphraseButtonTapped() async {
        guard canChangePassphrase, let key else { return }
        await act("settings.passphrase_changed") { try await self.core.changePassphrase(key, Data(self.passphrase.utf8)) }
    }

    public func recoveryCodeButtonTapped() {
        ask(.handOn) { model, key in
            do {
                let code = try RecoveryCodeModel(core: model.core)
                code.onTypedBack = { [weak model] typed in
                    try await model?.core.renewRecoveryCode(key, typed)
                    await model?.did("settings.recovery_code_renewed")
                }
                model.recoveryCode = code
                model.phase = .recoveryCode
            } catch {
                model.phase = .failed(message(for: error))
            }
        }
    }

    /// Lets a look or a finger open the vault, or takes that away.
    public func biometricsButtonTapped() {
        let id = ways.first { $0.kind == .device }?.id
        ask(.handOn) { model, key in
            Task {
                await model.act(id == nil ? "settings.biometrics_on" : "settings.biometrics_off") {
                    if let id {
                        try await model.core.removeWayIn(key, id)
                    } else {
                        try await model.core.renewDeviceWayIn(key)
                    }
                }
            }
        }
    }

    /// Asks for the passphrase or recovery code once, so that it is still known on the day it is needed.
    public func checkWayInButtonTapped() {
        ask(.check) { model, _ in Task { await model.did("settings.way_in_checked") } }
    }

    public func cancelButtonTapped() async { await appeared() }
    public func systemSettingsButtonTapped() { phone.openSystemSettings() }

    private func changed() {
        phone.writeSettings(settings)
        do { try core.watch(settings.limits) } catch { phase = .failed(message(for: error)) }
    }

    private func ask(_ act: UnlockModel.Act, _ then: @escaping @MainActor (SettingsModel, UnlockKey) -> Void) {
        // The device is no proof that the owner still knows what they wrote down.
        let model = UnlockModel(act: act, ways: ways.filter { act != .check || $0.kind != .device }, core: core, phone: phone)
        model.onDone = { [weak self] key, _ in
            guard let self else { return }
            self.unlocking = nil
            then(self, key)
        }
        unlocking = model
        phase = .unlocking
    }

    private func act(_ done: String, _ act: @escaping () async throws -> Void) async {
        phase = .working
        do {
            try await act()
            await did(done)
        } catch {
            forget()
            phase = .failed(message(for: error))
        }
    }

    private func did(_ what: String) async {
        forget()
        await appeared()
        notice = Sentence(what)
    }

    private func forget() {
        key = nil
        passphrase = ""
        passphraseAgain = ""
        recoveryCode = nil
    }
}
