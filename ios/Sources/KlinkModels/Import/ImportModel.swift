import Foundation
import KlinkCore
import Observation

/// Reads any file of another app, shows what an import would add, and adds it.
@Observable @MainActor
public final class ImportModel: Screen, Going {
    public enum Phase: Equatable, Sendable, Failing {
        case choosing
        case reading
        /// The file wants its password or its key file; the sentence says which, or that it was wrong.
        case locked(Sentence)
        /// Its password takes more of this phone than usual: how much.
        case expensive(Sentence)
        case preview
        case committing
        case done(ImportCounts)
        case failed(Sentence)
    }

    public internal(set) var phase = Phase.choosing
    public internal(set) var rows: [PreviewRow] = []
    public internal(set) var problems: [ImportProblem] = []
    /// Parts of an export in several codes that nobody has scanned.
    public internal(set) var missing: [Int32] = []
    public internal(set) var wantsKeyFile = false
    public var password = ""
    /// PINs that were typed, by the numbers of the rows.
    public internal(set) var pins: [Int32: String] = [:]
    private var preview: Preview?
    private var sources: [ImportSource] = []
    private var keyFile: Data?
    /// What was begun and given up is not shown when it ends.
    private var tries = 0

    /// Shows what was scanned.
    public convenience init(preview: Preview, from other: Screen) {
        self.init(from: other)
        phase = shown(preview)
    }

    /// One file, or those that an app writes together.
    public func filesChosen(_ files: [ImportSource]) async {
        (sources, keyFile, wantsKeyFile, password) = (files, nil, false, "")
        await read(consented: false)
    }

    public func urlsChosen(_ urls: [URL]) async {
        await go {
            await filesChosen(try urls.map { ImportSource(name: $0.lastPathComponent, bytes: try bytes(of: $0)) })
            return phase
        }
    }

    public func keyFileChosen(_ url: URL) async {
        await go {
            keyFile = try bytes(of: url)
            await read(consented: false)
            return phase
        }
    }

    public func passwordButtonTapped() async { await read(consented: false) }
    public func consentButtonTapped() async { await read(consented: true) }

    /// The core goes on to the end of what it began; nobody waits for it.
    public func cancelButtonTapped() {
        tries += 1
        (sources, keyFile, password) = ([], nil, "")
        phase = .choosing
    }

    public var ticked: Int { rows.filter(\.ticked).count }
    public var canCommit: Bool { phase == .preview && ticked > 0 }
    /// Rows that can be ticked and are not.
    public var canTickAll: Bool { rows.contains { !$0.ticked && !isDuplicate($0) } }

    public func isDuplicate(_ row: PreviewRow) -> Bool {
        switch row.status {
        case .duplicate: true
        case .new, .needsPin, .sameSecretOtherName, .sameNameOtherSecret: false
        }
    }

    public func rowTapped(_ number: Int32) {
        guard phase == .preview, let row = rows.first(where: { $0.number == number }) else { return }
        // A duplicate cannot be ticked; the row stays as it is.
        _ = preview?.setTicked(number, !row.ticked)
        draw()
    }

    /// All that can be, or none.
    public func allButtonTapped() {
        let all = canTickAll
        for row in rows { _ = preview?.setTicked(row.number, all) }
        draw()
    }

    public func pinTyped(_ number: Int32, _ pin: String) {
        pins[number] = pin
        _ = preview?.setPin(number, Data(pin.utf8))
    }

    public func importButtonTapped() async {
        guard canCommit, let preview else { return }
        await go(.committing) { .done(try await preview.commit().counts) }
        pins = [:]
    }

    private func read(consented: Bool) async {
        tries += 1
        let this = tries
        let secrets = ImportSecrets(password: password.isEmpty ? nil : Data(password.utf8), keyFile: keyFile)
        phase = .reading
        do {
            let found = try await core.previewImport(sources, secrets, consented)
            guard this == tries else { return }
            (sources, keyFile, password) = ([], nil, "")
            phase = shown(found)
        } catch {
            if this == tries { phase = refused(error) }
        }
    }

    /// A file that wants something of its owner says what.
    private func refused(_ why: any Error) -> Phase {
        guard let error = why as? TransferError else { return .failed(message(for: why)) }
        switch error {
        case .NeedsPassword(_, let needs):
            wantsKeyFile = needs == .keyFile
            return .locked(message(for: error))
        case .WrongPassword: return .locked(message(for: error))
        case .TooExpensive: return .expensive(message(for: error))
        case .NotRecognised, .Damaged, .NotReadable, .Sources, .Used, .Export, .Move, .Vault, .Internal:
            return .failed(message(for: error))
        }
    }

    private func shown(_ preview: Preview) -> Phase {
        self.preview = preview
        draw()
        return .preview
    }

    private func draw() {
        guard let preview else { return }
        (rows, problems, missing) = (preview.rows(), preview.problems(), preview.missingParts())
    }
}
