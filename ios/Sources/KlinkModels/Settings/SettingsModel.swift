import Foundation
import KlinkCore
import Observation

/// What the user sets, and the ways into the vault.
@Observable @MainActor
public final class SettingsModel: Screen, Asking {
    public enum Phase: Equatable, Sendable, Unlocking {
        case shown
        case working
        /// Its owner confirms with a way in first; `unlocking` has the screen.
        case unlocking
        /// Asks whether the vault is to open without anybody.
        case lockOff
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
    /// What the widget and AutoFill can have codes of.
    public internal(set) var accounts: [Account] = []
    /// What was done by itself last.
    public internal(set) var upkeep: Upkeep.Done?
    /// What was done, said once.
    public internal(set) var notice: Sentence?
    private var key: UnlockKey?

    public override init(core: CoreClient, phone: Phone, onward: Onward? = nil) {
        settings = phone.readSettings()
        super.init(core: core, phone: phone, onward: onward)
    }

    public var hasDeviceWayIn: Bool { ways.contains { $0.kind == .device } }
    public var offersBiometrics: Bool { phone.hasBiometrics() }

    public func appeared() async {
        await go {
            ways = try await core.waysIn()
            duties = try await core.duties()
            accounts = try core.accounts()
            return .shown
        }
    }

    /// A vault that opens without anybody; what is shown, exported or changed about ways in still takes a person.
    public var isLockOff: Bool { ways.contains { $0.kind == .deviceAlone } }

    public func lockOffButtonTapped() { phase = .lockOff }

    public func lockOffConfirmed() async { await change("settings.lock_is_off", core.turnLockOff) }
    public func lockOnButtonTapped() async { await change("settings.lock_is_on", core.turnLockOn) }

    /// Chooses an account for the widget and AutoFill, or takes it away.
    public func widgetAccountTapped(_ id: String) {
        if settings.widgetAccounts.contains(id) { settings.widgetAccounts.removeAll { $0 == id } } else { settings.widgetAccounts.append(id) }
    }

    public func upkeepButtonTapped() async {
        phase = .working
        upkeep = await Upkeep(core: core, phone: phone).run()
        phase = .shown
    }

    public func passphraseButtonTapped() async {
        await ask(.handOn, by: ways) { [weak self] key in
            self?.key = key
            self?.phase = .passphrase
        }
    }

    public var canChangePassphrase: Bool { strength?.good == true && passphrase == passphraseAgain && phase == .passphrase }

    public func changePassphraseButtonTapped() async {
        guard canChangePassphrase, let key else { return }
        await act("settings.passphrase_changed") { try await core.changePassphrase(key, Data(passphrase.utf8)) }
    }

    public func recoveryCodeButtonTapped() async {
        await ask(.handOn, by: ways) { [weak self] key in
            guard let self else { return }
            go {
                recoveryCode = try RecoveryCodeModel(core: core) { [weak self] typed in
                    try await self?.core.renewRecoveryCode(key, typed)
                    await self?.did("settings.recovery_code_renewed")
                }
                return .recoveryCode
            }
        }
    }

    /// Lets a look or a finger open the vault, or takes that away.
    public func biometricsButtonTapped() async {
        if let device = ways.first(where: { $0.kind == .device }) {
            await change("settings.biometrics_off") { [core] in try await core.removeWayIn($0, device.id) }
        } else {
            await change("settings.biometrics_on", core.renewDeviceWayIn)
        }
    }

    /// Asks for the passphrase or recovery code once, so that it is still known on the day it is needed. The device is no
    /// proof that the owner still knows what they wrote down.
    public func checkWayInButtonTapped() async {
        await ask(.check, by: ways.filter { $0.kind != .device }) { [weak self] _ in await self?.did("settings.way_in_checked") }
    }

    public func cancelButtonTapped() async { await appeared() }

    private func changed() {
        phone.writeSettings(settings)
        do { try core.watch(settings.limits) } catch { phase = .failed(message(for: error)) }
    }

    /// Changes what opens the vault, with a key that the user gives.
    private func change(_ done: String, _ change: @escaping @Sendable (UnlockKey) async throws -> Void) async {
        await ask(.handOn, by: ways) { [weak self] key in await self?.act(done) { try await change(key) } }
    }

    private func act(_ done: String, _ act: @MainActor () async throws -> Void) async {
        await go(.working) {
            try await act()
            return .shown
        }
        if phase == .shown { await did(done) } else { forget() }
    }

    private func did(_ what: String) async {
        forget()
        await appeared()
        notice = Sentence(what)
    }

    private func forget() {
        (key, passphrase, passphraseAgain, recoveryCode) = (nil, "", "", nil)
    }
}
