package app.klink.presentation

import app.klink.core.ImportFormat
import app.klink.core.ImportNeeds
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
    private var keyFile: ByteArray? = null

    init {
        scope.coroutineContext.job.invokeOnCompletion { preview?.close() }
        if (scanned != null) once { scanned.use { scan -> open { core.previewScanned(scan) } } }
    }

    override fun on(event: ImportEvent) = when (event) {
        is Go -> ways.replace(event.place)
        is ImportEvent.ChoosePicture -> once { picture() }
        is ImportEvent.ChooseFiles -> once { files() }
        is ImportEvent.Password -> once { typed(event.typed) }
        is ImportEvent.Consent -> once { read(consented = true) }
        is ImportEvent.Tick -> change { it.setTicked(event.number, event.ticked) }
        is ImportEvent.Pin -> change { it.setPin(event.number, event.pin.toByteArray()) }
        is ImportEvent.ChooseKeyFile -> once { keyFile() }
        is ImportEvent.Take -> once { take() }
        is ImportEvent.Cancel -> giveUp().also { shown.value = Choose() }
        is Back -> ways.back()
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
        keyFile = null
        read(consented = false)
    }

    private suspend fun keyFile() {
        keyFile = File(session.phone.device.pickFiles(many = false).firstOrNull()?.path ?: return).readBytes()
        if (password != null) read(consented = false)
    }

    private suspend fun typed(typed: String) {
        val state = shown.value as? NeedsPassword ?: return
        shown.value = state.copy(working = true, problem = null)
        password = typed
        read(consented = false)
    }

    private suspend fun read(consented: Boolean) {
        (shown.value as? TooExpensive)?.let { shown.value = it.copy(working = true) }
        open { core.previewImport(sources, ImportSecrets(password?.toByteArray(), keyFile), consented) }
    }

    private suspend fun open(call: suspend () -> ImportPreview) {
        shown.value = when (val came = attempt { call() }) {
            is Attempt.Done -> {
                preview?.close()
                preview = came.value
                came.value.run { Preview(format(), rows(), problems(), missingParts()) }
            }
            is Attempt.Refused -> when (val why = came.why) {
                is TransferException.NeedsPassword -> NeedsPassword(why.format, keyFile = why.needs == ImportNeeds.KEY_FILE)
                is TransferException.WrongPassword -> NeedsPassword(why.format, keyFile = why.format == ImportFormat.KEE_PASS, problem = came.message)
                is TransferException.TooExpensive -> TooExpensive(why.memoryBytes)
                else -> Choose(problem = came.message)
            }
        }
    }

    private fun change(how: (ImportPreview) -> Unit) {
        val preview = preview ?: return
        val state = shown.value as? Preview ?: return
        how(preview)
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
