package app.klink.presentation

import app.klink.core.ListOrder
import java.io.File
import java.io.StringReader
import java.io.StringWriter
import java.util.Properties
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow

/** Choices in a small text file. What is missing or unreadable in it is as it was at the first start. */
class FilePreferences(private val file: File) : PreferenceStore {
    private val chosen = MutableStateFlow(read())

    override val now: StateFlow<Preferences> = chosen.asStateFlow()

    @Synchronized
    override fun change(how: (Preferences) -> Preferences) {
        val next = how(chosen.value)
        if (next == chosen.value) return
        replace(file, written(next))
        chosen.value = next
    }

    private fun read(): Preferences {
        val kept = Properties()
        if (file.exists()) kept.load(StringReader(file.readText()))
        val first = Preferences()
        fun text(key: String): String? = kept.getProperty(key)
        fun flag(key: String, otherwise: Boolean) = text(key)?.toBooleanStrictOrNull() ?: otherwise
        fun number(key: String, otherwise: Long) = text(key)?.toLongOrNull() ?: otherwise
        return Preferences(
            number("lockAfterMs", first.lockAfterMs), number("idleMs", first.idleMs ?: NEVER).takeIf { it != NEVER },
            flag("lockOnDark", first.lockOnDark), flag("tapToReveal", first.tapToReveal), flag("showNext", first.showNext),
            flag("screenshots", first.screenshots), ListOrder.entries.find { it.name == text("sort") } ?: first.sort,
            number("offsetMs", first.offsetMs), flag("systemBackup", first.systemBackup), text("backupFolder"),
            number("backupsKept", first.backupsKept.toLong()).toInt(),
            text("relayed"),
        )
    }

    private fun written(wanted: Preferences): ByteArray {
        val kept = Properties()
        with(wanted) {
            for ((key, value) in mapOf(
                "lockAfterMs" to lockAfterMs, "idleMs" to (idleMs ?: NEVER), "lockOnDark" to lockOnDark, "tapToReveal" to tapToReveal,
                "showNext" to showNext, "screenshots" to screenshots, "sort" to sort.name, "offsetMs" to offsetMs,
                "systemBackup" to systemBackup, "backupFolder" to backupFolder, "backupsKept" to backupsKept,
                "relayed" to relayed,
            )) if (value != null) kept[key] = value.toString()
        }
        return StringWriter().also { kept.store(it, null) }.toString().toByteArray()
    }

    private companion object {
        const val NEVER = -1L
    }
}
