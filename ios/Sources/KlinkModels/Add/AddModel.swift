import KlinkCore
import Observation

/// What kind of account is added: work or school, personal by QR code, or a key that is typed.
@Observable @MainActor
public final class AddModel {
    public enum Phase: Equatable, Sendable {
        case choosing
        /// The page's link as text, or host and code, for who cannot scan.
        case workCode
        case opening
        case failed(Sentence)
    }

    public internal(set) var phase = Phase.choosing
    public var host = ""
    public var code = ""

    /// The camera, for both kinds.
    @ObservationIgnored public var onScan: (ScanModel) -> Void = { _ in }
    @ObservationIgnored public var onEnrol: (EnrolModel) -> Void = { _ in }
    @ObservationIgnored public var onClosed: () -> Void = {}
    private let core: CoreClient
    private let phone: Phone

    public init(core: CoreClient, phone: Phone) {
        self.core = core
        self.phone = phone
    }

    public func workButtonTapped() { onScan(ScanModel(core: core, phone: phone)) }
    public func personalButtonTapped() { onScan(ScanModel(core: core, phone: phone)) }
    public func cannotScanButtonTapped() { phase = .workCode }
    public func backButtonTapped() { phase = .choosing }
    public func closeButtonTapped() { onClosed() }

    public var canOpen: Bool { !host.isEmpty && !code.isEmpty && phase != .opening }

    public func openButtonTapped() async {
        guard canOpen else { return }
        phase = .opening
        do {
            onEnrol(EnrolModel(offer: try await core.offerByCode(host, code), core: core, phone: phone))
            phase = .workCode
        } catch {
            phase = .failed(message(for: error))
        }
    }
}
