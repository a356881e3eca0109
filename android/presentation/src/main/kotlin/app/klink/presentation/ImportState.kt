package app.klink.presentation

import app.klink.core.ImportDone
import app.klink.core.ImportFormat
import app.klink.core.ImportProblem
import app.klink.core.PreviewRow

/** What comes from another app: shown first, then taken over. */
sealed interface ImportState {
    data class Choose(val working: Boolean = false, val problem: Message? = null) : ImportState

    /** The files are sealed. */
    data class NeedsPassword(val format: ImportFormat, val keyFile: Boolean = false, val working: Boolean = false, val problem: Message? = null) : ImportState

    /** The password costs more memory than a phone should spend; the person may consent. */
    data class TooExpensive(val memoryBytes: Long, val working: Boolean = false) : ImportState

    data class Preview(
        val format: ImportFormat,
        val rows: List<PreviewRow>,
        val problems: List<ImportProblem>,
        /** Numbers of codes of the same export that were not scanned. */
        val missing: List<Int> = emptyList(),
        val working: Boolean = false,
        val problem: Message? = null,
    ) : ImportState

    data class Done(val done: ImportDone) : ImportState
}

sealed interface ImportEvent {
    data object ChoosePicture : ImportEvent

    /** Files of any app; what they are, their content says. */
    data object ChooseFiles : ImportEvent

    data class Password(val typed: String) : ImportEvent

    data object Consent : ImportEvent

    data class Tick(val number: Int, val ticked: Boolean) : ImportEvent

    /** The PIN of an account that needs one. */
    data class Pin(val number: Int, val pin: String) : ImportEvent

    /** The key file that belongs to the password. */
    data object ChooseKeyFile : ImportEvent

    data object Take : ImportEvent

    /** Gives up what is being read. */
    data object Cancel : ImportEvent
}
