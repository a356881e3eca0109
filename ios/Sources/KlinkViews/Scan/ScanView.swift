import KlinkCore
import KlinkModels
import SwiftUI

/// Camera, photo or paste: says what a code is.
struct ScanView: View {
    @Bindable var model: ScanModel

    var body: some View {
        content
            .navigationTitle(say("scan.title"))
            .task { await model.appeared() }
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .looking: looking
        case .account(let account): found(account)
        case .migration(let progress):
            OneThing(
                title: say("scan.part", .text(String(progress.part)), .text(String(progress.parts))),
                text: say("scan.missing", .text(progress.missing.map(String.init).joined(separator: ", "))),
                sign: "square.stack.3d.up"
            ) {
                camera
                WideButton(key: "scan.import", isFilled: false) { await model.importButtonTapped() }
            }
        case .adding: Waiting(key: "scan.adding")
        case .added(let added):
            OneThing(title: say(key(for: added.status)), text: nil, sign: "checkmark.circle") {
                WideButton(key: "button.done") { model.closeButtonTapped() }
                WideButton(key: "scan.again", isFilled: false) { model.againButtonTapped() }
            }
        case .other(let what):
            OneThing(title: say("scan.other"), text: say(what), sign: "questionmark.circle") {
                WideButton(key: "button.again") { model.againButtonTapped() }
            }
        case .failed(let why): Failed(why: why) { WideButton(key: "button.again") { model.againButtonTapped() } }
        }
    }

    private var looking: some View {
        VStack {
            switch model.camera {
            case .granted: camera
            case .notAsked: Waiting(key: "scan.asking")
            case .denied:
                OneThing(title: say("scan.no_camera"), text: say("scan.no_camera_text"), sign: "camera") {
                    WideButton(key: "button.system_settings") { model.placeTapped(.systemSettings) }
                }
            }
            Text(say("scan.text"))
            PhotoButton { await model.picturePicked($0) }
            PasteButton(payloadType: String.self) { texts in
                if let text = texts.first { Task { await model.textPasted(text) } }
            }
            .controlSize(.large)
            .frame(minHeight: 44)
        }
    }

    private var camera: some View {
        CameraView(scanner: model.scanner) { codes in Task { await model.codesSeen(codes) } }
    }

    private func found(_ account: ScannedAccount) -> some View {
        Form {
            Section {
                LabeledContent(say("account.issuer"), value: account.issuer)
                LabeledContent(say("account.name"), value: account.accountName)
                if account.needsPin { SecureField(say("account.pin"), text: $model.pin).keyboardType(.numberPad) }
                if let problem = model.problem { Notice(text: say(problem), kind: .bad) }
            }
            Button(say("scan.add")) { Task { await model.addButtonTapped() } }
                .disabled(!model.canAdd)
                .keyboardShortcut(.defaultAction)
            Button(say("scan.again")) { model.againButtonTapped() }
        }
    }
}
