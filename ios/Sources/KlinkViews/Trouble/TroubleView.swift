import KlinkCore
import KlinkModels
import SwiftUI

/// A vault that is not as it should be: why, and what can be done.
struct TroubleView: View {
    let model: TroubleModel

    var body: some View {
        content
            .navigationTitle(say("trouble.title"))
            .task { await model.appeared() }
            .asking(model.phase == .startingNew, "trouble.new", button: "trouble.new") {
                await model.startNewConfirmed()
            } keep: {
                model.backButtonTapped()
            }
            .moving(written) { _ in model.exporterClosed() }
    }

    private var written: String? { if case .written(let copy) = model.phase { copy.path } else { nil } }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .loading: Waiting(key: "waiting.opening")
        case .shown, .startingNew: list(nil)
        case .failed(let why): list(why)
        case .working, .written: Waiting(key: "waiting.saving")
        case .unlocking: if let unlocking = model.unlocking { UnlockView(model: unlocking) }
        case .salvage(let proposal): salvage(proposal)
        }
    }

    private func list(_ problem: Sentence?) -> some View {
        List {
            Explained(text: say("trouble.text")) {
                Notice(text: say(model.says))
                if let problem { Notice(text: say(problem), kind: .bad) }
            }
            Section {
                ForEach(model.steps, id: \.self) { step in
                    Button(say(message(for: step))) { Task { await model.stepTapped(step) } }
                }
                if case .readOnly = model.trouble { Button(say("trouble.show_accounts")) { model.showAccountsButtonTapped() } }
            }
        }
    }

    private func salvage(_ proposal: SalvageProposal) -> some View {
        List {
            Explained(text: say("salvage.lost", .count(proposal.lost.count))) {
                ForEach(proposal.rows, id: \.account.id) { row in
                    TickRow(
                        title: named(row.account.issuer, row.account.accountName), detail: say(key(for: row.source)),
                        isTicked: !model.leftOut.contains(row.account.id)
                    ) { model.salvagedRowTapped(row.account.id) }
                }
            }
            Button(say("salvage.button")) { Task { await model.salvageButtonTapped() } }
            Button(say("button.back")) { model.backButtonTapped() }
        }
    }
}
