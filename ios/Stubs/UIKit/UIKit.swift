// What the adapters use of UIKit. Nothing is drawn: it compiles.
import Foundation

open class CALayer: NSObject {
    public var frame = CGRect.zero
    public func addSublayer(_ layer: CALayer) {}
}

@MainActor open class UIView: NSObject {
    nonisolated public override init() {}
    public var layer: CALayer { CALayer() }
    public var bounds: CGRect { .zero }
    open func layoutSubviews() {}
}

open class UIPasteboard: NSObject {
    public struct OptionsKey: Hashable, Sendable {
        let name: String
        public static let localOnly = Self(name: "localOnly")
        public static let expirationDate = Self(name: "expirationDate")
    }
    nonisolated(unsafe) public static let general = UIPasteboard()
    public func setItems(_ items: [[String: Any]], options: [OptionsKey: Any]) {}
}

@MainActor open class UIApplication: NSObject {
    public static let shared = UIApplication()
    public static let openSettingsURLString = "app-settings:"
    public func open(_ url: URL) async -> Bool { false }
    public func registerForRemoteNotifications() {}
}

@MainActor open class UIDevice: NSObject {
    public static let current = UIDevice()
    public var name: String { "" }
    public var systemVersion: String { "" }
}

@MainActor public protocol UIApplicationDelegate: NSObjectProtocol {}

extension FileManager {
    public func containerURL(forSecurityApplicationGroupIdentifier group: String) -> URL? { nil }
}
