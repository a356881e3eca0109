import Accessibility
import KlinkCore
import KlinkModels
import SwiftUI
import UniformTypeIdentifiers

/// A button of the whole width, 50 points high: filled for the one thing to do, outlined for the others.
struct WideButton: View {
    let key: String
    var isFilled = true
    var role: ButtonRole?
    let action: @MainActor () async -> Void

    var body: some View {
        let button = Button(role: role) { Task { await action() } } label: {
            Text(say(key)).bold().frame(maxWidth: .infinity)
        }
        .controlSize(.large)
        if isFilled { button.buttonStyle(.borderedProminent) } else { button.buttonStyle(.bordered) }
    }
}

/// A sentence that needs attention: a sign and words, never colour alone.
struct Notice: View {
    let text: String
    var kind = Verdict.warning

    var body: some View {
        Label { Text(text) } icon: { Image(systemName: kind.sign) }
            .foregroundStyle(kind.colour)
            .accessibilityElement(children: .combine)
    }
}

extension Verdict {
    var sign: String {
        switch self {
        case .good: "checkmark.circle.fill"
        case .warning: "exclamationmark.triangle.fill"
        case .bad: "exclamationmark.octagon.fill"
        case .unknown: "questionmark.circle"
        }
    }

    @MainActor var colour: Color {
        switch self {
        case .good: .latch
        case .warning: .warn
        case .bad: .danger
        case .unknown: .primary
        }
    }
}

/// A screen that says one thing, and what to do about it.
struct OneThing<Actions: View>: View {
    let title: String
    var text: String?
    let sign: String
    @ViewBuilder var actions: Actions

    var body: some View {
        ContentUnavailableView {
            Label(title, systemImage: sign)
        } description: {
            if let text { Text(text) }
        } actions: {
            actions
        }
    }
}

/// What went wrong, in the place of the screen.
struct Failed<Actions: View>: View {
    let why: Sentence
    @ViewBuilder var actions: Actions

    var body: some View {
        OneThing(title: say("failed.title"), text: say(why), sign: "exclamationmark.octagon") { actions }
    }
}

/// What belongs together, under a title or none, and below it what it is for.
struct Explained<Content: View>: View {
    let text: String
    var title: String?
    @ViewBuilder var content: Content

    var body: some View {
        Section {
            content
        } header: {
            if let title { Text(title) }
        } footer: {
            Text(text)
        }
    }
}

/// Something takes a moment.
struct Waiting: View {
    let key: String
    var body: some View { ProgressView(say(key)) }
}

/// The question of `asking`. A dialog is closed after its button was tapped: that is no "no".
private struct Asked: ViewModifier {
    let isAsked: Bool
    let key: String
    let button: String
    let act: @MainActor () async -> Void
    let keep: @MainActor () -> Void
    @State private var isAnswered = false

    func body(content: Content) -> some View {
        content.confirmationDialog(say("\(key)_title"), isPresented: isPresented, titleVisibility: .visible) {
            Button(say(button), role: .destructive) {
                isAnswered = true
                Task {
                    await act()
                    isAnswered = false
                }
            }
            Button(say("button.cancel"), role: .cancel, action: keep)
        } message: {
            Text(say("\(key)_text"))
        }
    }

    private var isPresented: Binding<Bool> {
        Binding(get: { isAsked && !isAnswered }, set: { if !$0, isAsked, !isAnswered { keep() } })
    }
}

/// A button that has the user choose files; the system lets them be read until `take` is done.
struct FileButton: View {
    let key: String
    var sign = "folder"
    var types: [UTType] = [.data]
    var allowsMany = false
    let take: @MainActor ([URL]) async -> Void
    @State private var isChoosing = false

    var body: some View {
        Button(say(key), systemImage: sign) { isChoosing = true }
            .fileImporter(isPresented: $isChoosing, allowedContentTypes: types, allowsMultipleSelection: allowsMany) { result in
                guard case .success(let urls) = result else { return }
                Task {
                    let ours = urls.filter { $0.startAccessingSecurityScopedResource() }
                    await take(urls)
                    ours.forEach { $0.stopAccessingSecurityScopedResource() }
                }
            }
    }
}

/// A new passphrase or password, twice, and how good it is.
struct NewPassphrase: View {
    @Binding var typed: String
    @Binding var again: String
    let strength: PassphraseStrength?
    var new = "passphrase.new"
    var repeated = "passphrase.again"

    var body: some View {
        SecureField(say(new), text: $typed).textContentType(.newPassword)
        SecureField(say(repeated), text: $again).textContentType(.newPassword)
        if let strength { StrengthView(strength: strength) }
    }
}

/// A line that can be ticked; said with its state.
struct TickRow: View {
    let title: String
    let detail: String
    let isTicked: Bool
    let action: @MainActor () -> Void

    var body: some View {
        Button(action: action) {
            HStack {
                Image(systemName: isTicked ? "checkmark.circle.fill" : "circle").accessibilityHidden(true)
                VStack(alignment: .leading) {
                    Text(title)
                    Text(detail).font(.subheadline).foregroundStyle(.secondary)
                }
            }
        }
        .accessibilityAddTraits(isTicked ? .isSelected : [])
    }
}

extension Color {
    static let latch = Color("Latch"), warn = Color("Warn"), danger = Color("Danger")
}

extension View {
    /// Says it aloud when there is something new to say.
    func announcing(_ sentence: Sentence?) -> some View {
        onChange(of: sentence) { _, new in if let new { announce(new) } }
    }

    /// Asks once more, from the bottom of the screen, before something is gone.
    func asking(
        _ isAsked: Bool, _ key: String, button: String, act: @escaping @MainActor () async -> Void,
        keep: @escaping @MainActor () -> Void
    ) -> some View {
        modifier(Asked(isAsked: isAsked, key: key, button: button, act: act, keep: keep))
    }

    /// The system's exporter moves a file to where the user wants it.
    func moving(_ path: String?, closed: @escaping @MainActor (_ isSaved: Bool) async -> Void) -> some View {
        fileMover(isPresented: .constant(path != nil), file: path.map { URL(fileURLWithPath: $0) }) { result in
            if case .success = result { Task { await closed(true) } } else { Task { await closed(false) } }
        } onCancellation: {
            Task { await closed(false) }
        }
    }

    /// Nothing of the app stands in the app switcher.
    func covered(_ isCovered: Bool) -> some View {
        overlay {
            if isCovered {
                Color("Ground").ignoresSafeArea()
                Image("Mark").accessibilityLabel(say("app.covered"))
            }
        }
    }
}

@MainActor
func announce(_ sentence: Sentence) { AccessibilityNotification.Announcement(say(sentence)).post() }

/// A name for an account or service that may lack one.
func named(_ issuer: String, _ name: String) -> String {
    let parts = [issuer, name].filter { !$0.isEmpty }
    return parts.isEmpty ? say("account.unnamed") : parts.joined(separator: ", ")
}
