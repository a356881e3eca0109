package app.klink.presentation

import app.klink.core.EnteredKey
import app.klink.core.ScanSession
import app.klink.core.Scanned
import app.klink.core.ScannedAccount
import app.klink.core.ScannedCode
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.job

/** Looks at frames, pictures and texts; says what was found, and adds it when it is told to. */
class ScanModel(
    private val session: Session,
    scope: CoroutineScope,
    private val ways: Ways,
    from: Place,
    private val keep: (ScanSession) -> Unit,
) : Standing<ScanState, ScanEvent>(if (from is Place.Key) ScanState.Typing() else ScanState.Looking(camera(session.phone)), scope) {
    private val core = session.phone.core
    private val device = session.phone.device
    private val clock = session.phone.clock
    private val scan = session.phone.library.scan()

    /** Looks at frames until something was found, which is not scanned away. */
    val sight = Sight(scan, scope, ::found).apply { look(true) }

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
        is ScanEvent.KeyTyped -> once { typed(event.key) }
        is ScanEvent.AddFound -> once { add(event.number, event.pin) }
        is ScanEvent.Preview -> preview()
        is ScanEvent.LookAgain -> again(null)
        is ScanEvent.Done -> ways.replace(Place.Accounts)
        is Back -> ways.back()
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

    /** A link in the place of a key is what it is; a key is added at once, because it was typed for that. */
    private suspend fun typed(key: EnteredKey) {
        val link = scan.takeText(key.secret)
        if (link is Scanned.Account) return found(listOf(link))
        when (val came = attempt { scan.takeKey(key) }) {
            is Attempt.Done -> {
                shown.value = ScanState.Found(listOf(came.value))
                add(came.value.number, null)
            }
            is Attempt.Refused -> shown.value = ScanState.Typing(came.message)
        }
        key.pin?.fill(0)
    }

    private fun found(what: List<Scanned>) {
        val accounts = what.filterIsInstance<Scanned.Account>().map { it.account }
        val migration = what.filterIsInstance<Scanned.Migration>().lastOrNull()
        val move = what.filterIsInstance<Scanned.Move>().firstOrNull()
        val enrolment = what.filterIsInstance<Scanned.Enrolment>().firstOrNull()
        sight.look(false)
        when {
            enrolment != null -> ways.replace(Place.Enrol(enrolment.text))
            move != null -> ways.replace(Place.Move(move.text))
            accounts.isNotEmpty() -> shown.value = ScanState.Found(accounts.distinctBy(ScannedAccount::number))
            migration != null -> collect(migration)
            what.isEmpty() -> shown.value = ScanState.Elsewhere(Foreign.Nothing)
            else -> shown.value = ScanState.Elsewhere(foreign(what.first()))
        }
    }

    private fun collect(migration: Scanned.Migration) {
        // The next part may come at once.
        sight.look(true)
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
        sight.look(true)
    }
}

/** How the camera's permission stands; `null` without a camera. */
internal fun camera(phone: Phone): Granted? = if (phone.device.camera) phone.device.permission(Asked.CAMERA) else null

private fun Job.onEnd(what: () -> Unit) = invokeOnCompletion { what() }

/** What to say of a code that no account can be made of. */
private fun foreign(what: Scanned): Foreign = when (what) {
    is Scanned.VendorPush -> Foreign.VendorPush(what.vendor, what.hint)
    is Scanned.AccountWithoutSecret -> Foreign.AccountWithoutSecret
    is Scanned.Broken -> Foreign.Broken(what.report)
    is Scanned.PushMatch -> Foreign.PushMatch
    is Scanned.Passkey -> Foreign.Passkey
    is Scanned.Wifi -> Foreign.Wifi
    is Scanned.Contact -> Foreign.Contact
    is Scanned.Url, is Scanned.OtherLink -> Foreign.Link
    is Scanned.Plain, is Scanned.Account, is Scanned.Migration, is Scanned.Enrolment, is Scanned.Move -> Foreign.Plain
}
