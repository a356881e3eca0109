import BackgroundTasks
import Foundation
import KlinkCore
import KlinkModels
import KlinkPlatform
import KlinkShared
import KlinkViews
import SwiftUI
import UIKit

@main struct KlinkMain: App {
    @UIApplicationDelegateAdaptor private var own: KlinkDelegate
    @Environment(\.scenePhase) private var scenePhase

    var body: some Scene {
        WindowGroup {
            AppView(model: own.model)
                .environment(\.camera, Camera { scanner, found in AnyView(CameraPicture(scanner: scanner, found: found)) })
                .onOpenURL { url in Task { await own.model.linkOpened(url.absoluteString) } }
                .onContinueUserActivity(Exchange.activity) { activity in Task { await own.handedOver(activity) } }
        }
        .onChange(of: scenePhase) { _, phase in own.changed(phase) }
        .backgroundTask(.appRefresh(KlinkDelegate.upkeep)) { await own.woken() }
    }
}

/// Makes the one `Authenticator` of this process, and the model of the whole app.
@MainActor final class KlinkDelegate: NSObject, UIApplicationDelegate {
    /// Named in Info.plist too.
    nonisolated static let upkeep = (Bundle.main.bundleIdentifier ?? "") + ".upkeep"

    let model: AppModel
    private let phone: Phone
    private let token = PushToken()
    private let notifications: Notifications

    override init() {
        let own = Authenticator(
            setup: Setup(folder: Self.folder, localHosts: .refused), anchor: KeychainAnchor(),
            keys: EnclaveKeys(reason: { say(Self.reason($0)) }))
        let names = PhoneNames(version: Self.info("CFBundleShortVersionString"), store: Self.info("KlinkStorePage"), relay: Self.info("KlinkRelay"))
        let phone = Phone.live(names: names, token: token), model = AppModel(core: .live(own, clock: .live), phone: phone)
        (self.phone, self.model) = (phone, model)
        notifications = Notifications { tap, sealed in
            if tap == .deny, let sealed { await model.denyTapped(sealed) }
        }
        super.init()
        notifications.register(deny: say("approve.deny"), open: say("notification.open"))
    }

    func changed(_ phase: ScenePhase) {
        switch phase {
        case .active:
            model.cameToForeground()
            Task {
                await takeShared()
                if await phone.notifications() == .granted { UIApplication.shared.registerForRemoteNotifications() }
            }
        case .background:
            model.wentToBackground()
            askToBeWoken()
        // The app switcher is about to draw it.
        case .inactive: model.becameInactive()
        @unknown default: model.becameInactive()
        }
    }

    /// The system gave the app some seconds, now and then.
    func woken() async {
        askToBeWoken()
        await model.renewWakeUps()
        await model.upkeep()
    }

    func application(_ application: UIApplication, didRegisterForRemoteNotificationsWithDeviceToken deviceToken: Data) {
        token.came(deviceToken)
        Task { await model.renewWakeUps() }
    }

    /// Another app handed its accounts over: they are shown before anything of them is taken.
    func handedOver(_ activity: NSUserActivity) async {
        guard #available(iOS 26.0, *), let file = try? await Exchange.received(activity) else { return }
        await model.filesOpened([ImportSource(name: "exchange.json", bytes: file)])
    }

    /// What was shared with the app while it was closed. One link is shown like a scanned code, anything else like a file.
    private func takeShared() async {
        guard let folder = AppGroup.file("inbox"), let items = try? Inbox(folder: folder).take(), let first = items.first else { return }
        if items.count == 1, first.name == nil { return await model.linkOpened(String(decoding: first.bytes, as: UTF8.self)) }
        await model.filesOpened(items.map { ImportSource(name: $0.name ?? "shared.txt", bytes: $0.bytes) })
    }

    /// In six hours or later, as the system likes. It refuses where the user has turned that off: the self-check says so.
    private func askToBeWoken() {
        let request = BGAppRefreshTaskRequest(identifier: Self.upkeep)
        request.earliestBeginDate = .now + 6 * 3600
        try? BGTaskScheduler.shared.submit(request)
    }

    /// Why the system asks for a finger.
    private nonisolated static func reason(_ purpose: Purpose) -> Sentence {
        switch purpose {
        case .unlock: Sentence("prompt.unlock")
        case .confirm: Sentence("prompt.confirm")
        case .approve: Sentence("prompt.approve")
        case .enrol: Sentence("prompt.enrol")
        case .rotate: Sentence("prompt.rotate")
        // Nobody is asked for these.
        case .push, .device: Sentence("prompt.confirm")
        }
    }

    private static let folder = FileManager.default.urls(for: .applicationSupportDirectory, in: .userDomainMask)[0]
        .appendingPathComponent("vault").path

    private static func info(_ key: String) -> String { Bundle.main.object(forInfoDictionaryKey: key) as? String ?? "" }
}
