package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import app.klink.presentation.AppEvent
import app.klink.presentation.AppState
import app.klink.presentation.Model
import app.klink.presentation.Screen

/** The window: whichever screen the model says. */
@Composable
fun App(model: Model<AppState, AppEvent>) {
    val state by model.state.collectAsState()
    when (val screen = state.screen) {
        is Screen.Starting -> Ground {}
        is Screen.FirstStart -> FirstStartScreen(screen.model)
        is Screen.Unlock -> UnlockScreen(screen.model)
        is Screen.Accounts -> AccountsScreen(screen.model)
        is Screen.Trash -> TrashScreen(screen.model)
        is Screen.Add -> AddScreen(screen.model)
        is Screen.Scan -> ScanScreen(screen.model, screen.frames)
        is Screen.Enrol -> EnrolScreen(screen.model)
        is Screen.Approve -> ApproveScreen(screen.model, screen.frames)
        is Screen.History -> HistoryScreen(screen.model)
        is Screen.Account -> AccountScreen(screen.model)
        is Screen.Service -> ServiceScreen(screen.model)
        is Screen.Import -> ImportScreen(screen.model)
        is Screen.Backup -> BackupScreen(screen.model)
        is Screen.Export -> ExportScreen(screen.model)
        is Screen.Move -> MoveScreen(screen.model, screen.frames)
        is Screen.SelfCheck -> SelfCheckScreen(screen.model)
        is Screen.Settings -> SettingsScreen(screen.model)
        is Screen.WayIn -> WayInScreen(screen.model)
        is Screen.Trouble -> TroubleScreen(screen.model)
        is Screen.Groups -> GroupsScreen(screen.model)
        is Screen.Licences -> LicencesScreen(screen.model)
    }
}
