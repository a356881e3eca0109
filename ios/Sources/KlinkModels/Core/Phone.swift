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
    public var copy: @Sendable (_ text: String, _ untilMs: Int64) -> Void
    /// Whether the phone has a screen lock: without one there is no approval key.
    public var hasScreenLock: @Sendable () -> Bool
    /// Whether biometrics are enrolled.
    public var hasBiometrics: @Sendable () -> Bool
    public var notifications: @Sendable () async -> Permission
    /// Asks once, at the moment the reason is on the screen; `true` when allowed.
    public var askForNotifications: @Sendable () async -> Bool
    public var camera: @Sendable () -> Permission
    public var askForCamera: @Sendable () async -> Bool
    /// The Web Push endpoint of this phone; none before the system and the relay gave one.
    public var pushEndpoint: @Sendable () async -> String?
    /// What the service is told: the phone's name, `ios 19.1`, `klink 0.1.0`.
    public var name: @Sendable () -> String
    public var system: @Sendable () -> String
    public var app: @Sendable () -> String
    /// A path in the app's own folder for temporary files, for a file that the user then puts elsewhere.
    public var temporaryFile: @Sendable (_ name: String) -> String
    public var removeFile: @Sendable (_ path: String) -> Void
    public var readSettings: @Sendable () -> Settings
    public var writeSettings: @Sendable (Settings) -> Void
    /// Opens the system's settings of this app.
    public var openSystemSettings: @Sendable () -> Void
    /// Opens the app's page in the store.
    public var openStore: @Sendable () -> Void

    public init(
        clock: Clock, copy: @escaping @Sendable (String, Int64) -> Void, hasScreenLock: @escaping @Sendable () -> Bool,
        hasBiometrics: @escaping @Sendable () -> Bool, notifications: @escaping @Sendable () async -> Permission,
        askForNotifications: @escaping @Sendable () async -> Bool, camera: @escaping @Sendable () -> Permission,
        askForCamera: @escaping @Sendable () async -> Bool, pushEndpoint: @escaping @Sendable () async -> String?,
        name: @escaping @Sendable () -> String, system: @escaping @Sendable () -> String,
        app: @escaping @Sendable () -> String, temporaryFile: @escaping @Sendable (String) -> String,
        removeFile: @escaping @Sendable (String) -> Void, readSettings: @escaping @Sendable () -> Settings,
        writeSettings: @escaping @Sendable (Settings) -> Void, openSystemSettings: @escaping @Sendable () -> Void,
        openStore: @escaping @Sendable () -> Void
    ) {
        self.clock = clock
        self.copy = copy
        self.hasScreenLock = hasScreenLock
        self.hasBiometrics = hasBiometrics
        self.notifications = notifications
        self.askForNotifications = askForNotifications
        self.camera = camera
        self.askForCamera = askForCamera
        self.pushEndpoint = pushEndpoint
        self.name = name
        self.system = system
        self.app = app
        self.temporaryFile = temporaryFile
        self.removeFile = removeFile
        self.readSettings = readSettings
        self.writeSettings = writeSettings
        self.openSystemSettings = openSystemSettings
        self.openStore = openStore
    }

    /// What a service is told of this phone.
    func info() async -> PhoneInfo {
        PhoneInfo(name: name(), os: system(), app: app(), pushEndpoint: await pushEndpoint())
    }
}

/// What the user set, none of it secret.
public struct Settings: Equatable, Codable, Sendable {
    /// How the list is sorted.
    public enum Sort: String, Codable, Sendable, CaseIterable { case own, name, lastUsed, mostUsed }

    /// When the vault locks by itself.
    public enum AutoLock: String, Codable, Sendable, CaseIterable { case atOnce, oneMinute, fiveMinutes, oneHour }

    public var sort = Sort.own
    public var autoLock = AutoLock.oneMinute
    public var tapToReveal = false
    public var showNextCode = true
    /// Added to this phone's clock for codes, in milliseconds.
    public var clockOffsetMs: Int64 = 0
    public var clearPasteboardAfterS = 60

    public init() {}

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
