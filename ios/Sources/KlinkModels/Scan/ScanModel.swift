import Foundation
import KlinkCore
import Observation

/// Camera, photo or paste: says what a code is, and adds what is an account.
@Observable @MainActor
public final class ScanModel: Screen, Going {
    public enum Phase: Equatable, Sendable, Failing {
        case looking
        /// An account, shown before it is added.
        case account(ScannedAccount)
        /// A part of an export; the others are still to be scanned.
        case migration(MigrationProgress)
        case adding
        case added(Added)
        /// Nothing that can be added, and what to do instead.
        case other(Sentence)
        case failed(Sentence)
    }

    public internal(set) var phase = Phase.looking
    public internal(set) var camera: Permission
    /// The PIN that an account needs.
    public var pin = ""
    public internal(set) var problem: Sentence?

    /// Frames go here from the camera's own queue.
    @ObservationIgnored public let scanner: Scanner

    public override init(core: CoreClient, phone: Phone, onward: Onward? = nil) {
        scanner = core.scanner()
        camera = phone.camera()
        super.init(core: core, phone: phone, onward: onward)
    }

    public func appeared() async {
        if camera == .notAsked { _ = await phone.askForCamera() }
        camera = phone.camera()
    }

    public var canAdd: Bool {
        guard case .account(let account) = phase else { return false }
        return !account.needsPin || !pin.isEmpty
    }

    /// What a frame of the camera held.
    public func codesSeen(_ codes: [ScannedCode]) async {
        guard takesMore, let first = codes.first else { return }
        await took(first.what)
    }

    public func picturePicked(_ bytes: Data) async {
        await go {
            let codes = try await scanner.takePicture(bytes)
            if codes.isEmpty { return .other(Sentence("scan.no_code")) }
            for code in codes where takesMore || codes.count == 1 { await took(code.what) }
            return phase
        }
    }

    public func textPasted(_ text: String) async { await took(scanner.takeText(text)) }

    /// A key that was typed is shown before it is added, like a scanned one; a slip is thrown, to be mended there.
    func keyTyped(_ key: EnteredKey) throws { phase = .account(try scanner.takeKey(key)) }

    public func addButtonTapped() async {
        guard canAdd, case .account(let account) = phase else { return }
        phase = .adding
        do {
            phase = .added(try await scanner.add(account.number, account.needsPin ? Data(pin.utf8) : nil))
            pin = ""
        } catch {
            problem = message(for: error)
            phase = .account(account)
        }
    }

    /// Takes the parts of an export that were seen, when no other is coming.
    public func importButtonTapped() async { await toImport() }

    public func againButtonTapped() {
        pin = ""
        problem = nil
        phase = .looking
    }

    private var takesMore: Bool {
        switch phase {
        case .looking, .migration, .other: true
        case .account, .adding, .added, .failed: false
        }
    }

    private func took(_ found: Scanned) async {
        switch found {
        case .account(let account): phase = .account(account)
        case .migration(let progress):
            phase = .migration(progress)
            if progress.missing.isEmpty { await toImport() }
        case .enrolment(_, let text):
            go {
                let enrol = try EnrolModel(text: text, from: self)
                onward?(.enrol(enrol))
                return phase
            }
        case .vendorPush(_, let hint): phase = .other(message(for: hint))
        case .pushMatch: phase = .other(Sentence("scan.push_match"))
        case .move(let text):
            let move = MoveModel(from: self)
            onward?(.move(move))
            await move.scanned(text)
        case .accountWithoutSecret: phase = .other(Sentence("scan.without_secret"))
        case .broken: phase = .other(Sentence("scan.broken"))
        case .passkey: phase = .other(Sentence("scan.passkey"))
        case .wifi: phase = .other(Sentence("scan.wifi"))
        case .contact: phase = .other(Sentence("scan.contact"))
        case .url: phase = .other(Sentence("scan.url"))
        case .otherLink: phase = .other(Sentence("scan.other_link"))
        case .plain: phase = .other(Sentence("scan.plain"))
        }
    }

    private func toImport() async {
        await go {
            let preview = try await scanner.preview()
            onward?(.importing(ImportModel(preview: preview, from: self)))
            return phase
        }
    }
}
