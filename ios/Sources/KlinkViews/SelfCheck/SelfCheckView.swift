import KlinkModels
import SwiftUI

/// Whether everything is as it must be.
struct SelfCheckView: View {
    let model: SelfCheckModel

    var body: some View {
        List {
            ForEach(model.lines) { line in
                CheckLine(line: line)
                if line.mendsInSettings {
                    Button(say("check.mend", .text(say(subject(line.subject))))) { model.settingsButtonTapped() }
                }
            }
            switch model.phase {
            case .checking: Waiting(key: "check.checking")
            case .shown: Button(say("check.again")) { Task { await model.againButtonTapped() } }
            }
        }
        .navigationTitle(say("check.title"))
        .task { await model.appeared() }
    }
}

private func subject(_ subject: SelfCheckModel.Subject) -> String {
    switch subject {
    case .keys: "check.keys"
    case .screenLock: "check.screen_lock"
    case .vault: "check.vault"
    case .clock: "check.clock"
    case .notifications: "check.notifications"
    case .camera: "check.camera"
    case .backup: "check.backup"
    case .wakeUp: "check.wake_up"
    }
}

/// One line: how it is, what, and what to do.
private struct CheckLine: View {
    let line: SelfCheckModel.Line

    var body: some View {
        HStack {
            Image(systemName: sign).foregroundStyle(colour).accessibilityLabel(say(verdict))
            VStack(alignment: .leading) {
                Text(say(subject(line.subject))).font(.headline)
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
