package app.klink.presentation

import app.klink.core.Incoming
import app.klink.core.MoveWay
import app.klink.core.Outgoing
import app.klink.core.Scanned
import app.klink.core.ScannedCode
import app.klink.presentation.MoveState.Choose
import app.klink.presentation.MoveState.Compared
import app.klink.presentation.MoveState.Receiving
import app.klink.presentation.MoveState.Sending
import java.io.File
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/** Both sides of a move; either goes on after a restart. [text] is a code that was scanned elsewhere. */
class MoveModel(private val session: Session, scope: CoroutineScope, private val ways: Ways, text: String?) :
    Standing<MoveState, MoveEvent>(Choose(), scope) {
    private val core = session.phone.core
    private val device = session.phone.device
    private val clock = session.phone.clock
    private val scan = session.phone.library.scan()
    private val confirmer = Confirmer(core) { confirming -> shown.update { if (it is Choose) it.copy(confirming = confirming) else it } }

    /** Looks at the codes of the old phone; they come in any order, and faster than one is taken. */
    val sight = Sight(scan, scope, ::found)
    private val taking = Mutex()
    private var outgoing: Outgoing? = null

    init {
        scope.coroutineContext.job.invokeOnCompletion { scan.close() }
        scope.launch { attempt { core.isSending() }.or { false }.let { begun -> shown.update { if (it is Choose) it.copy(begun = begun) else it } } }
        if (text != null) once { take { core.takeMoveCode(text) } }
    }

    override fun on(event: MoveEvent) = when (event) {
        is MoveEvent.Send -> once { send { core.sendAccounts(event.way, clock.boot()) } }
        is MoveEvent.GoOn -> once { send { core.sending(clock.boot()) } }
        is MoveEvent.Receive -> once { take { core.incoming() } }
        is MoveEvent.SaveFile -> once { outgoing?.file?.let { device.save(FILE, it) } }
        is MoveEvent.Receipt -> once { receipt(event.typed) }
        is MoveEvent.AllowCamera -> once {
            val granted = device.ask(Asked.CAMERA)
            shown.update { if (it is Receiving) it.copy(camera = granted) else it }
        }
        is MoveEvent.ChoosePicture -> once { device.pickPicture()?.let { look(it) } }
        is MoveEvent.ChooseFile -> once { device.pickFiles(many = false).firstOrNull()?.let { take { core.takeMoveFile(File(it.path).readBytes()) } } }
        is MoveEvent.TextPasted -> once { take { core.takeMoveCode(event.text) } }
        is MoveEvent.Tick -> shown.update { if (it is Compared) it.copy(ticked = it.ticked.with(event.id, event.ticked)) else it }
        is MoveEvent.Take -> once { receive() }
        is MoveEvent.Stop -> once { stop() }
        is Confirm -> once { confirmer.on(event.event) }
        is Back -> if ((shown.value as? MoveState.Arrived)?.run { arrived < of } == true) shown.value = Choose(begun = true) else ways.back()
    }

    private suspend fun send(what: suspend () -> Outgoing?) = confirmer.ask { key ->
        core.confirm(key, clock.boot())
        outgoing = what()
        shown.value = outgoing?.run { Sending(codes.mapNotNull(session.phone.library::qr), accounts, leftOut.size, file != null) } ?: Choose()
    }

    private suspend fun receipt(typed: String) {
        val state = shown.value as? Sending ?: return
        shown.value = when (val came = attempt { core.handedOver(typed) }) {
            is Attempt.Done -> came.value?.let { MoveState.Arrived(it.arrived, it.of) } ?: state.copy(problem = Message(Sentence.OTHER_RECEIPT))
            is Attempt.Refused -> state.copy(problem = came.message)
        }
    }

    private fun found(what: List<Scanned>) {
        for (one in what) if (one is Scanned.Move) scope.launch { take { core.takeMoveCode(one.text) } }
    }

    private suspend fun look(picture: ByteArray) = when (val came = attempt { scan.takePicture(picture).map(ScannedCode::what) }) {
        is Attempt.Done -> for (one in came.value.filterIsInstance<Scanned.Move>()) take { core.takeMoveCode(one.text) }
        is Attempt.Refused -> shown.update { if (it is Receiving) it.copy(problem = came.message) else it }
    }

    /** Takes a code or the file; when nothing is missing any more, what came is compared with what is here. */
    private suspend fun take(what: suspend () -> Incoming) = taking.withLock {
        if (shown.value is Compared) return@withLock
        when (val came = attempt { what() }) {
            is Attempt.Done -> came.value.run { if (codes == null || missing.isNotEmpty()) receiving(this, null) else compare(this) }
            is Attempt.Refused -> receiving((shown.value as? Receiving)?.incoming ?: attempt { core.incoming() }.or { return@withLock }, came.message)
        }
    }

    private fun receiving(incoming: Incoming, problem: Message?) {
        shown.value = Receiving(incoming, camera(session.phone), problem = problem)
        sight.look(true)
    }

    /** All codes are here: the accounts with them, unless they are in a file that has not come. */
    private suspend fun compare(incoming: Incoming) = when (val came = attempt { core.compareMove() }) {
        is Attempt.Done -> {
            sight.look(false)
            shown.value = came.value.rows.let { rows -> Compared(rows, rows.filter { it.proposed }.map { it.account.id }.toSet()) }
        }
        is Attempt.Refused -> receiving(incoming, came.message.takeIf { it.sentence != Sentence.MOVE_INCOMPLETE })
    }

    private suspend fun receive() {
        val state = shown.value as? Compared ?: return
        shown.value = state.copy(working = true, problem = null)
        shown.value = when (val came = attempt { core.receiveAccounts(state.ticked.toList(), clock.now()) }) {
            is Attempt.Done -> MoveState.Received(came.value)
            is Attempt.Refused -> state.copy(working = false, problem = came.message)
        }
    }

    private suspend fun stop() {
        val sent = shown.value is Sending || shown.value is MoveState.Arrived || shown.value is Choose
        val problem = refused { if (sent) core.stopSending() else core.stopReceiving() }
        if (problem == null && shown.value !is Choose) ways.back() else shown.value = Choose(problem = problem)
    }

    private companion object {
        const val FILE = "klink-move.bin"
    }
}

/** With [id] or without it. */
internal fun Set<String>.with(id: String, isIn: Boolean): Set<String> = if (isIn) this + id else this - id
