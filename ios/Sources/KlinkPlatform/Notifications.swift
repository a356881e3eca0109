import Foundation
import KlinkShared
import UserNotifications

/// Notifications of sign-ins: Deny and Open. There is no Approve on the lock screen.
public final class Notifications: NSObject, UNUserNotificationCenterDelegate, Sendable {
    /// What somebody tapped.
    public enum Tap: String, Sendable, CaseIterable { case deny, open }

    /// The extension and the relay name it in what they show.
    public static let category = "request"
    /// Where a notification carries the sealed wake-up, as the relay sends it.
    static let wakeUp = "wakeup"

    private let tapped: @Sendable (Tap, Data?) async -> Void

    /// `tapped` gets the sealed wake-up that the notification carries.
    public init(tapped: @escaping @Sendable (Tap, Data?) async -> Void) {
        self.tapped = tapped
        super.init()
    }

    public func register(deny: String, open: String) {
        let center = UNUserNotificationCenter.current()
        center.delegate = self
        center.setNotificationCategories([
            UNNotificationCategory(
                identifier: Self.category,
                actions: [
                    UNNotificationAction(identifier: Tap.deny.rawValue, title: deny, options: [.destructive]),
                    UNNotificationAction(identifier: Tap.open.rawValue, title: open, options: [.foreground]),
                ], intentIdentifiers: [], options: [])
        ])
    }

    /// While the app is in front, the request itself is on the screen.
    public func userNotificationCenter(_ center: UNUserNotificationCenter, willPresent notification: UNNotification) async
        -> UNNotificationPresentationOptions
    { [] }

    public func userNotificationCenter(_ center: UNUserNotificationCenter, didReceive response: UNNotificationResponse) async {
        let sealed = (response.notification.request.content.userInfo[Self.wakeUp] as? String).flatMap(Data.init(wakeUp:))
        await tapped(Tap(rawValue: response.actionIdentifier) ?? .open, sealed)
    }
}
