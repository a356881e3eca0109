import Foundation
import KlinkCore
import Observation

/// Writes the accounts in another app's format or on paper: said first, confirmed, then handed to the system's exporter.
@Observable @MainActor
public final class ExportModel: Screen, Asking {
    public enum Phase: Equatable, Sendable, Unlocking {
        case choosing
        case working
        /// What the file would hold and what not; a warning where whoever sees it has the accounts.
        case report(ExportFormatInfo, ExportReport)
        /// Its owner confirms first; `unlocking` has the screen.
        case unlocking
        /// A file for the system's exporter, and how many accounts are in it.
        case written(path: String, Int)
        /// Codes for the other app's camera, one after the other.
        case codes([String])
        case done(Int)
        case failed(Sentence)
    }

    public internal(set) var phase = Phase.choosing
    public internal(set) var unlocking: UnlockModel?
    /// A password of its own, twice, for the format that is sealed by one.
    public var password = "" { didSet { strength = password.isEmpty ? nil : core.strength(Data(password.utf8)) } }
    public var passwordAgain = ""
    public internal(set) var strength: PassphraseStrength?
    /// Which of the codes is shown.
    public var place = 0
    private var handsOver = false

    public var now: Int64 { phone.clock.nowMs() }
    public var formats: [ExportFormatInfo] { core.exportFormats() }

    public func formatChosen(_ format: ExportFormatInfo) async {
        await go(.working) { .report(format, try await core.exportReport(format.format)) }
    }

    /// An account that does not go along.
    public func account(_ id: String) -> Account? { try? core.account(id) }

    public func wantsPassword(_ format: ExportFormatInfo) -> Bool { !format.plain }

    public func canExport(_ format: ExportFormatInfo, _ report: ExportReport) -> Bool {
        !report.written.isEmpty && (!wantsPassword(format) || strength?.good == true && password == passwordAgain)
    }

    /// `sheet` is what stands on a printed page: words are looked up where they are known.
    public func canHandOver(_ format: ExportFormatInfo) -> Bool { format.format == .cxf && phone.canHandOver }

    /// To another app by the system's own sheet, without a file between.
    public func handOverButtonTapped(_ sheet: SheetWords) async {
        handsOver = true
        await exportButtonTapped(sheet)
    }

    public func exportButtonTapped(_ sheet: SheetWords) async {
        guard case .report(let format, let report) = phase, canExport(format, report) else { return }
        await ask(.confirm) { [weak self] _ in await self?.export(format.format, sheet) }
    }

    /// The exporter is gone: what lay between is removed.
    public func exporterClosed(_ isSaved: Bool) {
        guard case .written(let path, let count) = phase else { return }
        phone.removeFile(path)
        phase = isSaved ? .done(count) : .choosing
    }

    public func backButtonTapped() {
        (password, passwordAgain, place, unlocking, handsOver) = ("", "", 0, nil, false)
        phase = .choosing
    }

    private func export(_ format: ExportFormat, _ sheet: SheetWords) async {
        await go(.working) {
            let (asked, ending) = order(format, sheet)
            let exported = try await core.export(asked)
            (password, passwordAgain, place) = ("", "", 0)
            switch exported.content {
            case .codes(let texts): return .codes(texts)
            case .file(let bytes) where handsOver:
                try await phone.handOver(bytes)
                return .done(exported.report.written.count)
            case .file(let bytes):
                let path = phone.temporaryFile("klink.\(ending)")
                try phone.writeFile(path, bytes)
                return .written(path: path, exported.report.written.count)
            }
        }
    }

    /// What the core is asked for, and how the name of its file ends; codes are no file.
    private func order(_ format: ExportFormat, _ sheet: SheetWords) -> (ExportOrder, ending: String) {
        switch format {
        case .uriList: (.uriList, "txt")
        case .aegis: (.aegis(password: Data(password.utf8)), "json")
        case .googleMigration: (.googleMigration, "")
        case .sheet: (.sheet(words: sheet), "html")
        case .cxf: (.cxf(atMs: phone.clock.nowMs()), "json")
        case .codes: (.codes, "")
        }
    }
}
