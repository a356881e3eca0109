import KlinkCore
import KlinkModels
import SwiftUI

/// One work account.
struct WorkAccountView: View {
    @Bindable var model: WorkAccountModel

    var body: some View {
        content
            .navigationTitle(say("work.one"))
            .asking(model.phase == .removing, "work.remove", button: "work.remove") {
                await model.removeConfirmed()
            } keep: {
                model.keepButtonTapped()
            }
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .shown, .removing: form(nil)
        case .failed(let why): form(why)
        case .working: Waiting(key: "waiting.service")
        case .testing(let test):
            OneThing(title: test.number, text: say("work.testing"), sign: "bell.badge") {
                WideButton(key: "button.done") { model.keepButtonTapped() }
            }
        case .removed: OneThing(title: say("work.removed"), text: nil, sign: "trash") {}
        }
    }

    private func form(_ problem: Sentence?) -> some View {
        Form {
            if let problem { Notice(text: say(problem), kind: .bad) }
            Section {
                TextField(say("account.issuer"), text: $model.name)
                LabeledContent(say("account.name"), value: model.enrolment.accountName ?? "")
                LabeledContent(say("work.host"), value: model.enrolment.host)
                LabeledContent(say("work.state"), value: say(model.state))
                LabeledContent(say("work.key"), value: say(model.enrolment.hardware ? "work.key_hardware" : "work.key_software"))
            }
            Button(say("work.rename")) { Task { await model.renameButtonTapped() } }
                .disabled(model.name == model.enrolment.service ?? "")
            Section {
                Button(say("work.test"), systemImage: "bell") { Task { await model.testButtonTapped() } }.disabled(!model.canTest)
                Button(say(model.isQuiet ? "work.loud" : "work.quiet"), systemImage: "bell.slash") {
                    Task { await model.quietButtonTapped() }
                }
                state
            }
            Button(say("account.remove"), systemImage: "trash", role: .destructive) { model.removeButtonTapped() }
        }
    }

    /// What the state of its set-up asks for.
    @ViewBuilder private var state: some View {
        switch model.enrolment.state {
        case .enrolling: Button(say("work.resume")) { Task { await model.resumeButtonTapped() } }
        case .needsApprovalKey:
            Button(say("work.new_key")) { Task { await model.newKeyButtonTapped() } }
                .disabled(!model.enrolment.mayRenewApprovalKey)
        case .pendingTest, .active, .revoked, .failed, .damaged: EmptyView()
        }
    }
}
