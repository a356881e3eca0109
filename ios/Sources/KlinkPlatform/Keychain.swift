import Foundation
import KlinkCore
import LocalAuthentication
import Security

/// The Keychain's generic passwords, all of this device only: nothing of them is in a backup or on another phone.
struct Keychain: Sendable {
    let service: String

    /// What a record asks of a person before it is given.
    func put(_ account: String, _ value: Data, _ presence: Presence) throws {
        var attributes = query(account)
        attributes[kSecValueData as String] = value
        if let flags = Self.flags(presence) {
            attributes[kSecAttrAccessControl as String] = try Self.control(flags, kSecAttrAccessibleWhenUnlockedThisDeviceOnly)
        } else {
            attributes[kSecAttrAccessible as String] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
        }
        // What guards a record cannot be changed with its value: it is made anew.
        try check(SecItemDelete(query(account) as CFDictionary), alsoFine: errSecItemNotFound)
        try check(SecItemAdd(attributes as CFDictionary, nil))
    }

    /// Puts a value in a record's place in one step, so that there is never none.
    func replace(_ account: String, _ value: Data) throws {
        let change = [kSecValueData as String: value]
        let status = SecItemUpdate(query(account) as CFDictionary, change as CFDictionary)
        if status == errSecItemNotFound { return try put(account, value, .none) }
        try check(status)
    }

    func get(_ account: String, _ context: LAContext? = nil) throws -> Data? {
        var asked = query(account)
        asked[kSecReturnData as String] = true
        if let context { asked[kSecUseAuthenticationContext as String] = context }
        var found: CFTypeRef?
        let status = SecItemCopyMatching(asked as CFDictionary, &found)
        if status == errSecItemNotFound { return nil }
        try check(status)
        return found as? Data
    }

    func delete(_ account: String) throws {
        try check(SecItemDelete(query(account) as CFDictionary), alsoFine: errSecItemNotFound)
    }

    /// The names of all records.
    func accounts() throws -> [String] {
        var asked = query(nil)
        asked[kSecMatchLimit as String] = kSecMatchLimitAll
        asked[kSecReturnAttributes as String] = true
        var found: CFTypeRef?
        let status = SecItemCopyMatching(asked as CFDictionary, &found)
        if status == errSecItemNotFound { return [] }
        try check(status)
        return (found as? [[String: Any]] ?? []).compactMap { $0[kSecAttrAccount as String] as? String }
    }

    private func query(_ account: String?) -> [String: Any] {
        var query: [String: Any] = [
            kSecClass as String: kSecClassGenericPassword, kSecAttrService as String: service,
            kSecUseDataProtectionKeychain as String: true,
        ]
        query[kSecAttrAccount as String] = account
        return query
    }

    /// Nothing where nobody is asked.
    static func flags(_ presence: Presence) -> SecAccessControlCreateFlags? {
        switch presence {
        case .none: nil
        case .eachUse: .userPresence
        case .biometrics: .biometryCurrentSet
        }
    }

    static func control(_ flags: SecAccessControlCreateFlags, _ accessible: CFString) throws -> SecAccessControl {
        guard let control = SecAccessControlCreateWithFlags(nil, accessible, flags, nil) else {
            throw KeyStoreError.HardwareFault
        }
        return control
    }
}

/// Throws the one of the six errors that a status is.
func check(_ status: OSStatus, alsoFine: OSStatus = errSecSuccess) throws {
    switch status {
    case errSecSuccess, alsoFine: return
    case errSecUserCanceled: throw KeyStoreError.Cancelled
    case errSecAuthFailed: throw KeyStoreError.LockedOut
    case errSecItemNotFound: throw KeyStoreError.Missing
    // The phone is locked, or has not been unlocked since it started.
    case errSecInteractionNotAllowed, errSecNotAvailable: throw KeyStoreError.Unavailable
    default: throw KeyStoreError.HardwareFault
    }
}
