package app.klink.presentation

import app.klink.core.ExportContent
import app.klink.core.ExportFormat
import app.klink.core.ExportFormatInfo
import app.klink.core.ExportOrder
import app.klink.presentation.ExportState.Choose
import app.klink.presentation.ExportState.Ready
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.update

/** Shows what an export holds and leaves out, asks who wants it, and gives it out of hand. */
class ExportModel(private val session: Session, scope: CoroutineScope, private val ways: Ways) :
    Standing<ExportState, ExportEvent>(Choose(session.phone.library.formats()), scope) {
    private val core = session.phone.core
    private val clock = session.phone.clock
    private val confirmer = Confirmer(core) { confirming -> show { it.copy(confirming = confirming) } }

    override fun on(event: ExportEvent) = when (event) {
        is ExportEvent.Choose -> once { choose(event.format) }
        is ExportEvent.Write -> once { write(event) }
        is Confirm -> once { confirmer.on(event.event) }
        is Back -> if (shown.value is Ready) shown.value = Choose(session.phone.library.formats()) else ways.back()
    }

    private fun show(next: (Ready) -> Ready) = shown.update { if (it is Ready) next(it) else it }

    private suspend fun choose(format: ExportFormat) {
        val formats = session.phone.library.formats()
        shown.value = Choose(formats, working = true)
        val came = attempt { core.exportReport(format, null) to core.accounts().associateBy { it.id } }
        shown.value = when (came) {
            is Attempt.Done -> Ready(formats.first { it.format == format }, came.value.first, came.value.second)
            is Attempt.Refused -> Choose(formats, problem = came.message)
        }
    }

    private suspend fun write(event: ExportEvent.Write) {
        val state = shown.value as? Ready ?: return
        if (state.format.format == ExportFormat.AEGIS && event.password.isEmpty()) {
            return show { it.copy(problem = Message(Sentence.PASSPHRASE_EMPTY)) }
        }
        confirmer.ask { key ->
            core.confirm(key, clock.boot())
            val order = order(state.format, event)
            val exported = core.export(order, null, clock.boot())
            (order as? ExportOrder.Aegis)?.password?.fill(0)
            when (val content = exported.content) {
                is ExportContent.Codes -> shown.value = ExportState.Codes(content.texts.mapNotNull(session.phone.library::qr))
                is ExportContent.File -> {
                    val went = session.phone.device.save(event.fileName, content.bytes)
                    content.bytes.fill(0)
                    if (went) shown.value = ExportState.Done(exported.report)
                }
            }
        }
    }

    private fun order(format: ExportFormatInfo, event: ExportEvent.Write): ExportOrder = when (format.format) {
        ExportFormat.URI_LIST -> ExportOrder.UriList
        ExportFormat.AEGIS -> ExportOrder.Aegis(event.password.toByteArray())
        ExportFormat.GOOGLE_MIGRATION -> ExportOrder.GoogleMigration
        ExportFormat.SHEET -> ExportOrder.Sheet(event.words)
        ExportFormat.CXF -> ExportOrder.Cxf(clock.now())
        ExportFormat.CODES -> ExportOrder.Codes
    }
}
