// What the extensions use of CryptoKit, on the machine's own OpenSSL, so that a pack of the core's is opened in tests.
import Foundation
import Glibc

public struct SymmetricKey: Sendable {
    let bytes: [UInt8]
    public init<D: ContiguousBytes>(data: D) { bytes = data.withUnsafeBytes { Array($0) } }
}

public enum CryptoKitError: Error { case incorrectParameterSize, authenticationFailure, underlyingCoreCryptoError(error: Int32) }

public enum ChaChaPoly {
    public struct SealedBox: Sendable {
        let combined: [UInt8]
        /// A nonce of 12 bytes, what is sealed, and a tag of 16.
        public init<D: DataProtocol>(combined: D) throws {
            guard combined.count >= 28 else { throw CryptoKitError.incorrectParameterSize }
            self.combined = Array(combined)
        }
    }

    /// The stand-in's own: whether this machine has a library that can.
    public static var isHere: Bool { library != nil }
    nonisolated(unsafe) private static let library = dlopen("libcrypto.so.3", RTLD_NOW)

    private typealias Pointer = UnsafeMutableRawPointer
    private typealias Bytes = UnsafePointer<UInt8>
    private typealias Make = @convention(c) () -> Pointer?
    private typealias Drop = @convention(c) (Pointer?) -> Void
    private typealias Begin = @convention(c) (Pointer?, Pointer?, Pointer?, Bytes?, Bytes?) -> Int32
    private typealias Update = @convention(c) (Pointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int32>?, Bytes?, Int32) -> Int32
    private typealias Control = @convention(c) (Pointer?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32
    private typealias End = @convention(c) (Pointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int32>?) -> Int32

    private static func call<T>(_ name: String, _ type: T.Type) -> T { unsafeBitCast(dlsym(library, name), to: type) }

    public static func open<AD: DataProtocol>(_ box: SealedBox, using key: SymmetricKey, authenticating aad: AD) throws -> Data {
        guard isHere else { throw CryptoKitError.underlyingCoreCryptoError(error: 0) }
        let context = call("EVP_CIPHER_CTX_new", Make.self)()
        defer { call("EVP_CIPHER_CTX_free", Drop.self)(context) }
        let nonce = Array(box.combined.prefix(12)), sealed = Array(box.combined.dropFirst(12).dropLast(16)), aad = Array(aad)
        var tag = Array(box.combined.suffix(16)), plain = [UInt8](repeating: 0, count: sealed.count + 16), length: Int32 = 0, rest: Int32 = 0
        let update = call("EVP_DecryptUpdate", Update.self)
        let cipher = call("EVP_chacha20_poly1305", Make.self)()
        let done = key.bytes.count == 32
            && call("EVP_DecryptInit_ex", Begin.self)(context, cipher, nil, key.bytes, nonce) == 1
            && update(context, nil, &length, aad, Int32(aad.count)) == 1
            && update(context, &plain, &length, sealed, Int32(sealed.count)) == 1
            && call("EVP_CIPHER_CTX_ctrl", Control.self)(context, 0x11, 16, &tag) == 1
            && call("EVP_DecryptFinal_ex", End.self)(context, nil, &rest) == 1
        guard done else { throw CryptoKitError.authenticationFailure }
        return Data(plain.prefix(Int(length)))
    }
}
