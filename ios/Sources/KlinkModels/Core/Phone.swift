import Foundation
import KlinkCore

/// This phone's clocks, in milliseconds.
public struct Clock: Sendable {
    /// Since 1970.
    public var nowMs: @Sendable () -> Int64
    /// Since the phone was started, sleep included.
    public var bootMs: @Sendable () -> Int64
    /// Waits until that moment of `nowMs`, or until its task is cancelled.
    public var sleep: @Sendable (_ untilMs: Int64) async -> Void

    public init(
        nowMs: @escaping @Sendable () -> Int64, bootMs: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (Int64) async -> Void
    ) {
        self.nowMs = nowMs
        self.bootMs = bootMs
        self.sleep = sleep
    }
}

/// What the platform does for the app, as closures: `KlinkPlatform` has the real ones.
public struct Phone: Sendable {
    public var clock: Clock
    /// Puts a text on this phone's pasteboard alone; it is gone at `untilMs`.
    public var copy: @Sendable (_ text: String, _ untilMs: Int64) -> Void = { _, _ in }
    /// Whether the phone has a screen lock: without one there is no approval key.
    public var hasScreenLock: @Sendable () -> Bool = { true }
    /// Whether biometrics are enrolled.
    public var hasBiometrics: @Sendable () -> Bool = { true }
    public var notifications: @Sendable () async -> Permission = { .granted }
    /// Asks once, at the moment the reason is on the screen; `true` when allowed.
    public var askForNotifications: @Sendable () async -> Bool = { true }
    public var camera: @Sendable () -> Permission = { .granted }
    public var askForCamera: @Sendable () async -> Bool = { true }
    /// Whether the system lets the app work while nobody looks at it.
    public var backgroundRefresh: @Sendable () async -> Permission = { .granted }
    /// The publisher's relay, which wakes phones for services; none in an app that is not woken.
    public var relay: @Sendable () -> String? = { nil }
    /// What the system calls this phone for pushes; none before it said so.
    public var pushToken: @Sendable () -> String? = { nil }
    /// The relay and the token that every service was told an address for.
    public var keptToken: @Sendable () -> String? = { nil }
    public var keepToken: @Sendable (String) -> Void = { _ in }
    /// What the service is told: the phone's name, `ios 19.1`, `klink 0.1.0`.
    public var name: @Sendable () -> String = { "iPhone" }
    public var system: @Sendable () -> String = { "ios" }
    public var app: @Sendable () -> String = { "klink" }
    /// A path in the app's own folder for temporary files, for a file that the user then puts elsewhere.
    public var temporaryFile: @Sendable (_ name: String) -> String = { $0 }
    public var writeFile: @Sendable (_ path: String, Data) throws -> Void = { _, _ in }
    public var removeFile: @Sendable (_ path: String) -> Void = { _ in }
    /// The folder that the user chose for backups, and what keeps it after the app is closed.
    public var backupFolder: @Sendable () -> (any BackupFolder)? = { nil }
    public var keepBackupFolder: @Sendable (URL) throws -> Void = { _ in }
    /// The folder in which the notification extension leaves what came.
    public var spoolFolder: @Sendable () -> String? = { nil }
    /// Where a pack of codes for an extension lies, by its name: `widget`, `autofill`.
    public var packFile: @Sendable (_ name: String) -> String? = { _ in nil }
    /// Keeps the key of packs where the extensions reach it.
    public var keepPackKey: @Sendable (Data) -> Void = { _ in }
    /// Hands an exchange file to another app by the system's own sheet, where the system has one.
    public var canHandOver = false
    public var handOver: @Sendable (Data) async throws -> Void = { _ in }
    /// Has the extensions read their packs anew.
    public var packsChanged: @Sendable () -> Void = {}
    public var readSettings: @Sendable () -> Settings = { Settings() }
    public var writeSettings: @Sendable (Settings) -> Void = { _ in }
    /// Opens the system's settings of this app.
    public var openSystemSettings: @Sendable () -> Void = {}
    /// Opens the app's page in the store.
    public var openStore: @Sendable () -> Void = {}

    /// A phone that has everything and does nothing.
    public init(clock: Clock) { self.clock = clock }

    /// What a service is told of this phone.
    func info(_ pushEndpoint: String?) -> PhoneInfo {
        PhoneInfo(name: name(), os: system(), app: app(), pushEndpoint: pushEndpoint)
    }
}

/// What the user set, none of it secret.
public struct Settings: Equatable, Codable, Sendable {
    /// How the list is sorted.
    public enum Sort: String, Codable, Sendable, CaseIterable {
        case own, name, lastUsed, mostUsed

        /// As the core takes it.
        var order: ListOrder {
            switch self {
            case .own: .own
            case .name: .name
            case .lastUsed: .lastUsed
            case .mostUsed: .mostUsed
            }
        }
    }

    /// When the vault locks by itself.
    public enum AutoLock: String, Codable, Sendable, CaseIterable { case atOnce, oneMinute, fiveMinutes, oneHour }

    public var sort = Sort.own
    public var autoLock = AutoLock.oneMinute
    public var tapToReveal = false
    public var showNextCode = true
    /// Added to this phone's clock for codes, in milliseconds.
    public var clockOffsetMs: Int64 = 0
    public var clearPasteboardAfterS = 60
    /// The accounts whose codes the widget and AutoFill have, the most wanted first.
    public var widgetAccounts: [String] = []

    public init() {}

    /// What an earlier version of the app did not write stays as it is.
    public init(from decoder: any Decoder) throws {
        let kept = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, _ into: inout Value) { (try? kept.decode(Value.self, forKey: key)).map { into = $0 } }
        read(.sort, &sort)
        read(.autoLock, &autoLock)
        read(.tapToReveal, &tapToReveal)
        read(.showNextCode, &showNextCode)
        read(.clockOffsetMs, &clockOffsetMs)
        read(.clearPasteboardAfterS, &clearPasteboardAfterS)
        read(.widgetAccounts, &widgetAccounts)
    }

    /// As the core takes it.
    public var limits: LockLimits {
        let background: Int64 =
            switch autoLock {
            case .atOnce: 0
            case .oneMinute: 60_000
            case .fiveMinutes: 300_000
            case .oneHour: 3_600_000
            }
        return LockLimits(backgroundMs: background, idleMs: 300_000, screenOff: true)
    }
}
