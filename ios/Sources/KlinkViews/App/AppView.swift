import KlinkModels
import SwiftUI

/// The whole app: the screen of its phase, one thing over it, and a request over everything.
public struct AppView: View {
    @Bindable var model: AppModel

    public init(model: AppModel) { self.model = model }

    public var body: some View {
        NavigationStack {
            if let request = model.request, model.destination == nil { ApproveView(model: request) } else { screen }
        }
        .covered(model.isCovered)
        .sheet(isPresented: Binding(get: { model.destination != nil }, set: { if !$0 { model.destination = nil } })) {
            NavigationStack {
                if let request = model.request {
                    ApproveView(model: request)
                } else if let destination = model.destination {
                    DestinationView(destination: destination, app: model)
                        .toolbar {
                            ToolbarItem(placement: .cancellationAction) {
                                Button(say("button.close")) { model.destination = nil }.keyboardShortcut(.cancelAction)
                            }
                        }
                }
            }
            .covered(model.isCovered)
        }
        .tint(.latch)
        .task { await model.follow() }
    }

    @ViewBuilder private var screen: some View {
        switch model.phase {
        case .starting: Waiting(key: "waiting.opening").task { model.started() }
        case .firstStart(let first): FirstStartView(model: first)
        case .locked(let unlock): UnlockView(model: unlock)
        case .trouble(let trouble): TroubleView(model: trouble)
        case .open(let accounts): AccountsView(model: accounts, app: model)
        }
    }
}

/// What lies over the list.
private struct DestinationView: View {
    let destination: AppModel.Destination
    let app: AppModel

    var body: some View {
        switch destination {
        case .add(let model): AddView(model: model)
        case .scan(let model): ScanView(model: model)
        case .enrol(let model): EnrolView(model: model)
        case .account(let model): AccountView(model: model)
        case .workAccounts(let model): WorkAccountsView(model: model)
        case .workAccount(let model): WorkAccountView(model: model)
        case .importing(let model): ImportView(model: model)
        case .export(let model): ExportView(model: model)
        case .move(let model): MoveView(model: model)
        case .backup(let model): BackupView(model: model)
        case .trouble(let model): TroubleView(model: model)
        case .settings(let model): SettingsView(model: model)
        case .groups(let model): GroupsView(model: model)
        case .trash(let model): TrashView(model: model)
        case .history(let model): HistoryView(model: model)
        case .selfCheck(let model): SelfCheckView(model: model)
        case .licences(let model): LicencesView(model: model)
        }
    }
}
