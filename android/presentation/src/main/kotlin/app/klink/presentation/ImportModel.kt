package app.klink.presentation

import app.klink.core.ImportPreview
import app.klink.core.ImportSecrets
import app.klink.core.ImportSource
import app.klink.core.ScanSession
import app.klink.core.TransferException
import app.klink.presentation.ImportState.Choose
import app.klink.presentation.ImportState.NeedsPassword
import app.klink.presentation.ImportState.Preview
import app.klink.presentation.ImportState.TooExpensive
import java.io.File
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.job

/** Shows what another app's export holds before anything is added; [scanned] are findings that the camera collected. */
class ImportModel(private val session: Session, scope: CoroutineScope, private val ways: Ways, scanned: ScanSession?) :
    Standing<ImportState, ImportEvent>(Choose(working = scanned != null), scope) {
    private val core = session.phone.core
    private var preview: ImportPreview? = null

    /** The files that were chosen, and what was typed for them. */
    private var sources = emptyList<ImportSource>()
    private var password: String? = null

    init {
        scope.coroutineContext.job.invokeOnCompletion { preview?.close() }
        if (scanned != null) once { scanned.use { scan -> open { core.previewScanned(scan) } } }
    }

    override fun on(event: ImportEvent) = when (event) {
        is ImportEvent.ScanCodes -> ways.replace(Place.Scan())
        is ImportEvent.ChoosePicture -> once { picture() }
        is ImportEvent.ChooseFiles -> once { files() }
        is ImportEvent.Password -> once { typed(event.typed) }
        is ImportEvent.Consent -> once { read(consented = true) }
        is ImportEvent.Tick -> tick(event)
        is ImportEvent.Take -> once { take() }
        is ImportEvent.Back -> ways.back()
    }

    private suspend fun picture() {
        val picture = session.phone.device.pickPicture() ?: return
        shown.value = Choose(working = true)
        sources = listOf(ImportSource("", picture))
        read(consented = false)
    }

    private suspend fun files() {
        val files = session.phone.device.pickFiles(many = true)
        if (files.isEmpty()) return
        shown.value = Choose(working = true)
        sources = files.map { ImportSource(it.name, File(it.path).readBytes()) }
        password = null
        read(consented = false)
    }

    private suspend fun typed(typed: String) {
        val state = shown.value as? NeedsPassword ?: return
        shown.value = state.copy(working = true, problem = null)
        password = typed
        read(consented = false)
    }

    private suspend fun read(consented: Boolean) {
        (shown.value as? TooExpensive)?.let { shown.value = it.copy(working = true) }
        open { core.previewImport(sources, ImportSecrets(password?.toByteArray(), null), consented) }
    }

    private suspend fun open(call: suspend () -> ImportPreview) {
        shown.value = when (val came = attempt { call() }) {
            is Attempt.Done -> {
                preview?.close()
                preview = came.value
                Preview(came.value.rows(), came.value.problems())
            }
            is Attempt.Refused -> when (val why = came.why) {
                is TransferException.NeedsPassword -> NeedsPassword(why.format)
                is TransferException.WrongPassword -> NeedsPassword(why.format, problem = came.message)
                is TransferException.TooExpensive -> TooExpensive(why.memoryBytes)
                else -> Choose(problem = came.message)
            }
        }
    }

    private fun tick(event: ImportEvent.Tick) {
        val preview = preview ?: return
        val state = shown.value as? Preview ?: return
        preview.setTicked(event.number, event.ticked)
        shown.value = state.copy(rows = preview.rows())
    }

    private suspend fun take() {
        val preview = preview ?: return
        val state = shown.value as? Preview ?: return
        shown.value = state.copy(working = true, problem = null)
        shown.value = when (val came = attempt { preview.commit(session.phone.clock.now()) }) {
            is Attempt.Done -> ImportState.Done(came.value)
            is Attempt.Refused -> state.copy(working = false, problem = came.message)
        }
    }
}
