// A stand-in for the part of Accessibility that Klink uses.
import Foundation

/// What is said aloud, whatever has the focus. The stand-in keeps what was posted.
public enum AccessibilityNotification {
    public struct Announcement: Sendable {
        let text: String
        public init(_ announcement: String) { text = announcement }
        @MainActor public func post() { AccessibilityNotification._posted.append(text) }
    }
    @MainActor public static var _posted: [String] = []
}
