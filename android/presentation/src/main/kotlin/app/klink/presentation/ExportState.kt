package app.klink.presentation

import app.klink.core.Account
import app.klink.core.ExportFormat
import app.klink.core.ExportFormatInfo
import app.klink.core.ExportReport
import app.klink.core.QrCode
import app.klink.core.SheetWords

/** Accounts on their way to another app, or to paper. */
sealed interface ExportState {
    data class Choose(val formats: List<ExportFormatInfo>, val working: Boolean = false, val problem: Message? = null) : ExportState

    /** What such an export holds and what it does not; nothing has left yet. [names] are the accounts by their ids. */
    data class Ready(
        val format: ExportFormatInfo,
        val report: ExportReport,
        val names: Map<String, Account>,
        val confirming: UnlockState? = null,
        val working: Boolean = false,
        val problem: Message? = null,
    ) : ExportState

    /** Codes to be scanned, one after the other. */
    data class Codes(val codes: List<QrCode>) : ExportState

    /** It went where the person wanted. */
    data class Done(val report: ExportReport) : ExportState
}

sealed interface ExportEvent {
    data class Choose(val format: ExportFormat) : ExportEvent

    /** Writes it, after a confirmation: [password] seals it where the format has one, [words] stand on a sheet. */
    data class Write(val password: String, val words: SheetWords, val fileName: String) : ExportEvent
}
