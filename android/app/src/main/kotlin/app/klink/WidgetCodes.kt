package app.klink

import android.content.Context
import app.klink.core.AuthenticatorInterface
import app.klink.core.DeviceKeys
import app.klink.core.KeyStoreException
import app.klink.core.PackPlan
import app.klink.core.Presence
import app.klink.core.Purpose
import app.klink.core.VaultException
import app.klink.platform.Pack
import app.klink.platform.openPack
import java.io.File
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/**
 * What the widget shows: the core's pack of the chosen accounts' codes, which it makes whenever the vault is open, and
 * the key of it, which the Keystore keeps. The widget itself never opens the vault.
 */
class WidgetCodes(context: Context, private val keys: DeviceKeys) {
    private val kept = context.getSharedPreferences("widget", Context.MODE_PRIVATE)
    private val file = File(context.noBackupFilesDir, "widget/codes.akw")

    /** The chosen accounts, in the order in which they are shown. They are none until somebody chose. */
    var chosen: List<String>
        get() = kept.getString(CHOSEN, null).orEmpty().split(' ').filter(String::isNotEmpty)
        set(ids) = kept.edit().putString(CHOSEN, ids.joinToString(" ")).apply()

    /** What was packed last; `null` when nothing is, or its key is gone. Waits for the Keystore. */
    fun pack(): Pack? = if (file.exists()) key()?.let { openPack(file.readBytes(), it) } else null

    private fun key(): ByteArray? = try {
        keys.get(KEY, Purpose.DEVICE)
    } catch (_: KeyStoreException) {
        null
    }

    /** Packs anew what is chosen, and tells whether it did: the vault must be open. What nobody chose is not packed. */
    suspend fun renew(core: AuthenticatorInterface, nowMs: Long): Boolean = try {
        val ids = chosen
        if (ids.isEmpty()) {
            file.delete()
        } else {
            val key = core.packKey()
            withContext(Dispatchers.IO) { if (!key.contentEquals(key())) keys.put(KEY, key, Presence.NONE) }
            file.parentFile?.mkdirs()
            core.writePack(file.path, PackPlan(ids, DAY_MS), nowMs)
        }
        true
    } catch (_: VaultException) {
        // It is locked: what was packed before lasts for its day.
        false
    } catch (_: KeyStoreException) {
        // The next change tries again.
        false
    }

    private companion object {
        const val CHOSEN = "chosen"
        const val KEY = "widget"
        const val DAY_MS = 86_400_000L
    }
}
