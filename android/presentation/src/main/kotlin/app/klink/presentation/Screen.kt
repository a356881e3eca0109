package app.klink.presentation

/** A place together with the model that stands there. */
sealed interface Screen {
    /** Nothing is known yet; it lasts for less than a frame. */
    data object Starting : Screen

    data class FirstStart(val model: Model<FirstStartState, FirstStartEvent>) : Screen

    data class Unlock(val model: Model<UnlockState, UnlockEvent>) : Screen

    data class Accounts(val model: Model<AccountsState, AccountsEvent>) : Screen

    data class Trash(val model: Model<TrashState, TrashEvent>) : Screen

    data class Add(val model: Model<AddState, AddEvent>) : Screen

    /** [frames] takes what the camera sees. */
    data class Scan(val model: Model<ScanState, ScanEvent>, val frames: Frames) : Screen

    data class Enrol(val model: Model<EnrolState, EnrolEvent>) : Screen

    /** [frames] takes what the camera sees while a code is scanned instead of typed. */
    data class Approve(val model: Model<ApproveState, ApproveEvent>, val frames: Frames) : Screen

    data class History(val model: Model<HistoryState, HistoryEvent>) : Screen

    data class Account(val model: Model<AccountState, AccountEvent>) : Screen

    data class Service(val model: Model<ServiceState, ServiceEvent>) : Screen

    data class Import(val model: Model<ImportState, ImportEvent>) : Screen

    data class Backup(val model: Model<BackupState, BackupEvent>) : Screen

    data class Export(val model: Model<ExportState, ExportEvent>) : Screen

    /** [frames] takes what the camera sees of the other phone. */
    data class Move(val model: Model<MoveState, MoveEvent>, val frames: Frames) : Screen

    data class SelfCheck(val model: Model<SelfCheckState, SelfCheckEvent>) : Screen

    data class Settings(val model: Model<SettingsState, SettingsEvent>) : Screen

    data class WayIn(val model: Model<WayInState, WayInEvent>) : Screen

    data class Trouble(val model: Model<TroubleState, TroubleEvent>) : Screen

    data class Groups(val model: Model<GroupsState, GroupsEvent>) : Screen

    data class Licences(val model: Model<LicencesState, LicencesEvent>) : Screen
}

/** The whole app: which screen is shown, and what comes from outside. */
sealed interface AppEvent {
    /** The system's way back. */
    data object Back : AppEvent

    /** A link was opened, or a text was shared: it leads to a screen that asks. */
    data class Text(val text: String) : AppEvent

    /** A picture was shared. */
    data class Picture(val picture: ByteArray) : AppEvent

    /** A notification was tapped. */
    data class OpenRequest(val challenge: String?) : AppEvent

    /** The quick-settings tile: the list, ready to search. */
    data object Search : AppEvent

    /** What happened to the app: the core says whether that locks. */
    data class Life(val event: app.klink.core.LockEvent) : AppEvent

    /** The system's own time for work that can wait. */
    data object Upkeep : AppEvent

    /** A wake-up as it arrived. */
    data class WakeUp(val sealed: ByteArray) : AppEvent
}

/** What the window shows. */
data class AppState(
    val screen: Screen,
    /** Whether the way back leads to another screen of the app. */
    val canGoBack: Boolean,
    /** Pictures of the screen are forbidden. */
    val secure: Boolean,
)
