// What the adapters and the extension use of UserNotifications. Nothing is shown: it compiles.
import Foundation

public struct UNAuthorizationOptions: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }
    public static let badge = Self(rawValue: 1), sound = Self(rawValue: 2), alert = Self(rawValue: 4)
}
public enum UNAuthorizationStatus: Int, Sendable { case notDetermined, denied, authorized, provisional, ephemeral }
public struct UNNotificationActionOptions: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }
    public static let authenticationRequired = Self(rawValue: 1), destructive = Self(rawValue: 2), foreground = Self(rawValue: 4)
}
public struct UNNotificationCategoryOptions: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }
    public static let hiddenPreviewsShowTitle = Self(rawValue: 4)
}
public struct UNNotificationPresentationOptions: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }
}
public enum UNNotificationInterruptionLevel: UInt, Sendable { case passive, active, timeSensitive, critical }

open class UNNotificationAction: NSObject {
    public let identifier: String, title: String, options: UNNotificationActionOptions
    public init(identifier: String, title: String, options: UNNotificationActionOptions = []) {
        (self.identifier, self.title, self.options) = (identifier, title, options)
    }
}
open class UNNotificationCategory: NSObject {
    public let identifier: String, actions: [UNNotificationAction]
    public init(
        identifier: String, actions: [UNNotificationAction], intentIdentifiers: [String], options: UNNotificationCategoryOptions = []
    ) { (self.identifier, self.actions) = (identifier, actions) }
}
open class UNNotificationContent: NSObject {
    public internal(set) var userInfo: [AnyHashable: Any] = [:]
    open override func mutableCopy() -> Any { UNMutableNotificationContent() }
}
open class UNMutableNotificationContent: UNNotificationContent {
    public var title = "", body = "", categoryIdentifier = "", threadIdentifier = ""
    public var interruptionLevel = UNNotificationInterruptionLevel.active
}
open class UNNotificationRequest: NSObject {
    public let content = UNNotificationContent()
}
open class UNNotification: NSObject { public let request = UNNotificationRequest() }
open class UNNotificationResponse: NSObject {
    public let actionIdentifier = "", notification = UNNotification()
}
open class UNNotificationSettings: NSObject { public let authorizationStatus = UNAuthorizationStatus.notDetermined }
public protocol UNUserNotificationCenterDelegate: NSObjectProtocol {
    func userNotificationCenter(_ center: UNUserNotificationCenter, willPresent notification: UNNotification) async
        -> UNNotificationPresentationOptions
    func userNotificationCenter(_ center: UNUserNotificationCenter, didReceive response: UNNotificationResponse) async
}
open class UNUserNotificationCenter: NSObject, @unchecked Sendable {
    private static let one = UNUserNotificationCenter()
    public static func current() -> UNUserNotificationCenter { one }
    public weak var delegate: (any UNUserNotificationCenterDelegate)?
    public func setNotificationCategories(_ categories: Set<UNNotificationCategory>) {}
    public func requestAuthorization(options: UNAuthorizationOptions) async throws -> Bool { false }
    public func notificationSettings() async -> UNNotificationSettings { UNNotificationSettings() }
    public func removeAllDeliveredNotifications() {}
}
open class UNNotificationServiceExtension: NSObject {
    open func didReceive(
        _ request: UNNotificationRequest, withContentHandler contentHandler: @escaping (UNNotificationContent) -> Void
    ) {}
    open func serviceExtensionTimeWillExpire() {}
}
