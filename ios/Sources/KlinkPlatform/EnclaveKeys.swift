import Foundation
import KlinkCore
import LocalAuthentication
import Security
import os

/// The device's keys: P-256 in the Secure Enclave, secrets in the Keychain. Prompts are worded by what a key is used for.
public final class EnclaveKeys: DeviceKeys {
    private let secrets = Keychain(service: "app.klink.slots")
    /// The prompts that are open, by what they were opened for.
    private let prompts = OSAllocatedUnfairLock<[String: LAContext]>(uncheckedState: [:])
    private let reason: @Sendable (Purpose) -> String

    public init(reason: @escaping @Sendable (Purpose) -> String) { self.reason = reason }

    public func kinds() -> [KeyKind] { [.p256, .rsa2048] }

    public func make(alias: String, kind: KeyKind, presence: Presence, challenge: Data?) throws -> MadeKey {
        try delete(alias: alias)
        var key: [String: Any] = [kSecAttrIsPermanent as String: true, kSecAttrApplicationTag as String: Data(alias.utf8)]
        var made: [String: Any] = [kSecUseDataProtectionKeychain as String: true]
        switch kind {
        case .p256:
            made[kSecAttrKeyType as String] = kSecAttrKeyTypeECSECPrimeRandom
            made[kSecAttrKeySizeInBits as String] = 256
            made[kSecAttrTokenID as String] = kSecAttrTokenIDSecureEnclave
            let flags: SecAccessControlCreateFlags = [.privateKeyUsage]
            key[kSecAttrAccessControl as String] = try Keychain.control(
                Keychain.flags(presence).map { flags.union($0) } ?? flags, accessible(presence))
        case .rsa2048:
            // The Secure Enclave has no RSA: the Keychain keeps it, for servers that know nothing newer.
            made[kSecAttrKeyType as String] = kSecAttrKeyTypeRSA
            made[kSecAttrKeySizeInBits as String] = 2048
            if let flags = Keychain.flags(presence) {
                key[kSecAttrAccessControl as String] = try Keychain.control(flags, accessible(presence))
            } else {
                key[kSecAttrAccessible as String] = accessible(presence)
            }
        }
        made[kSecPrivateKeyAttrs as String] = key
        guard let secret = SecKeyCreateRandomKey(made as CFDictionary, nil), let open = SecKeyCopyPublicKey(secret),
            let bytes = SecKeyCopyExternalRepresentation(open, nil) as Data?
        else { throw KeyStoreError.HardwareFault }
        return MadeKey(spki: kind.spkiHead + bytes, hardware: kind == .p256, attestation: nil)
    }

    public func sign(alias: String, message: Data, purpose: Purpose) throws -> Data {
        try prompting(alias, purpose) { context in
            var found: CFTypeRef?
            let query: [String: Any] = [
                kSecClass as String: kSecClassKey, kSecAttrApplicationTag as String: Data(alias.utf8),
                kSecReturnRef as String: true, kSecReturnAttributes as String: true,
                kSecUseAuthenticationContext as String: context, kSecUseDataProtectionKeychain as String: true,
            ]
            try check(SecItemCopyMatching(query as CFDictionary, &found))
            guard let item = found as? [String: Any], let reference = item["v_Ref"] else { throw KeyStoreError.Missing }
            let key = reference as! SecKey
            let isRsa = "\(item[kSecAttrKeyType as String] ?? "")" == "\(kSecAttrKeyTypeRSA)"
            let algorithm: SecKeyAlgorithm = isRsa ? .rsaSignatureMessagePKCS1v15SHA256 : .ecdsaSignatureMessageX962SHA256
            var error: Unmanaged<CFError>?
            guard let signature = SecKeyCreateSignature(key, algorithm, message as CFData, &error) as Data? else {
                throw error.map { Self.trouble(CFErrorGetCode($0.takeRetainedValue())) } ?? .HardwareFault
            }
            return signature
        }
    }

    public func put(slot: String, secret: Data, presence: Presence) throws { try secrets.put(slot, secret, presence) }

    public func get(slot: String, purpose: Purpose) throws -> Data {
        try prompting(slot, purpose) { context in
            // A record whose biometrics were enrolled anew is gone for the Keychain.
            guard let secret = try secrets.get(slot, context) else { throw KeyStoreError.Missing }
            return secret
        }
    }

    public func delete(alias: String) throws {
        try secrets.delete(alias)
        let query: [String: Any] = [
            kSecClass as String: kSecClassKey, kSecAttrApplicationTag as String: Data(alias.utf8),
            kSecUseDataProtectionKeychain as String: true,
        ]
        try check(SecItemDelete(query as CFDictionary), alsoFine: errSecItemNotFound)
    }

    public func cancel(alias: String) { prompts.withLockUnchecked { $0[alias]?.invalidate() } }

    private func accessible(_ presence: Presence) -> CFString {
        switch presence {
        // Polling and denying work from the lock screen.
        case .none: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
        case .eachUse, .biometrics: kSecAttrAccessibleWhenUnlockedThisDeviceOnly
        }
    }

    private func prompting(_ alias: String, _ purpose: Purpose, _ body: (LAContext) throws -> Data) throws -> Data {
        let context = LAContext()
        context.localizedReason = reason(purpose)
        context.touchIDAuthenticationAllowableReuseDuration = 0
        prompts.withLockUnchecked { $0[alias] = context }
        defer { prompts.withLockUnchecked { $0[alias] = nil } }
        return try body(context)
    }

    /// Says which of the six a failed signature is.
    private static func trouble(_ code: Int) -> KeyStoreError {
        switch LAError.Code(rawValue: code) {
        case .userCancel, .userFallback, .systemCancel, .appCancel, .invalidContext: .Cancelled
        case .biometryLockout, .authenticationFailed: .LockedOut
        case .passcodeNotSet, .biometryNotEnrolled: .Invalidated
        case .biometryNotAvailable: .Unavailable
        case nil: .HardwareFault
        @unknown default: .HardwareFault
        }
    }
}

extension KeyKind {
    /// What stands before a public key as Apple gives it, so that the whole is a SubjectPublicKeyInfo (RFC 5280): an
    /// uncompressed point of 65 bytes (RFC 5480), a key of 2,048 bits in 270 bytes (RFC 3279).
    var spkiHead: Data {
        switch self {
        case .p256:
            Data([
                0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
                0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
            ])
        case .rsa2048:
            Data([
                0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
                0x03, 0x82, 0x01, 0x0f, 0x00,
            ])
        }
    }
}
