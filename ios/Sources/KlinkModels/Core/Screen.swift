/// What the model of every screen has: what it asks, and where it leads.
@MainActor public class Screen {
    /// Shows what then lies over the list; nothing shows the list again.
    public typealias Onward = (AppModel.Destination?) -> Void

    let core: CoreClient
    let phone: Phone
    /// Nothing where a screen leads nowhere: in the self-check of a first start. The first start itself calls it when it is done.
    public var onward: Onward?

    public init(core: CoreClient, phone: Phone, onward: Onward? = nil) {
        self.core = core
        self.phone = phone
        self.onward = onward
    }

    /// For a screen that another one leads to.
    public convenience init(from other: Screen) { self.init(core: other.core, phone: other.phone, onward: other.onward) }

    public func closeButtonTapped() { onward?(nil) }

    public func placeTapped(_ place: Place) {
        switch place {
        case .work: onward?(.workAccounts(WorkAccountsModel(from: self)))
        case .groups: onward?(.groups(GroupsModel(from: self)))
        case .history: onward?(.history(HistoryModel(from: self)))
        case .backup: onward?(.backup(BackupModel(from: self)))
        case .importing: onward?(.importing(ImportModel(from: self)))
        case .export: onward?(.export(ExportModel(from: self)))
        case .move: onward?(.move(MoveModel(from: self)))
        case .trash: onward?(.trash(TrashModel(from: self)))
        case .check: onward?(.selfCheck(SelfCheckModel(from: self)))
        case .settings: onward?(.settings(SettingsModel(from: self)))
        case .licences: onward?(.licences(LicencesModel(from: self)))
        case .systemSettings: phone.openSystemSettings()
        }
    }
}

/// Where a button leads, by its title in the catalogue.
public enum Place: String, CaseIterable, Sendable {
    case work = "work.title", groups = "groups.title", history = "history.title", backup = "backup.title"
    case importing = "import.title", export = "export.title", move = "move.title", trash = "trash.title"
    case check = "check.title", settings = "settings.title", licences = "licences.title"
    /// What the system keeps about this app.
    case systemSettings = "check.to_system_settings"

    /// The app's own screens, in the order in which they are offered.
    public static let own = allCases.filter { $0 != .systemSettings }
}
