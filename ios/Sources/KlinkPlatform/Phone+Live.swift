import AVFoundation
import Foundation
import KlinkCore
import KlinkModels
import LocalAuthentication
import UIKit
import UserNotifications

extension Phone {
    /// This iPhone. `names` is read once, on the main actor, where the system gives it.
    public static func live(names: PhoneNames, token: PushToken) -> Self {
        var phone = Self(clock: .live)
        phone.copy = { text, untilMs in
            UIPasteboard.general.setItems(
                [["public.utf8-plain-text": text]], options: [.localOnly: true, .expirationDate: Date(unixMs: untilMs)])
        }
        phone.hasScreenLock = { LAContext().canEvaluatePolicy(.deviceOwnerAuthentication, error: nil) }
        phone.hasBiometrics = { LAContext().canEvaluatePolicy(.deviceOwnerAuthenticationWithBiometrics, error: nil) }
        phone.notifications = {
            switch await UNUserNotificationCenter.current().notificationSettings().authorizationStatus {
            case .authorized, .provisional, .ephemeral: .granted
            case .denied: .denied
            case .notDetermined: .notAsked
            @unknown default: .notAsked
            }
        }
        phone.askForNotifications = {
            let isAllowed = (try? await UNUserNotificationCenter.current().requestAuthorization(options: [.alert, .sound])) ?? false
            if isAllowed { await UIApplication.shared.registerForRemoteNotifications() }
            return isAllowed
        }
        phone.camera = {
            switch AVCaptureDevice.authorizationStatus(for: .video) {
            case .authorized: .granted
            case .denied, .restricted: .denied
            case .notDetermined: .notAsked
            @unknown default: .notAsked
            }
        }
        phone.askForCamera = { await AVCaptureDevice.requestAccess(for: .video) }
        phone.name = { names.phone }
        phone.system = { names.system }
        phone.app = { names.app }
        phone.temporaryFile = { FileManager.default.temporaryDirectory.appendingPathComponent($0).path }
        phone.writeFile = { try $1.write(to: URL(fileURLWithPath: $0), options: [.atomic, .completeFileProtection]) }
        phone.removeFile = { try? FileManager.default.removeItem(atPath: $0) }
        phone.readSettings = {
            UserDefaults.standard.data(forKey: "settings").flatMap { try? JSONDecoder().decode(Settings.self, from: $0) } ?? Settings()
        }
        phone.writeSettings = { UserDefaults.standard.set(try? JSONEncoder().encode($0), forKey: "settings") }
        phone.openSystemSettings = { open { UIApplication.openSettingsURLString } }
        phone.openStore = { open { names.store } }
        phone.reachOutside()
        phone.wakeUp(relay: names.relay, token: token)
        return phone
    }

    private static func open(_ address: @escaping @MainActor @Sendable () -> String) {
        Task { @MainActor in
            if let url = URL(string: address()) { _ = await UIApplication.shared.open(url) }
        }
    }
}

/// What the phone and the app are called.
public struct PhoneNames: Sendable {
    /// What the user calls the phone, where the system tells.
    public let phone: String
    /// `ios 19.1`.
    public let system: String
    /// `klink 0.1.0`.
    public let app: String
    /// The app's page in the store.
    public let store: String
    /// The relay's address; none where the publisher runs none.
    public let relay: String?

    @MainActor public init(version: String, store: String, relay: String) {
        phone = UIDevice.current.name
        system = "ios \(UIDevice.current.systemVersion)"
        app = "klink \(version)"
        self.store = store
        self.relay = URL(string: relay)?.host == nil ? nil : relay
    }
}
