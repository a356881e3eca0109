import KlinkCore
import KlinkModels
import SwiftUI

/// What was deleted and can be taken back.
struct TrashView: View {
    let model: TrashModel

    var body: some View {
        content
            .navigationTitle(say("trash.title"))
            .task { model.appeared() }
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .loading: Waiting(key: "waiting.opening")
        case .empty: OneThing(title: say("trash.empty"), text: say("trash.text"), sign: "trash") {}
        case .failed(let why): Failed(why: why) { WideButton(key: "button.again") { model.appeared() } }
        case .shown:
            List {
                Explained(text: say("trash.text")) {
                    ForEach(model.accounts, id: \.id) { account in
                        let name = named(account.issuer, account.accountName)
                        Button { Task { await model.restoreButtonTapped(account.id) } } label: {
                            HStack { Text(name); Spacer(); Text(say("trash.restore")) }
                        }
                        .accessibilityLabel(say("trash.restore_spoken", .text(name)))
                    }
                }
            }
        }
    }
}
