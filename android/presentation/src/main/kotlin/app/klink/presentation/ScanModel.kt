package app.klink.presentation

import app.klink.core.ScanSession
import app.klink.core.Scanned
import app.klink.core.ScannedAccount
import app.klink.core.ScannedCode
import app.klink.core.takeLuma
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.job
import kotlinx.coroutines.launch

/** Looks at frames, pictures and texts; says what was found, and adds it when it is told to. */
class ScanModel(
    private val session: Session,
    scope: CoroutineScope,
    private val ways: Ways,
    from: Place,
    private val keep: (ScanSession) -> Unit,
) : Standing<ScanState, ScanEvent>(ScanState.Looking(camera(session.phone)), scope), Frames {
    private val core = session.phone.core
    private val device = session.phone.device
    private val clock = session.phone.clock
    private val scan = session.phone.library.scan()

    /** Whether frames are looked at; what was found is not scanned away. */
    private val looking = AtomicBoolean(true)

    /** Whether what was collected goes to the import's preview, which needs the findings. */
    private var kept = false

    init {
        scope.coroutineContext.job.onEnd { if (!kept) scan.close() }
        when (from) {
            is Place.Scan -> from.text?.let(::read)
            is Place.ScanPicture -> once { look(from.picture) }
            else -> Unit
        }
    }

    override fun on(event: ScanEvent) = when (event) {
        is ScanEvent.AllowCamera -> once { allowCamera() }
        is ScanEvent.OpenAppSettings -> device.openSystemPage(SystemPage.APP)
        is ScanEvent.ChoosePicture -> once { device.pickPicture()?.let { look(it) } }
        is ScanEvent.PictureTaken -> once { look(event.picture) }
        is ScanEvent.TextPasted -> read(event.text)
        is ScanEvent.AddFound -> once { add(event.number, event.pin) }
        is ScanEvent.Preview -> preview()
        is ScanEvent.LookAgain -> again(null)
        is ScanEvent.Done -> ways.replace(Place.Accounts)
        is ScanEvent.Back -> ways.back()
    }

    override fun take(luma: ByteBuffer, width: Int, height: Int, stride: Int) {
        if (!looking.get()) return
        val codes = attempt { scan.takeLuma(luma, width, height, stride) }.or { emptyList() }
        if (codes.isEmpty()) return
        scope.launch { if (looking.get()) found(codes.map { it.what }) }
    }

    private suspend fun allowCamera() {
        val granted = device.ask(Asked.CAMERA)
        shown.update { if (it is ScanState.Looking) it.copy(camera = granted) else it }
    }

    private suspend fun look(picture: ByteArray) {
        shown.value = ScanState.Looking(camera(session.phone), working = true)
        when (val came = attempt { scan.takePicture(picture) }) {
            is Attempt.Done -> found(came.value.map(ScannedCode::what))
            is Attempt.Refused -> again(came.message)
        }
    }

    private fun read(text: String) = found(listOf(scan.takeText(text)))

    private fun found(what: List<Scanned>) {
        val accounts = what.filterIsInstance<Scanned.Account>().map { it.account }
        val migration = what.filterIsInstance<Scanned.Migration>().lastOrNull()
        val enrolment = what.filterIsInstance<Scanned.Enrolment>().firstOrNull()
        looking.set(false)
        when {
            enrolment != null -> ways.replace(Place.Enrol(enrolment.text))
            accounts.isNotEmpty() -> shown.value = ScanState.Found(accounts.distinctBy(ScannedAccount::number))
            migration != null -> collect(migration)
            what.isEmpty() -> shown.value = ScanState.Elsewhere(Foreign.Nothing)
            else -> shown.value = ScanState.Elsewhere(foreign(what.first()))
        }
    }

    private fun collect(migration: Scanned.Migration) {
        // The next part may come at once.
        looking.set(true)
        shown.value = ScanState.Collecting(migration.progress, camera(session.phone))
        if (migration.progress.missing.isEmpty()) preview()
    }

    private suspend fun add(number: Int, pin: String?) {
        val state = shown.value as? ScanState.Found ?: return
        val came = attempt { core.addScanned(scan, number, pin?.toByteArray(), clock.now()) }
        shown.value = when (came) {
            is Attempt.Done -> state.copy(added = state.added + came.value, problem = null)
            is Attempt.Refused -> state.copy(problem = came.message)
        }
    }

    private fun preview() {
        kept = true
        keep(scan)
        ways.replace(Place.Import)
    }

    private fun again(problem: Message?) {
        shown.value = ScanState.Looking(camera(session.phone), problem = problem)
        looking.set(true)
    }
}

/** How the camera's permission stands; `null` without a camera. */
private fun camera(phone: Phone): Granted? = if (phone.device.camera) phone.device.permission(Asked.CAMERA) else null

private fun Job.onEnd(what: () -> Unit) = invokeOnCompletion { what() }

/** What to say of a code that no account can be made of. */
private fun foreign(what: Scanned): Foreign = when (what) {
    is Scanned.VendorPush -> Foreign.VendorPush(what.vendor, what.hint)
    is Scanned.AccountWithoutSecret -> Foreign.AccountWithoutSecret
    is Scanned.Broken -> Foreign.Broken(what.report)
    is Scanned.PushMatch -> Foreign.PushMatch
    is Scanned.Move -> Foreign.Move
    is Scanned.Passkey -> Foreign.Passkey
    is Scanned.Wifi -> Foreign.Wifi
    is Scanned.Contact -> Foreign.Contact
    is Scanned.Url, is Scanned.OtherLink -> Foreign.Link
    is Scanned.Plain, is Scanned.Account, is Scanned.Migration, is Scanned.Enrolment -> Foreign.Plain
}
