package app.klink

import android.os.SystemClock
import app.klink.core.Anchor
import app.klink.core.Authenticator
import app.klink.core.DeviceKeys
import app.klink.core.LocalHosts
import app.klink.core.Setup
import app.klink.core.changeFlow
import app.klink.presentation.AppModel
import app.klink.presentation.Clock
import app.klink.presentation.CoreLibrary
import app.klink.presentation.FilePreferences
import app.klink.presentation.Phone
import java.io.File
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch

/** Everything that one process works with, put together by hand. */
class Parts(private val app: KlinkApp, keys: DeviceKeys, anchor: Anchor, localHosts: LocalHosts) {
    /** Work that goes on while no screen is shown. */
    val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)

    val core = Authenticator(Setup(File(app.noBackupFilesDir, "vault").path, localHosts), anchor, keys)

    val widget = WidgetCodes(app, keys)

    private val preferences = FilePreferences(File(app.noBackupFilesDir, "choices.properties"))

    private val systemBackup = SystemBackup(File(app.filesDir, "system-backup"))

    val model: AppModel by lazy { AppModel(Phone(core, CoreLibrary, app.device, preferences, DeviceClock), scope) }

    /** Keeps what stands outside the app up to date for as long as the process lives. */
    fun follow() {
        scope.launch { core.changeFlow().collect { keepUp() } }
        scope.launch { preferences.now.map { it.systemBackup }.distinctUntilChanged().collect { systemBackup.renew(core, it) } }
    }

    /** Brings the widget's codes and the copies for the system's backup up to date. */
    suspend fun keepUp() {
        if (widget.renew(core, DeviceClock.now())) app.drawWidgets()
        systemBackup.renew(core, preferences.now.value.systemBackup)
    }

    private object DeviceClock : Clock {
        override fun now() = System.currentTimeMillis()

        override fun boot() = SystemClock.elapsedRealtime()
    }
}
