import AuthenticationServices
import Foundation
import KlinkShared
import LocalAuthentication
import SwiftUI
import UIKit

/// Fills in a code where a site or an app asks for one: from a pack like the widget's, for the accounts that were chosen.
final class CodesController: ASCredentialProviderViewController {
    override func prepareOneTimeCodeCredentialList(for serviceIdentifiers: [ASCredentialServiceIdentifier]) {
        let hosts = serviceIdentifiers.map { URL(string: $0.identifier)?.host ?? $0.identifier }
        Task { await show(hosts) }
    }

    private func show(_ hosts: [String]) async {
        // The pack needs no way into the vault; the owner is asked all the same.
        let isOwner = try? await LAContext().evaluatePolicy(.deviceOwnerAuthentication, localizedReason: words("autofill.reason"))
        guard isOwner == true else { return cancel() }
        let list = CodesList(accounts: Pack.read("autofill")?.accounts(for: hosts) ?? []) { [weak self] code in
            guard let code else { self?.cancel(); return }
            self?.extensionContext.completeOneTimeCodeRequest(using: ASOneTimeCodeCredential(code: code), completionHandler: nil)
        }
        let inside = UIHostingController(rootView: list)
        addChild(inside)
        inside.view.frame = view.bounds
        inside.view.autoresizingMask = [.flexibleWidth, .flexibleHeight]
        view.addSubview(inside.view)
        inside.didMove(toParent: self)
    }

    private func cancel() { extensionContext.cancelRequest(withError: ASExtensionError(.userCanceled)) }
}

struct CodesList: View {
    let accounts: [Pack.Account]
    /// With the code of that moment; none when somebody gave up.
    let chosen: @MainActor (String?) -> Void

    var body: some View {
        NavigationStack {
            List {
                if good.isEmpty { Text(words("autofill.open")) }
                ForEach(good) { account in
                    Button { chosen(account.code(atMs: now)) } label: {
                        VStack(alignment: .leading) {
                            Text(verbatim: account.issuer).font(.headline)
                            Text(verbatim: account.accountName).font(.subheadline).foregroundStyle(.secondary)
                        }
                    }
                }
            }
            .toolbar { ToolbarItem(placement: .cancellationAction) { Button(words("autofill.cancel")) { chosen(nil) } } }
        }
    }

    private var now: Int64 { Int64(Date.now.timeIntervalSince1970 * 1000) }
    private var good: [Pack.Account] { accounts.filter { $0.code(atMs: now) != nil } }
}
