import KlinkCore
import KlinkModels
import SwiftUI

/// What an import would add, and what became of it.
struct ImportView: View {
    let model: ImportModel

    var body: some View {
        content.navigationTitle(say("import.title"))
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .preview: preview
        case .committing: Waiting(key: "waiting.saving")
        case .done(let report): done(report)
        case .failed(let why): Failed(why: why) { WideButton("button.close") { model.closeButtonTapped() } }
        }
    }

    private var preview: some View {
        List {
            Section {
                ForEach(model.rows, id: \.number) { row in
                    TickRow(title: named(row.issuer, row.accountName), detail: say(key(for: row.status)), isTicked: row.ticked) {
                        model.rowTapped(row.number)
                    }
                }
            } header: {
                Text(say("import.found", .count(model.rows.count)))
            }
            if !model.problems.isEmpty {
                Section(say("import.problems")) {
                    ForEach(model.problems, id: \.self) { Text(verbatim: say(message(for: $0))) }
                }
            }
            Button(say("import.button", .count(model.ticked))) { Task { await model.importButtonTapped() } }
                .disabled(!model.canCommit)
                .keyboardShortcut(.defaultAction)
        }
    }

    private func done(_ report: ImportCounts) -> some View {
        List {
            Section {
                LabeledContent(say("import.total"), value: String(report.total))
                LabeledContent(say("import.imported"), value: String(report.imported))
                LabeledContent(say("import.duplicates"), value: String(report.duplicates))
                LabeledContent(say("import.unsupported"), value: String(report.unsupported))
                LabeledContent(say("import.damaged"), value: String(report.damaged))
                LabeledContent(say("import.skipped"), value: String(report.skipped))
            }
            Button(say("button.done")) { model.closeButtonTapped() }
        }
    }
}
