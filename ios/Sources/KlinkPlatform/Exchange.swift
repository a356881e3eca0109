import AuthenticationServices
import Foundation
import UIKit

/// Accounts that the system hands from app to app (iOS 26), as a file in its exchange format: only the core looks inside.
public enum Exchange {
    /// The activity with which the system opens the app that was chosen.
    public static var activity: String { if #available(iOS 26.0, *) { ASCredentialExchangeActivity } else { "none" } }
}

@available(iOS 26.0, *)
extension Exchange {
    struct File: Codable { let accounts: [ASImportableAccount] }

    /// Another app handed over: what it gave, for an import. None when the activity is not that.
    @MainActor public static func received(_ activity: NSUserActivity) async throws -> Data? {
        guard let token = activity.userInfo?[ASCredentialImportToken] as? UUID else { return nil }
        return try write(await ASCredentialImportManager().importCredentials(token: token).accounts)
    }

    /// Hands an export to an app that its owner chooses; the system asks which.
    @MainActor static func handOver(_ file: Data) async throws {
        let windows = UIApplication.shared.connectedScenes.compactMap { ($0 as? UIWindowScene)?.keyWindow }
        let manager = ASCredentialExportManager(presentationAnchor: windows.first ?? UIWindow())
        let options = try await manager.requestExport(for: nil)
        try await manager.exportCredentials(
            ASExportedCredentialData(
                accounts: try read(file), formatVersion: options.formatVersion,
                exporterRelyingPartyIdentifier: Bundle.main.bundleIdentifier ?? "", exporterDisplayName: "Klink", timestamp: .now))
    }

    static func read(_ file: Data) throws -> [ASImportableAccount] {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        return try decoder.decode(File.self, from: file).accounts
    }

    static func write(_ accounts: [ASImportableAccount]) throws -> Data {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .secondsSince1970
        return try encoder.encode(File(accounts: accounts))
    }
}
