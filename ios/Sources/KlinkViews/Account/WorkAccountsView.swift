import KlinkCore
import KlinkModels
import SwiftUI

/// The accounts that this phone approves for.
struct WorkAccountsView: View {
    let model: WorkAccountsModel

    var body: some View {
        content
            .navigationTitle(say("work.title"))
            .task { await model.appeared() }
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .loading: Waiting(key: "waiting.opening")
        case .empty: OneThing(title: say("work.empty"), text: say("work.empty_text"), sign: "building.2") {}
        case .failed(let why): Failed(why: why) { WideButton(key: "button.again") { await model.appeared() } }
        case .shown:
            List {
                ForEach(model.enrolments, id: \.id) { enrolment in
                    Button { model.enrolmentTapped(enrolment.id) } label: {
                        HStack {
                            Mark(name: enrolment.service ?? enrolment.host, logo: enrolment.logo)
                            VStack(alignment: .leading) {
                                Text(named(enrolment.service ?? enrolment.host, enrolment.accountName ?? ""))
                                Text(say(message(for: enrolment.state))).font(.subheadline).foregroundStyle(.secondary)
                            }
                        }
                    }
                }
            }
        }
    }
}
