import Foundation
import KlinkCore
import Observation

/// What kind of account is added: work or school, personal by QR code, or a key that is typed.
@Observable @MainActor
public final class AddModel: Screen {
    public enum Phase: Equatable, Sendable {
        case choosing
        /// The page's link as text, or host and code, for who cannot scan.
        case workCode
        case opening
        /// A key that a page shows as text.
        case key
    }

    public internal(set) var phase = Phase.choosing
    /// Why what was typed was not taken; shown where the user is.
    public internal(set) var problem: Sentence?
    public var host = ""
    public var code = ""
    public var issuer = ""
    public var accountName = ""
    public var secret = ""
    /// Under "More": what is left empty is as nearly every page has it.
    public var isMore = false
    public var kind = AccountKind.totp
    public var algorithm: Algorithm?
    public var digits = ""
    public var period = ""
    public var counter = ""

    /// The camera, for both kinds.
    public func scanButtonTapped() { onward?(.scan(ScanModel(from: self))) }
    public func keyButtonTapped() { phase = .key }
    public func cannotScanButtonTapped() { phase = .workCode }

    public func backButtonTapped() {
        problem = nil
        phase = .choosing
    }

    public var canOpen: Bool { !host.isEmpty && !code.isEmpty && phase == .workCode }

    public func openButtonTapped() async {
        guard canOpen else { return }
        problem = nil
        phase = .opening
        do {
            let offer = try await core.offerByCode(host, code)
            onward?(.enrol(EnrolModel(offer: offer, core: core, phone: phone, onward: onward)))
        } catch {
            problem = message(for: error)
        }
        phase = .workCode
    }

    /// Whether the core takes a key of this kind with a choice of the hash.
    public var hasAlgorithm: Bool { kind == .totp || kind == .hotp }
    public var canGoOn: Bool { !secret.isEmpty && phase == .key }

    /// A typed key is shown before it is added, like a scanned one.
    public func keyNextButtonTapped() async {
        guard canGoOn else { return }
        problem = nil
        let key = EnteredKey(
            issuer: issuer, accountName: accountName, secret: secret, kind: kind, algorithm: hasAlgorithm ? algorithm : nil,
            digits: Int32(digits), periodS: Int32(period), counter: counter.isEmpty ? nil : counter, pin: nil)
        do {
            let scan = ScanModel(from: self)
            try scan.keyTyped(key)
            secret = ""
            onward?(.scan(scan))
        } catch {
            problem = message(for: error)
        }
    }
}
