import KlinkCore
import KlinkModels
import SwiftUI

/// Any file of another app: its password, what it would add, and what became of it.
struct ImportView: View {
    @Bindable var model: ImportModel

    var body: some View {
        content.navigationTitle(say("import.title"))
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .choosing:
            List {
                Explained(text: say("import.text")) {
                    FileButton(key: "import.choose", allowsMany: true) { await model.urlsChosen($0) }
                }
            }
        case .reading:
            VStack {
                Waiting(key: "import.reading")
                WideButton(key: "button.cancel", isFilled: false) { model.cancelButtonTapped() }
            }
        case .locked(let why): locked(why)
        case .expensive(let why):
            OneThing(title: say("import.expensive"), text: say(why), sign: "hourglass") {
                WideButton(key: "import.consent") { await model.consentButtonTapped() }
                WideButton(key: "button.cancel", isFilled: false) { model.cancelButtonTapped() }
            }
        case .preview: preview
        case .committing: Waiting(key: "waiting.saving")
        case .done(let report): done(report)
        case .failed(let why):
            Failed(why: why) {
                WideButton(key: "import.other") { model.cancelButtonTapped() }
                WideButton(key: "button.close", isFilled: false) { model.closeButtonTapped() }
            }
        }
    }

    private func locked(_ why: Sentence) -> some View {
        Form {
            Section {
                Text(say(why))
                if model.wantsKeyFile { FileButton(key: "import.key_file", sign: "key") { if let url = $0.first { await model.keyFileChosen(url) } } }
                SecureField(say("import.password"), text: $model.password).textContentType(.password)
            }
            Button(say("button.next")) { Task { await model.passwordButtonTapped() } }
                .disabled(model.password.isEmpty)
                .keyboardShortcut(.defaultAction)
            Button(say("button.cancel")) { model.cancelButtonTapped() }
        }
    }

    private var preview: some View {
        List {
            if !model.missing.isEmpty {
                Notice(text: say("scan.missing", .text(model.missing.map(String.init).joined(separator: ", "))))
            }
            Section {
                Button(say(model.canTickAll ? "import.all" : "import.none")) { model.allButtonTapped() }
                ForEach(model.rows, id: \.number) { row in
                    TickRow(title: named(row.issuer, row.accountName), detail: detail(row), isTicked: row.ticked) {
                        model.rowTapped(row.number)
                    }
                    .disabled(model.isDuplicate(row))
                    if row.status == .needsPin { SecureField(say("import.pin", .text(named(row.issuer, row.accountName))), text: pin(row.number)) }
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

    private func detail(_ row: PreviewRow) -> String {
        row.trashed ? say("import.to_trash", .text(say(key(for: row.status)))) : say(key(for: row.status))
    }

    private func pin(_ number: Int32) -> Binding<String> {
        Binding(get: { model.pins[number] ?? "" }, set: { model.pinTyped(number, $0) })
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
