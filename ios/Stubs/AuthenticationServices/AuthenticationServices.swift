// What AutoFill and credential exchange use of AuthenticationServices. Nothing is filled in or handed over: it compiles.
@_exported import Foundation
import UIKit

public struct ASCredentialServiceIdentifier: Sendable {
    public let identifier: String
}

public final class ASOneTimeCodeCredential: NSObject {
    public let code: String
    public init(code: String) { self.code = code }
}

public struct ASExtensionError: Error {
    public enum Code: Int, Sendable { case failed = 0, userCanceled = 1, userInteractionRequired = 100, credentialIdentityNotFound = 101 }
    public init(_ code: Code) {}
}

open class ASCredentialProviderExtensionContext: NSExtensionContext {
    public func completeOneTimeCodeRequest(using credential: ASOneTimeCodeCredential, completionHandler: ((Bool) -> Void)?) {}
}

@MainActor open class ASCredentialProviderViewController: UIViewController {
    public override var extensionContext: ASCredentialProviderExtensionContext { ASCredentialProviderExtensionContext() }
    open func prepareOneTimeCodeCredentialList(for serviceIdentifiers: [ASCredentialServiceIdentifier]) {}
}

public typealias ASPresentationAnchor = UIWindow
public let ASCredentialExchangeActivity = "ASCredentialExchangeActivityType"
public let ASCredentialImportToken = "ASCredentialImportToken"

/// Apple's has its members; the stand-in keeps an account of the exchange format as it stands in the file.
public struct ASImportableAccount: Codable, Hashable, Sendable {
    let members: [String: Value]
    public init(from decoder: any Decoder) throws { members = try .init(from: decoder) }
    public func encode(to encoder: any Encoder) throws { try members.encode(to: encoder) }

    enum Value: Codable, Hashable, Sendable {
        case text(String), flag(Bool), number(Int64), list([Value]), members([String: Value])

        init(from decoder: any Decoder) throws {
            let one = try decoder.singleValueContainer()
            if let flag = try? one.decode(Bool.self) {
                self = .flag(flag)
            } else if let number = try? one.decode(Int64.self) {
                self = .number(number)
            } else if let text = try? one.decode(String.self) {
                self = .text(text)
            } else if let list = try? one.decode([Value].self) {
                self = .list(list)
            } else {
                self = .members(try one.decode([String: Value].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var one = encoder.singleValueContainer()
            switch self {
            case .text(let text): try one.encode(text)
            case .flag(let flag): try one.encode(flag)
            case .number(let number): try one.encode(number)
            case .list(let list): try one.encode(list)
            case .members(let members): try one.encode(members)
            }
        }
    }
}

public struct ASExportedCredentialData: Sendable {
    public enum FormatVersion: Sendable { case v1 }
    public let accounts: [ASImportableAccount], formatVersion: FormatVersion
    public init(
        accounts: [ASImportableAccount], formatVersion: FormatVersion, exporterRelyingPartyIdentifier: String,
        exporterDisplayName: String, timestamp: Date
    ) {
        (self.accounts, self.formatVersion) = (accounts, formatVersion)
    }
}

public final class ASCredentialImportManager {
    public init() {}
    public func importCredentials(token: UUID) async throws -> ASExportedCredentialData { throw ASExtensionError(.failed) }
}

@MainActor public final class ASCredentialExportManager {
    public struct ExportOptions: Sendable { public let formatVersion: ASExportedCredentialData.FormatVersion }
    public init(presentationAnchor: ASPresentationAnchor) {}
    public func requestExport(for extensionBundleIdentifier: String? = nil) async throws -> ExportOptions { throw ASExtensionError(.failed) }
    public func exportCredentials(_ credentialData: ASExportedCredentialData) async throws {}
}
