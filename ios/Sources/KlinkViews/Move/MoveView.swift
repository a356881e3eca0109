import KlinkCore
import KlinkModels
import SwiftUI

/// Accounts to another phone of the user's, and from it.
struct MoveView: View {
    @Bindable var model: MoveModel

    var body: some View {
        content
            .navigationTitle(say("move.title"))
            .task { await model.appeared() }
            .moving(written) { _ in model.exporterClosed() }
    }

    private var written: String? { if case .written(_, let path) = model.phase { path } else { nil } }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .loading: Waiting(key: "waiting.opening")
        case .choosing: choosing
        case .unlocking: if let unlocking = model.unlocking { UnlockView(model: unlocking) }
        case .working, .written: Waiting(key: "move.working")
        case .sending(let outgoing): sending(outgoing)
        case .handed(let handed):
            OneThing(
                title: say("move.handed", .text(String(handed.arrived)), .text(String(handed.of))),
                text: say(handed.arrived < handed.of ? "move.handed_not_all" : "move.handed_text"), sign: "iphone.and.arrow.forward"
            ) {
                if handed.arrived < handed.of { WideButton(key: "move.go_on") { await model.goOnButtonTapped() } }
                WideButton(key: "button.done", isFilled: handed.arrived == handed.of) { model.closeButtonTapped() }
            }
        case .receiving(let incoming): receiving(incoming)
        case .compared(let found):
            List {
                Section(say("move.arrived", .count(found.rows.count))) {
                    ForEach(found.rows, id: \.account.id) { row in
                        LabeledContent(named(row.account.issuer, row.account.accountName), value: say(key(for: row.status)))
                    }
                }
                Button(say("move.take_over")) { Task { await model.takeOverButtonTapped() } }.keyboardShortcut(.defaultAction)
                Button(say("move.stop")) { Task { await model.stopButtonTapped() } }
            }
        case .received(let received): self.received(received)
        case .failed(let why): Failed(why: why) { WideButton(key: "move.stop") { await model.stopButtonTapped() } }
        }
    }

    private var choosing: some View {
        List {
            Explained(text: say("move.old_text"), title: say("move.old")) {
                if model.isUnderWay {
                    Button(say("move.go_on")) { Task { await model.goOnButtonTapped() } }
                    Button(say("move.stop")) { Task { await model.stopButtonTapped() } }
                } else {
                    Button(say("move.send"), systemImage: "qrcode") { Task { await model.sendButtonTapped(.codes) } }
                    Button(say("move.send_file"), systemImage: "doc") { Task { await model.sendButtonTapped(.file) } }
                }
            }
            Explained(text: say("move.new_text"), title: say("move.new")) {
                Button(say("move.receive"), systemImage: "qrcode.viewfinder") { Task { await model.receiveButtonTapped() } }
            }
        }
    }

    private func sending(_ outgoing: Outgoing) -> some View {
        Form {
            Section {
                Notice(text: say("move.filmed"))
                if !outgoing.leftOut.isEmpty { Notice(text: say("move.left_out", .count(outgoing.leftOut.count))) }
                QRSequence(texts: outgoing.codes, place: $model.place)
                if outgoing.file != nil { Button(say("move.file_again")) { model.fileAgainButtonTapped() } }
            } header: {
                Text(say("move.on_their_way", .count(Int(outgoing.accounts))))
            }
            Explained(text: say("move.receipt_text")) {
                TextField(say("move.receipt"), text: $model.receipt).keyboardType(.numberPad)
                problem
                Button(say("button.next")) { Task { await model.receiptButtonTapped() } }.disabled(!model.canHandOver)
            }
            Button(say("move.later")) { model.closeButtonTapped() }
            Button(say("move.stop")) { Task { await model.stopButtonTapped() } }
        }
    }

    @ViewBuilder private func receiving(_ incoming: Incoming) -> some View {
        if incoming.wantsFile == true {
            List {
                Text(say("move.wants_file"))
                FileButton(key: "move.file") { if let url = $0.first { await model.fileChosen(url) } }
                problem
                Button(say("move.stop")) { Task { await model.stopButtonTapped() } }
            }
        } else {
            VStack {
                CameraView(scanner: model.scanner) { codes in Task { await model.codesSeen(codes) } }
                Text(say("move.scan"))
                if incoming.taken > 0 {
                    Text(say("move.missing", .text(incoming.missing.map(String.init).joined(separator: ", "))))
                }
                problem
                PhotoButton { await model.picturePicked($0) }
                WideButton(key: "move.stop", isFilled: false) { await model.stopButtonTapped() }
            }
        }
    }

    @ViewBuilder private var problem: some View {
        if let problem = model.problem { Notice(text: say(problem), kind: .bad) }
    }

    private func received(_ received: Received) -> some View {
        List {
            Explained(text: say("move.receipt_shown")) {
                Text(say("move.handed", .text(String(received.arrived)), .text(String(received.of))))
                Text(grouped(received.receipt)).font(.system(.largeTitle, design: .monospaced))
                    .accessibilityLabel(spoken(received.receipt))
            }
            if !received.renew.isEmpty {
                Section(say("move.renew")) {
                    ForEach(received.renew, id: \.self) { row in
                        LabeledContent(named(row.service, row.accountName), value: row.host)
                    }
                }
            }
            Button(say("button.done")) { Task { await model.doneButtonTapped() } }
        }
    }
}
