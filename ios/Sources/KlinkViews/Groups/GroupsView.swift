import KlinkCore
import KlinkModels
import SwiftUI

/// The user's groups.
struct GroupsView: View {
    @Bindable var model: GroupsModel

    var body: some View {
        content
            .navigationTitle(say("groups.title"))
            .task { model.appeared() }
            .asking(isDeleting, "groups.delete", button: "groups.delete") {
                await model.deleteConfirmed()
            } keep: {
                model.cancelButtonTapped()
            }
    }

    private var isDeleting: Bool { if case .deleting = model.phase { true } else { false } }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .loading: Waiting(key: "waiting.opening")
        case .shown, .deleting: list
        case .naming(let group):
            Form {
                TextField(say("groups.name"), text: $model.name)
                Button(say(group == nil ? "groups.add" : "button.save")) { Task { await model.saveButtonTapped() } }
                    .disabled(!model.canSave)
                    .keyboardShortcut(.defaultAction)
                Button(say("button.cancel")) { model.cancelButtonTapped() }
            }
        case .failed(let why): Failed(why: why) { WideButton(key: "button.again") { model.appeared() } }
        }
    }

    private var list: some View {
        List {
            ForEach(model.groups, id: \.id) { group in
                Button(group.name) { model.groupTapped(group) }
                    .accessibilityHint(say("groups.rename_hint"))
                    .swipeActions {
                        Button(say("groups.delete"), role: .destructive) { model.deleteButtonTapped(group) }
                    }
            }
            Button(say("groups.new"), systemImage: "plus") { model.newButtonTapped() }
        }
    }
}
