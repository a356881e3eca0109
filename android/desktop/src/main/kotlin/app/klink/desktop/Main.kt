package app.klink.desktop

import androidx.compose.runtime.DisposableEffect
import androidx.compose.runtime.remember
import androidx.compose.runtime.rememberCoroutineScope
import androidx.compose.ui.unit.DpSize
import androidx.compose.ui.unit.dp
import androidx.compose.ui.window.Window
import androidx.compose.ui.window.application
import androidx.compose.ui.window.rememberWindowState
import app.klink.core.LockEvent
import app.klink.presentation.AppEvent
import app.klink.presentation.AppModel
import app.klink.ui.App
import app.klink.ui.CatalogueWords
import app.klink.ui.KlinkTheme
import java.awt.event.WindowEvent
import java.awt.event.WindowFocusListener
import java.io.File
import java.util.Locale

/** The phone on the desk. `KLINK_DESKTOP` names the folder where everything of it lies. */
fun main() {
    val folder = System.getenv("KLINK_DESKTOP")?.let(::File) ?: home()
    val words = CatalogueWords(Locale.getDefault())
    application {
        val window = rememberWindowState(size = DpSize(412.dp, 860.dp))
        Window(onCloseRequest = ::exitApplication, state = window, title = "Klink") {
            val scope = rememberCoroutineScope()
            val model = remember { AppModel(deskPhone(folder, WindowDialogs(this.window, words)), scope) }
            DisposableEffect(model) {
                val focus = sight(model)
                this@Window.window.addWindowFocusListener(focus)
                onDispose { this@Window.window.removeWindowFocusListener(focus) }
            }
            KlinkTheme(words = words) { App(model) }
        }
    }
}

/** Where a desktop keeps what belongs to its user. */
private fun home(): File {
    val data = System.getenv("XDG_DATA_HOME")?.let(::File) ?: File(System.getProperty("user.home"), ".local/share")
    return File(data, "klink-desktop")
}

/** A window in front is an app in sight; a dialog of its own keeps it there. */
private fun sight(model: AppModel) = object : WindowFocusListener {
    override fun windowGainedFocus(event: WindowEvent) = model.on(AppEvent.Life(LockEvent.ENTERED_FOREGROUND))

    override fun windowLostFocus(event: WindowEvent) {
        if (event.oppositeWindow == null) model.on(AppEvent.Life(LockEvent.ENTERED_BACKGROUND))
    }
}
