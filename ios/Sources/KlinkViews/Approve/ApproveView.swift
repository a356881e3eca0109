import KlinkCore
import KlinkModels
import SwiftUI

/// A request: who asks, for what, from where, when; then the number.
struct ApproveView: View {
    @Bindable var model: ApproveModel

    var body: some View {
        content
            .navigationTitle(say("approve.title"))
            .task { await model.appeared() }
            .confirmationDialog(say("approve.report_title"), isPresented: $model.isReporting, titleVisibility: .visible) {
                Button(say("approve.report_lock"), role: .destructive) { Task { await model.reportButtonTapped(lock: true) } }
                Button(say("approve.report")) { Task { await model.reportButtonTapped(lock: false) } }
                Button(say("button.cancel"), role: .cancel) {}
            } message: {
                Text(say("approve.report_text"))
            }
            .sheet(isPresented: $model.isScanning) {
                CameraView(scanner: model.scanner) { codes in
                    if let text = codes.lazy.compactMap(\.what.pushMatch).first { Task { await model.codeScanned(text) } }
                }
            }
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .asking: request(nil)
        case .failed(let why): request(why)
        case .sending: Waiting(key: "approve.sending")
        case .stored: closing(say("approve.stored"), say("approve.stored_text"), "tray.and.arrow.up")
        case .showing(let code):
            OneThing(title: say("approve.type_there"), text: nil, sign: "keyboard") {
                Text(grouped(code)).font(.system(.largeTitle, design: .monospaced)).accessibilityLabel(spoken(code))
                WideButton(key: "button.done") { model.closeButtonTapped() }
            }
        case .done(let outcome): closing(say(message(for: outcome)), nil, sign(outcome))
        }
    }

    private func closing(_ title: String, _ text: String?, _ sign: String) -> some View {
        OneThing(title: title, text: text, sign: sign) { WideButton(key: "button.done") { model.closeButtonTapped() } }
    }

    private func request(_ problem: Sentence?) -> some View {
        ScrollView {
            VStack(alignment: .leading, spacing: 16) {
                Text(say(model.question)).font(.title2)
                    .accessibilityLabel(say("approve.asks", .text(asker), .text(say(model.question))))
                    .accessibilityAddTraits(.isHeader)
                if let name = model.challenge.accountName { Label(name, systemImage: "person") }
                Label(place, systemImage: "mappin.and.ellipse")
                Label(model.challenge.device, systemImage: "desktopcomputer")
                Label(say("approve.at", .moment(model.challenge.askedAtMs)), systemImage: "clock")
                if let words = model.challenge.words { Text(words) }
                if let details = model.challenge.details { Text(details).font(.footnote) }
                if model.challenge.newDevice { Notice(text: say("approve.new_device")) }
                if let problem { Notice(text: say(problem), kind: .bad) }
                answer
                TimeLeft(model: model)
                buttons
            }
            .padding()
        }
        .scrollDismissesKeyboard(.interactively)
    }

    private var asker: String { model.challenge.service ?? model.challenge.host }

    private var place: String {
        [model.challenge.place, model.challenge.address].filter { !$0.isEmpty }.joined(separator: " · ")
    }

    /// The number, from the page.
    @ViewBuilder private var answer: some View {
        if model.digits > 0 {
            Text(say("approve.number_text", .text(asker))).font(.subheadline)
            TextField(say("approve.number", .count(model.digits)), text: $model.number)
                .keyboardType(.numberPad)
                .textContentType(.oneTimeCode)
                .font(.system(.largeTitle, design: .monospaced))
                .frame(minHeight: 44)
        }
        ForEach(model.options, id: \.self) { option in
            Button { Task { await model.optionTapped(option) } } label: {
                Text(option).font(.system(.title, design: .monospaced)).frame(maxWidth: .infinity, minHeight: 44)
            }
            .buttonStyle(.bordered)
            .accessibilityLabel(spoken(option))
        }
    }

    @ViewBuilder private var buttons: some View {
        switch model.challenge.rule {
        case .type, .confirm:
            WideButton(key: "approve.approve") { await model.approveButtonTapped() }
                .disabled(!model.canApprove)
                .keyboardShortcut(.defaultAction)
        case .scan, .pick: EmptyView()
        }
        WideButton(key: "approve.deny", isFilled: false, role: .destructive) { await model.denyButtonTapped() }
            .disabled(!model.canDeny)
        if model.canScan { WideButton(key: "approve.scan", isFilled: false) { model.scanButtonTapped() } }
        Button { model.notMeButtonTapped() } label: {
            Text(say("approve.not_me")).frame(maxWidth: .infinity, minHeight: 44)
        }
    }

    private func sign(_ outcome: Outcome) -> String {
        switch outcome {
        case .approved: "checkmark.circle"
        case .denied, .reported: "hand.raised"
        case .wrongMatch: "exclamationmark.octagon"
        case .elsewhere, .expired, .replaced, .cancelled, .dropped: "clock.badge.xmark"
        }
    }
}

/// The bar of the time that is left.
private struct TimeLeft: View {
    let model: ApproveModel
    var body: some View {
        TimelineView(.periodic(from: .now, by: 1)) { context in
            ProgressView(value: model.timeLeft(at: Int64(context.date.timeIntervalSince1970 * 1000)))
        }
        .accessibilityHidden(true)
    }
}

extension Scanned {
    /// The text of the page's QR code, when it is one.
    var pushMatch: String? {
        switch self {
        case .pushMatch(let text): text
        case .account, .migration, .enrolment, .move, .vendorPush, .accountWithoutSecret, .broken, .passkey, .wifi, .contact, .url,
            .otherLink, .plain:
            nil
        }
    }
}
