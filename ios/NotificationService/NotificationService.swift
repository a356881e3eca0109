import Foundation
import UIKit
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
        if let sealed = request.content.userInfo["wakeup"] as? String { try? Spool.leave(Data(sealed.utf8)) }
        serviceExtensionTimeWillExpire()
    }

    override func serviceExtensionTimeWillExpire() {
        show?()
        show = nil
    }
}

/// The folder between the extension and the app, as the core reads it: `<32 hex digits>.msg`, each written in one step.
enum Spool {
    static let most = 256

    static func leave(_ bytes: Data) throws {
        guard bytes.count <= 16 * 1024, let folder else { return }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let waiting = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".msg") }
        guard waiting.count < most else { return }
        let name = UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
        try bytes.write(to: folder.appendingPathComponent("\(name).msg"), options: .atomic)
    }

    private static var folder: URL? {
        guard let group = Bundle.main.object(forInfoDictionaryKey: "KlinkAppGroup") as? String else { return nil }
        return FileManager.default.containerURL(forSecurityApplicationGroupIdentifier: group)?.appendingPathComponent("spool")
    }
}
