import KlinkCore
import KlinkModels
import SwiftUI

/// The list of codes.
struct AccountsView: View {
    @Bindable var model: AccountsModel
    let app: AppModel
    @AccessibilityFocusState private var focused: String?

    var body: some View {
        content
            .navigationTitle(say("accounts.title"))
            .toolbar { bar }
            .task { await model.appeared() }
            .task { await app.lookAround() }
            .onChange(of: focused) { model.focused = $1 }
            .announcing(model.announcement)
            .sheet(isPresented: Binding(get: { model.unlocking != nil }, set: { if !$0 { model.cancelButtonTapped() } })) {
                if let unlocking = model.unlocking { NavigationStack { UnlockView(model: unlocking) } }
            }
    }

    @ViewBuilder private var content: some View {
        switch model.phase {
        case .loading: Waiting(key: "waiting.opening")
        case .empty:
            OneThing(title: say("accounts.empty"), text: say("accounts.empty_text"), sign: "plus.circle") {
                WideButton(key: "accounts.empty_button") { app.addButtonTapped() }
            }
        case .failed(let why): Failed(why: why) { WideButton(key: "button.again") { model.reload() } }
        case .shown: list
        }
    }

    private var list: some View {
        List {
            if let banner = app.banner {
                Section {
                    Notice(text: say(banner.says))
                    Button(say(banner.button)) { app.bannerButtonTapped() }
                }
            }
            if let problem = model.problem { Notice(text: say(problem), kind: .bad) }
            if let copied = model.copied { Notice(text: say(copied.says), kind: .good) }
            if !model.favourites.isEmpty {
                Section(say("accounts.favourites")) { ForEach(model.favourites) { row($0) } }
            }
            Section {
                ForEach(model.others) { row($0) }
                    .onMove(perform: model.canReorder ? { from, to in move(from, to) } : nil)
            }
            if model.rows.isEmpty { Text(say("accounts.nothing_found")) }
        }
        .searchable(text: $model.query, prompt: say("accounts.search"))
    }

    /// `List` counts within the section; the model within the whole list.
    private func move(_ from: IndexSet, _ to: Int) {
        let before = model.favourites.count
        Task { await model.moved(IndexSet(from.map { $0 + before }), to: to + before) }
    }

    private func row(_ row: AccountsModel.Row) -> some View {
        AccountRow(row: row, model: model).accessibilityFocused($focused, equals: row.id)
    }

    @ToolbarContentBuilder private var bar: some ToolbarContent {
        ToolbarItem(placement: .topBarLeading) {
            Menu(say("accounts.more"), systemImage: "ellipsis.circle") {
                Picker(say("accounts.sort"), selection: Binding(get: { model.sort }, set: { model.sortChosen($0) })) {
                    ForEach(Settings.Sort.allCases, id: \.self) { Text(say("sort.\($0.rawValue)")).tag($0) }
                }
                Picker(say("accounts.group"), selection: $model.group) {
                    Text(say("accounts.all")).tag(String?.none)
                    ForEach(model.groups, id: \.id) { Text($0.name).tag(String?.some($0.id)) }
                }
                ForEach(Place.own, id: \.self) { place in
                    Button(say(place.rawValue)) { app.placeTapped(place) }
                }
                Button(say("accounts.lock")) { app.lockButtonTapped() }
            }
        }
        ToolbarItem(placement: .topBarTrailing) {
            Button(say("scan.button"), systemImage: "qrcode.viewfinder") { app.scanButtonTapped() }
                .keyboardShortcut("k")
        }
        ToolbarItem(placement: .primaryAction) {
            Button(say("add.button"), systemImage: "plus") { app.addButtonTapped() }.keyboardShortcut("n")
        }
    }
}
