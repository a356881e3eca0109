package app.klink.desktop

import app.klink.core.Authenticator
import app.klink.core.LocalHosts
import app.klink.core.PhoneInfo
import app.klink.core.Setup
import app.klink.presentation.Asked
import app.klink.presentation.Biometrics
import app.klink.presentation.Clock
import app.klink.presentation.CoreLibrary
import app.klink.presentation.Device
import app.klink.presentation.FileAnchor
import app.klink.presentation.FilePreferences
import app.klink.presentation.Granted
import app.klink.presentation.Phone
import app.klink.presentation.PickedFile
import app.klink.presentation.SystemPage
import java.io.File
import java.net.InetAddress
import java.util.Timer
import kotlin.concurrent.schedule

/** Puts a phone together whose everything lies in [folder]; anchors and keys stand beside the vault, not in it. */
fun deskPhone(folder: File, dialogs: Dialogs): Phone {
    val keys = FileKeys(File(folder, "keys"), dialogs::present)
    val core = Authenticator(Setup(File(folder, "vault").path, LocalHosts.ALLOWED), FileAnchor(File(folder, "anchors")), keys)
    return Phone(core, CoreLibrary, DeskDevice(folder, dialogs), FilePreferences(File(folder, "choices.properties")), DeskClock)
}

/** What a desktop does in a phone's place: a dialog for a finger, a picture for the camera. */
class DeskDevice(private val folder: File, private val dialogs: Dialogs) : Device {
    override val phone = PhoneInfo(hostName(), "linux", "klink 0.1.0", null)
    override val biometrics = Biometrics.READY
    override val camera = false
    private val timer = Timer("clipboard", true)

    override fun copy(code: String, forMs: Long) {
        dialogs.copy(code)
        timer.schedule(forMs) { dialogs.uncopy(code) }
    }

    /** The window is the only place where a desktop shows requests. */
    override fun permission(which: Asked) = when (which) {
        Asked.CAMERA -> Granted.NO
        Asked.NOTIFICATIONS -> Granted.YES
    }

    override suspend fun ask(which: Asked) = permission(which)

    override fun openSystemPage(page: SystemPage) = Unit

    override suspend fun pickPicture(): ByteArray? = dialogs.open(many = false).firstOrNull()?.readBytes()

    override suspend fun pickFiles(many: Boolean) = dialogs.open(many).map { PickedFile(it.name, it.path) }

    override fun draft(name: String): String = File(folder, "drafts").apply { mkdirs() }.resolve(name).also { it.delete() }.path

    override suspend fun handOver(path: String, name: String): Boolean {
        val draft = File(path)
        val target = dialogs.save(name) ?: return false.also { draft.delete() }
        draft.copyTo(target, overwrite = true)
        return draft.delete()
    }
}

private object DeskClock : Clock {
    override fun now() = System.currentTimeMillis()

    /** Of Linux's own: it goes on while the machine sleeps. */
    override fun boot() = (File("/proc/uptime").readText().substringBefore(' ').toDouble() * MS).toLong()

    private const val MS = 1_000
}

private fun hostName(): String = try {
    InetAddress.getLocalHost().hostName
} catch (_: java.net.UnknownHostException) {
    "desktop"
}
