import Foundation
import KlinkModels
import os

/// What Apple's service calls this phone, in hex, since the system said so after the app's start.
public final class PushToken: Sendable {
    private let token = OSAllocatedUnfairLock<String?>(uncheckedState: nil)

    public init() {}

    public func came(_ bytes: Data) { token.withLockUnchecked { $0 = bytes.map { String(format: "%02x", $0) }.joined() } }
    var text: String? { token.withLockUnchecked { $0 } }
}

extension Phone {
    mutating func wakeUp(relay: String?, token: PushToken) {
        self.relay = { relay }
        pushToken = { token.text }
        keptToken = { UserDefaults.standard.string(forKey: "push token") }
        keepToken = { UserDefaults.standard.set($0, forKey: "push token") }
    }
}
