import KlinkCore
import KlinkModels
import SwiftUI

/// Sets this phone up for a work account.
struct EnrolView: View {
    let model: EnrolModel

    var body: some View {
        content.navigationTitle(say("enrol.title"))
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .host(let offer):
            OneThing(title: say("enrol.host", .text(offer.host)), text: say("enrol.host_text"), sign: "network") {
                WideButton(key: "enrol.connect") { await model.connectButtonTapped() }
                WideButton(key: "button.cancel", isFilled: false) { model.closeButtonTapped() }
            }
        case .checking: Waiting(key: "enrol.checking")
        case .asked(let offer):
            OneThing(
                title: say("enrol.asked", .text(offer.service), .text(offer.accountName)),
                text: say("enrol.asked_text", .text(offer.host)), sign: "building.2"
            ) {
                if offer.clockIsSuspect { Notice(text: say("enrol.clock")) }
                WideButton(key: "enrol.confirm") { await model.confirmButtonTapped() }
                WideButton(key: "button.cancel", isFilled: false) { model.closeButtonTapped() }
            }
        case .notifications:
            OneThing(title: say("enrol.notifications"), text: say("enrol.notifications_text"), sign: "bell.badge") {
                WideButton(key: "enrol.allow") { await model.allowNotificationsButtonTapped() }
                WideButton(key: "enrol.not_now", isFilled: false) { await model.withoutNotificationsButtonTapped() }
            }
        case .enrolling: Waiting(key: "enrol.enrolling")
        case .checkNumber(let enrolled):
            OneThing(title: say("enrol.check_number"), text: say("enrol.check_number_text"), sign: "number") {
                Text(grouped(enrolled.checkNumber ?? "")).font(.system(.largeTitle, design: .monospaced))
                    .accessibilityLabel(spoken(enrolled.checkNumber ?? ""))
                WideButton(key: "enrol.same") { model.sameButtonTapped() }
                WideButton(key: "enrol.differs_button", isFilled: false, role: .destructive) { await model.differsButtonTapped() }
            }
        case .waitingForTest:
            if let test = model.test {
                ApproveView(model: test)
            } else {
                VStack { OneThing(title: say("enrol.waiting"), text: say("enrol.waiting_text"), sign: "bell") {}; ProgressView() }
            }
        case .done:
            OneThing(title: say("enrol.done"), text: say("enrol.done_text"), sign: "checkmark.circle") {
                WideButton(key: "button.done") { model.closeButtonTapped() }
            }
        case .failed(let why): Failed(why: why) { WideButton(key: "button.close") { model.closeButtonTapped() } }
        }
    }
}
