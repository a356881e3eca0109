import Foundation
import KlinkShared
import UserNotifications

/// Shows a neutral text, and leaves what came for the app. There is no Rust in here, and nothing is opened.
final class NotificationService: UNNotificationServiceExtension {
    private var show: (() -> Void)?

    override func didReceive(
        _ request: UNNotificationRequest, withContentHandler contentHandler: @escaping (UNNotificationContent) -> Void
    ) {
        guard let content = request.content.mutableCopy() as? UNMutableNotificationContent else {
            return contentHandler(request.content)
        }
        content.categoryIdentifier = "request"
        content.interruptionLevel = .timeSensitive
        show = { contentHandler(content) }
        let sealed = (request.content.userInfo["wakeup"] as? String).flatMap(Data.init(wakeUp:))
        // Without it the app still asks its services when it is opened.
        if let sealed, let folder = AppGroup.file("spool") { try? Spool(folder: folder).leave(sealed) }
        serviceExtensionTimeWillExpire()
    }

    override func serviceExtensionTimeWillExpire() {
        show?()
        show = nil
    }
}
