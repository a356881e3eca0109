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
                    Button(say("check.mend", .text(say(line.id)), .text(say(key(for: step))))) { model.stepTapped(step) }
                }
            }
            switch model.phase {
            case .checking: Waiting(key: "check.checking")
            case .failed(let why):
                Notice(text: say(why), kind: .danger)
                again
            case .shown: again
            }
        }
        .navigationTitle(say("check.title"))
        .task { await model.appeared() }
    }

    private var again: some View { Button(say("check.again")) { Task { await model.againButtonTapped() } } }
}

private func key(for step: SelfCheckModel.Step) -> String {
    switch step {
    case .systemSettings: "check.to_system_settings"
    case .settings: "settings.title"
    case .backup: "backup.title"
    case .work: "work.title"
    }
}

/// One line: how it is, what, and what to do.
private struct CheckRow: View {
    let line: SelfCheckModel.Line

    var body: some View {
        HStack {
            Image(systemName: sign).foregroundStyle(colour).accessibilityLabel(say(verdict))
            VStack(alignment: .leading) {
                Text(say(line.id)).font(.headline)
                Text(say(line.says)).font(.subheadline)
            }
        }
        .accessibilityElement(children: .combine)
    }

    private var sign: String {
        switch line.verdict {
        case .good: "checkmark.circle.fill"
        case .warning: "exclamationmark.triangle.fill"
        case .bad: "exclamationmark.octagon.fill"
        case .unknown: "questionmark.circle"
        }
    }

    private var colour: Color {
        switch line.verdict {
        case .good: .latch
        case .warning: .warn
        case .bad: .danger
        case .unknown: .primary
        }
    }

    private var verdict: String {
        switch line.verdict {
        case .good: "verdict.good"
        case .warning: "verdict.warning"
        case .bad: "verdict.bad"
        case .unknown: "verdict.unknown"
        }
    }
}
