import Foundation
import KlinkCore
import KlinkModels
import KlinkPlatform
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
        }
        .onChange(of: scenePhase) { _, phase in own.changed(phase) }
    }
}

/// Makes the one `Authenticator` of this process, and the model of the whole app.
@MainActor final class KlinkDelegate: NSObject, UIApplicationDelegate {
    let model: AppModel
    private let core: CoreClient
    private let notifications: Notifications

    override init() {
        let own = Authenticator(
            setup: Setup(folder: Self.folder, localHosts: .refused), anchor: KeychainAnchor(),
            keys: EnclaveKeys(reason: { say(Self.reason($0)) }))
        let names = PhoneNames(version: Self.info("CFBundleShortVersionString"), store: Self.info("KlinkStorePage"))
        let core = CoreClient.live(own, clock: .live)
        self.core = core
        model = AppModel(core: core, phone: .live(names: names))
        notifications = Notifications { tap, sealed in
            guard tap == .deny, let sealed, let id = try? await core.wakeUp(sealed) else { return }
            // Nobody is there to be told; what failed is shown when the app is opened.
            _ = try? await core.answer(id, .deny(cancelled: false))
        }
        super.init()
        notifications.register(deny: say("approve.deny"), open: say("notification.open"))
    }

    func changed(_ phase: ScenePhase) {
        switch phase {
        case .active: model.cameToForeground()
        case .background: model.wentToBackground()
        // The app switcher is about to draw it.
        case .inactive: model.becameInactive()
        @unknown default: model.becameInactive()
        }
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
