package app.klink.presentation

/** Goes back, or closes what is done. */
data object Back :
    AccountEvent, AddEvent, BackupEvent, FirstStartEvent, GroupsEvent, HistoryEvent, ImportEvent,
    LicencesEvent, ScanEvent, ServiceEvent, SettingsEvent, TrashEvent,
    TroubleEvent, WayInEvent, ExportEvent, MoveEvent, SelfCheckEvent

/** Goes to [place]. */
data class Go(val place: Place) : AccountsEvent, AddEvent, ServiceEvent, SettingsEvent, UnlockEvent, AccountEvent,
    BackupEvent, ImportEvent

/** What a person did who was asked to confirm. */
data class Confirm(val event: UnlockEvent) :
    AccountEvent, AccountsEvent, SettingsEvent, WayInEvent, ExportEvent, MoveEvent, SelfCheckEvent
