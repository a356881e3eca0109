import KlinkCore
import KlinkModels
import SwiftUI

/// Accounts in another app's format or on paper.
struct ExportView: View {
    @Bindable var model: ExportModel

    var body: some View {
        content
            .navigationTitle(say("export.title"))
            .moving(written) { model.exporterClosed($0) }
    }

    private var written: String? { if case .written(let path, _) = model.phase { path } else { nil } }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .choosing:
            List {
                ForEach(model.formats, id: \.format) { format in
                    Button { Task { await model.formatChosen(format) } } label: {
                        VStack(alignment: .leading) {
                            Text(say(key(for: format.format)))
                            Text(say("\(key(for: format.format))_text")).font(.subheadline).foregroundStyle(.secondary)
                        }
                    }
                }
            }
        case .working, .written: Waiting(key: "export.writing")
        case .report(let format, let report): shown(format, report)
        case .unlocking: if let unlocking = model.unlocking { UnlockView(model: unlocking) }
        case .codes(let texts):
            List {
                Explained(text: say("export.codes_shown")) { QRSequence(texts: texts, place: $model.place) }
                Button(say("button.done")) { model.backButtonTapped() }
            }
        case .done(let count):
            OneThing(title: say("export.done", .count(count)), text: say("export.done_text"), sign: "checkmark.circle") {
                WideButton(key: "button.done") { model.backButtonTapped() }
            }
        case .failed(let why): Failed(why: why) { WideButton(key: "button.back") { model.backButtonTapped() } }
        }
    }

    private func shown(_ format: ExportFormatInfo, _ report: ExportReport) -> some View {
        Form {
            Section {
                Text(say("export.written", .count(report.written.count)))
                if format.plain { Notice(text: say("export.plain"), kind: .bad) }
                ForEach(report.lost, id: \.self) { Text(say(message(for: $0))) }
            }
            if !report.leftOut.isEmpty {
                Section(say("export.left_out")) {
                    ForEach(report.leftOut, id: \.id) { row in
                        let account = model.account(row.id)
                        LabeledContent(named(account?.issuer ?? "", account?.accountName ?? ""), value: say(message(for: row.why)))
                    }
                }
            }
            if model.wantsPassword(format) {
                Explained(text: say("export.password_text")) {
                    NewPassphrase(
                        typed: $model.password, again: $model.passwordAgain, strength: model.strength, new: "export.password_new",
                        repeated: "export.password_again")
                }
            }
            if model.canHandOver(format) {
                Button(say("export.hand_over")) { Task { await model.handOverButtonTapped(sheet) } }
            }
            Button(say("export.button")) { Task { await model.exportButtonTapped(sheet) } }.disabled(!model.canExport(format, report))
            Button(say("button.back")) { model.backButtonTapped() }
        }
    }

    private var sheet: SheetWords {
        SheetWords(
            language: say("app.language"), title: say("sheet.title", .moment(model.now)), warning: say("sheet.warning"),
            nameless: say("account.unnamed"))
    }
}
