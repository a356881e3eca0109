import Foundation
import KlinkCore
import Observation

/// Accounts to the user's other phone, and from it: codes or a sealed file there, six digits back.
@Observable @MainActor
public final class MoveModel: Screen, Asking {
    public enum Phase: Equatable, Sendable, Unlocking {
        case loading
        /// To the other phone, or from it.
        case choosing
        /// Its owner confirms first; `unlocking` has the screen.
        case unlocking
        case working
        /// The old phone shows its codes, and waits for the six digits.
        case sending(Outgoing)
        /// A sealed file for the system's exporter; the code that opens it is shown afterwards.
        case written(Outgoing, path: String)
        /// What the six digits said.
        case handed(Handed)
        /// The new phone takes codes, or the file.
        case receiving(Incoming)
        /// Everything is here: how it stands to what this phone has.
        case compared(Comparison)
        /// Six digits for the old phone, and what is to be enrolled again.
        case received(Received)
        case failed(Sentence)
    }

    public internal(set) var phase = Phase.loading
    public internal(set) var unlocking: UnlockModel?
    /// A move from this phone was begun and not ended.
    public internal(set) var isUnderWay = false
    public var receipt = ""
    /// Why what was typed or scanned was not taken; shown where the user is.
    public internal(set) var problem: Sentence?
    /// Which of the codes is shown.
    public var place = 0
    /// Frames go here from the camera's own queue.
    @ObservationIgnored public private(set) lazy var scanner = core.scanner()
    /// The camera sees the same code many times.
    private var seen: Set<String> = []

    public func appeared() async {
        guard phase == .loading else { return }
        await go {
            isUnderWay = try await core.isSending()
            return .choosing
        }
    }

    /// Begins a move to another phone, or goes on with the one that is under way.
    public func sendButtonTapped(_ way: MoveWay) async {
        await ask(.confirm) { [weak self] _ in await self?.send(way) }
    }

    public func goOnButtonTapped() async { await sendButtonTapped(.codes) }

    /// The exporter of the sealed file is gone; without the file the code opens nothing, so it may be written again.
    public func exporterClosed() {
        guard case .written(let outgoing, let path) = phase else { return }
        phone.removeFile(path)
        phase = .sending(outgoing)
    }

    public func fileAgainButtonTapped() {
        if case .sending(let outgoing) = phase { go { try shown(outgoing) } }
    }

    public var canHandOver: Bool { receipt.count == 6 }

    public func receiptButtonTapped() async {
        guard case .sending(let outgoing) = phase, canHandOver else { return }
        problem = nil
        await go(.working) {
            guard let handed = try await core.handedOver(receipt) else {
                problem = Sentence("move.wrong_receipt")
                return .sending(outgoing)
            }
            return .handed(handed)
        }
        receipt = ""
    }

    public func receiveButtonTapped() async {
        if phone.camera() == .notAsked { _ = await phone.askForCamera() }
        await go(.working) { try await arrived(try await core.incoming()) }
    }

    /// What a frame of the camera held.
    public func codesSeen(_ codes: [ScannedCode]) async {
        for code in codes { if case .move(let text) = code.what, seen.insert(text).inserted { await codeTaken(text) } }
    }

    public func picturePicked(_ bytes: Data) async {
        do { await codesSeen(try await scanner.takePicture(bytes)) } catch { problem = message(for: error) }
    }

    public func textPasted(_ text: String) async { await codeTaken(text) }

    /// A code of a move that was seen elsewhere.
    func scanned(_ text: String) async {
        await appeared()
        await receiveButtonTapped()
        await codeTaken(text)
    }

    public func fileChosen(_ url: URL) async { await take { try await core.takeMoveFile(try bytes(of: url)) } }

    public func takeOverButtonTapped() async {
        guard case .compared = phase else { return }
        await go(.working) { .received(try await core.receiveAccounts()) }
    }

    /// The old phone said the same: the move is forgotten here.
    public func doneButtonTapped() async {
        await go(.working) {
            try await core.stopReceiving()
            onward?(nil)
            return .choosing
        }
    }

    /// Gives the move up, on whichever side; accounts that were taken over stay.
    public func stopButtonTapped() async {
        (receipt, problem, place, seen) = ("", nil, 0, [])
        await go(.working) {
            try await core.stopSending()
            try await core.stopReceiving()
            isUnderWay = false
            return .choosing
        }
    }

    private func send(_ way: MoveWay) async {
        await go(.working) {
            let kept = isUnderWay ? try await core.sending() : nil
            let outgoing: Outgoing
            if let kept { outgoing = kept } else { outgoing = try await core.sendAccounts(way) }
            isUnderWay = true
            return try shown(outgoing)
        }
    }

    private func shown(_ outgoing: Outgoing) throws -> Phase {
        guard let file = outgoing.file else { return .sending(outgoing) }
        let path = phone.temporaryFile("klink.move")
        try phone.writeFile(path, file)
        return .written(outgoing, path: path)
    }

    private func codeTaken(_ text: String) async { await take { try await core.takeMoveCode(text) } }

    /// What is refused is said, and the codes that were taken stay.
    private func take(_ act: @MainActor () async throws -> Incoming) async {
        guard case .receiving = phase else { return }
        do {
            let incoming = try await act()
            problem = incoming.code == .otherMove ? Sentence("move.other") : nil
            phase = try await arrived(incoming)
        } catch {
            problem = message(for: error)
        }
    }

    private func arrived(_ incoming: Incoming) async throws -> Phase {
        guard incoming.taken > 0, incoming.missing.isEmpty else { return .receiving(incoming) }
        do { return .compared(try await core.compareMove()) } catch TransferError.Move(.incomplete) {
            return .receiving(incoming)
        }
    }
}
