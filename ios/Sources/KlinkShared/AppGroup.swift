import Foundation
import Security

/// The folder that the app and its extensions share.
public enum AppGroup {
    /// As it stands in the information of the app and of each extension.
    public static let name = Bundle.main.object(forInfoDictionaryKey: "KlinkAppGroup") as? String ?? ""

    public static func file(_ name: String) -> URL? {
        FileManager.default.containerURL(forSecurityApplicationGroupIdentifier: Self.name)?.appendingPathComponent(name)
    }
}

/// The key of the packs, in the Keychain, where the app's extensions reach it; it opens packs and nothing else.
public enum SharedKey {
    public static func keep(_ key: Data) {
        let change = [kSecValueData as String: key]
        if SecItemUpdate(query as CFDictionary, change as CFDictionary) == errSecItemNotFound {
            var attributes = query
            attributes[kSecValueData as String] = key
            attributes[kSecAttrAccessible as String] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
            // A phone that refuses has no codes in its widget until the next time.
            _ = SecItemAdd(attributes as CFDictionary, nil)
        }
    }

    static func read() -> Data? {
        var asked = query
        asked[kSecReturnData as String] = true
        var found: CFTypeRef?
        return SecItemCopyMatching(asked as CFDictionary, &found) == errSecSuccess ? found as? Data : nil
    }

    /// An app group is a group of the Keychain too.
    private static var query: [String: Any] {
        [
            kSecClass as String: kSecClassGenericPassword, kSecAttrService as String: "app.klink.packs",
            kSecAttrAccount as String: "key", kSecAttrAccessGroup as String: AppGroup.name,
            kSecUseDataProtectionKeychain as String: true,
        ]
    }
}

/// The words of an extension's own catalogue, in the language of the system.
public func words(_ key: String) -> String { Bundle.main.localizedString(forKey: key, value: nil, table: nil) }
