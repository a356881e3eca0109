import KlinkModels
import SwiftUI

/// What was answered, newest first.
struct HistoryView: View {
    let model: HistoryModel

    var body: some View {
        content
            .navigationTitle(say("history.title"))
            .task { await model.appeared() }
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .loading: Waiting(key: "waiting.opening")
        case .empty: OneThing(title: say("history.empty"), text: say("history.empty_text"), sign: "clock") {}
        case .failed(let why): Failed(why: why) { WideButton(key: "button.again") { await model.appeared() } }
        case .shown:
            List {
                ForEach(model.rows) { row in
                    VStack(alignment: .leading) {
                        Text(say(row.outcome)).font(.headline)
                        Text(named(row.answer.application, row.answer.service ?? ""))
                        Text([row.answer.place, row.answer.device].filter { !$0.isEmpty }.joined(separator: " · ")).font(.subheadline)
                        Text(say("approve.at", .moment(row.answer.answeredAtMs))).font(.footnote)
                    }
                    .accessibilityElement(children: .combine)
                }
            }
        }
    }
}
