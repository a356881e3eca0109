import KlinkModels
import SwiftUI

/// Whether everything is as it must be.
struct SelfCheckView: View {
    let model: SelfCheckModel

    var body: some View {
        List {
            ForEach(model.lines) { line in
                CheckRow(line: line)
                if let step = line.step, model.canGo(step) {
                    Button(say("check.mend", .text(say(line.id)), .text(say(step.rawValue)))) { model.placeTapped(step) }
                }
            }
            switch model.phase {
            case .checking: Waiting(key: "check.checking")
            case .failed(let why):
                Notice(text: say(why), kind: .bad)
                again
            case .shown: again
            }
        }
        .navigationTitle(say("check.title"))
        .task { await model.appeared() }
    }

    private var again: some View { Button(say("check.again")) { Task { await model.againButtonTapped() } } }
}

/// One line: how it is, what, and what to do.
private struct CheckRow: View {
    let line: SelfCheckModel.Line

    var body: some View {
        HStack {
            Image(systemName: line.verdict.sign)
                .foregroundStyle(line.verdict.colour)
                .accessibilityLabel(say(line.verdict.rawValue))
            VStack(alignment: .leading) {
                Text(say(line.id)).font(.headline)
                Text(say(line.says)).font(.subheadline)
            }
        }
        .accessibilityElement(children: .combine)
    }
}
