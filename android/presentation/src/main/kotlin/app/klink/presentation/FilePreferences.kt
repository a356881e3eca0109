package app.klink.presentation

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
        fun flag(key: String, otherwise: Boolean) = kept.getProperty(key)?.toBooleanStrictOrNull() ?: otherwise
        fun number(key: String, otherwise: Long) = kept.getProperty(key)?.toLongOrNull() ?: otherwise
        return Preferences(
            lockAfterMs = number("lockAfterMs", first.lockAfterMs),
            idleMs = number("idleMs", first.idleMs ?: NEVER).takeIf { it != NEVER },
            lockOnDark = flag("lockOnDark", first.lockOnDark),
            tapToReveal = flag("tapToReveal", first.tapToReveal),
            showNext = flag("showNext", first.showNext),
            screenshots = flag("screenshots", first.screenshots),
            sort = Sort.entries.find { it.name == kept.getProperty("sort") } ?: first.sort,
            offsetMs = number("offsetMs", first.offsetMs),
            systemBackup = flag("systemBackup", first.systemBackup),
        )
    }

    private fun written(wanted: Preferences): ByteArray {
        val kept = Properties()
        kept["lockAfterMs"] = wanted.lockAfterMs.toString()
        kept["idleMs"] = (wanted.idleMs ?: NEVER).toString()
        kept["lockOnDark"] = wanted.lockOnDark.toString()
        kept["tapToReveal"] = wanted.tapToReveal.toString()
        kept["showNext"] = wanted.showNext.toString()
        kept["screenshots"] = wanted.screenshots.toString()
        kept["sort"] = wanted.sort.name
        kept["offsetMs"] = wanted.offsetMs.toString()
        kept["systemBackup"] = wanted.systemBackup.toString()
        return StringWriter().also { kept.store(it, null) }.toString().toByteArray()
    }

    private companion object {
        const val NEVER = -1L
    }
}
