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
    public var frame = CGRect.zero
    public var autoresizingMask: AutoresizingMask = []
    public struct AutoresizingMask: OptionSet, Sendable {
        public let rawValue: UInt
        public init(rawValue: UInt) { self.rawValue = rawValue }
        public static let flexibleWidth = Self(rawValue: 2), flexibleHeight = Self(rawValue: 16)
    }
    open func layoutSubviews() {}
    public func addSubview(_ view: UIView) {}
}

open class UIWindow: UIView {}
@MainActor open class UIScene: NSObject {}
public final class UIWindowScene: UIScene {
    public var keyWindow: UIWindow? { nil }
}
public enum UIBackgroundRefreshStatus: Int, Sendable { case restricted, denied, available }

@MainActor open class UIViewController: NSObject {
    nonisolated public override init() {}
    public var view: UIView! { UIView() }
    open var extensionContext: NSExtensionContext? { nil }
    open func viewDidAppear(_ animated: Bool) {}
    public func addChild(_ child: UIViewController) {}
    public func didMove(toParent parent: UIViewController?) {}
    public func present(_ other: UIViewController, animated: Bool, completion: (() -> Void)? = nil) {}
}

public final class UIAlertController: UIViewController {
    public enum Style: Sendable { case actionSheet, alert }
    public init(title: String?, message: String?, preferredStyle: Style) {}
    public func addAction(_ action: UIAlertAction) {}
}

@MainActor public final class UIAlertAction: NSObject {
    public enum Style: Sendable { case `default`, cancel, destructive }
    public init(title: String?, style: Style, handler: (@MainActor (UIAlertAction) -> Void)? = nil) {}
}

open class UIImage: NSObject {
    /// Takes anything that is not empty for a picture.
    public init?(data: Data) { if data.isEmpty { return nil } }
    public func pngData() -> Data? { nil }
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
    public var connectedScenes: Set<UIScene> { [] }
    public var backgroundRefreshStatus: UIBackgroundRefreshStatus { .available }
}

@MainActor open class UIDevice: NSObject {
    public static let current = UIDevice()
    public var name: String { "" }
    public var systemVersion: String { "" }
}

@MainActor public protocol UIApplicationDelegate: NSObjectProtocol {
    func application(_ application: UIApplication, didRegisterForRemoteNotificationsWithDeviceToken deviceToken: Data)
}
extension UIApplicationDelegate {
    public func application(_ application: UIApplication, didRegisterForRemoteNotificationsWithDeviceToken deviceToken: Data) {}
}
