package app.klink.presentation

import app.klink.core.Answered
import app.klink.core.Challenge
import app.klink.core.Decision
import app.klink.core.MatchRule
import app.klink.core.Outcome
import app.klink.core.PushException
import app.klink.core.ScanSession
import app.klink.core.Scanned
import app.klink.core.takeLuma
import app.klink.presentation.ApproveState.Asked
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** The newest request first: approving takes what the page shows and a person, denying takes one tap. */
class ApproveModel(
    private val session: Session,
    scope: CoroutineScope,
    private val ways: Ways,
    private val first: String?,
) : Standing<ApproveState, ApproveEvent>(ApproveState.Nothing(looking = true), scope), Frames {
    private val core = session.phone.core
    private val device = session.phone.device
    private val clock = session.phone.clock
    private val scanning = AtomicBoolean(false)

    init {
        scope.launch { session.lookNow().also { offer() } }
        scope.launch { session.requests.collect { offer() } }
        scope.launch { shown.subscriptionCount.map { it > 0 }.distinctUntilChanged().collectLatest { if (it) tick() } }
    }

    override fun on(event: ApproveEvent) = when (event) {
        is ApproveEvent.Number -> ask { typed(it, event.typed) }
        is ApproveEvent.Pick -> ask { it.copy(number = event.option, complete = true, problem = null) }
        is ApproveEvent.Approve -> once { approve() }
        is ApproveEvent.Deny -> once { answer(Decision.Deny(cancelled = false)) }
        is ApproveEvent.Cancel -> once { answer(Decision.Deny(cancelled = true)) }
        is ApproveEvent.NotMe -> ask { ApproveState.AskReport(it.challenge) }
        is ApproveEvent.Report -> once { answer(Decision.Report(notMe = true, lock = event.lock)) }
        is ApproveEvent.ScanInstead -> ask {
            scanning.set(true)
            ApproveState.Scanning(it.challenge)
        }
        is ApproveEvent.PictureTaken -> once { look(event.picture) }
        is ApproveEvent.ChoosePicture -> once { device.pickPicture()?.let { look(it) } }
        is ApproveEvent.TypeInstead -> back()
        is ApproveEvent.Unlock -> ways.go(Place.Unlock(Place.Approve(challenge()?.id)))
        is ApproveEvent.Next -> next()
        is ApproveEvent.LookNow -> once { session.lookNow().also { offer() } }
        is ApproveEvent.Close -> ways.back()
    }

    override fun take(luma: ByteBuffer, width: Int, height: Int, stride: Int) {
        if (!scanning.get()) return
        val text = session.phone.library.scan().use { scan ->
            attempt { scan.takeLuma(luma, width, height, stride) }.or { emptyList() }.firstNotNullOfOrNull { match(it.what) }
        } ?: return
        if (scanning.compareAndSet(true, false)) scope.launch { answer(Decision.ApproveScanned(text)) }
    }

    private fun ask(next: (Asked) -> ApproveState) = shown.update { if (it is Asked && !it.working) next(it) else it }

    /** Shows a request when none is shown; one that is shown stays until it is answered or ends. */
    private fun offer() {
        val seen = session.requests.value
        when (val state = shown.value) {
            is ApproveState.Nothing -> {
                val challenge = seen.open.find { it.id == first } ?: seen.open.firstOrNull()
                val none = ApproveState.Nothing(looking = false, seen.problem ?: state.problem)
                shown.value = if (challenge == null) none else asked(challenge)
            }
            is Asked -> refresh(state, seen)
            is ApproveState.AskReport, is ApproveState.Scanning, is ApproveState.Answered -> Unit
        }
    }

    /** A request that is not in the list is not gone: the look may have begun before it came. */
    private fun refresh(state: Asked, seen: Requests) {
        val open = seen.open.find { it.id == state.challenge.id }
        val ended = seen.closed[state.challenge.id]
        shown.value = when {
            open != null -> state.copy(challenge = open, locked = !session.unlocked(), others = others(open))
            ended != null && !state.working -> ApproveState.Answered(state.challenge, ended)
            else -> state
        }
    }

    private fun others(challenge: Challenge) = session.requests.value.open.count { it.id != challenge.id }

    private fun asked(challenge: Challenge) = Asked(
        challenge,
        nowMs = clock.now(),
        complete = challenge.rule is MatchRule.Confirm,
        locked = !session.unlocked(),
        others = others(challenge),
    )

    private suspend fun tick() {
        while (true) {
            val state = shown.value
            if (state is Asked) {
                val now = clock.now()
                val ended = now >= state.challenge.expiresAtMs && !state.working
                shown.value = if (ended) ApproveState.Answered(state.challenge, Outcome.EXPIRED) else state.copy(nowMs = now)
            }
            delay(TICK_MS)
        }
    }

    private fun typed(state: Asked, typed: String): ApproveState {
        val digits = (state.challenge.rule as? MatchRule.Type)?.digits ?: 0
        val number = typed.filter { it in '0'..'9' }.take(digits)
        return state.copy(number = number, complete = digits > 0 && number.length == digits, problem = null)
    }

    private suspend fun approve() {
        val state = shown.value as? Asked ?: return
        if (!state.complete) return
        answer(
            when (state.challenge.rule) {
                is MatchRule.Type, is MatchRule.Pick -> Decision.Approve(state.number)
                is MatchRule.Confirm -> Decision.ApprovePlain
                is MatchRule.Scan -> return
            },
        )
    }

    private suspend fun answer(decision: Decision) {
        val challenge = challenge() ?: return
        val before = shown.value as? Asked ?: asked(challenge)
        shown.value = before.copy(working = true, problem = null)
        when (val came = attempt { core.answer(challenge.id, decision) }) {
            is Attempt.Done -> answered(challenge, came.value)
            is Attempt.Refused -> when (came.why) {
                is PushException.NotThere -> {
                    session.done(challenge.id)
                    shown.value = ApproveState.Nothing(looking = false, came.message)
                }
                else -> shown.value = before.copy(working = false, problem = came.message)
            }
        }
    }

    private fun answered(challenge: Challenge, answered: Answered) {
        shown.value = ApproveState.Answered(challenge, answered.outcome, answered.displayCode)
        session.done(challenge.id)
    }

    private fun challenge(): Challenge? = when (val state = shown.value) {
        is ApproveState.Nothing, is ApproveState.Answered -> null
        is Asked -> state.challenge
        is ApproveState.AskReport -> state.challenge
        is ApproveState.Scanning -> state.challenge
    }

    private suspend fun look(picture: ByteArray) {
        val state = shown.value as? ApproveState.Scanning ?: return
        val found = session.phone.library.scan().use { scan: ScanSession -> attempt { scan.takePicture(picture) } }
        when (found) {
            is Attempt.Done -> found.value.firstNotNullOfOrNull { match(it.what) }
                ?.let { answer(Decision.ApproveScanned(it)) }
                ?: run { shown.value = state.copy(problem = Message(Sentence.NUMBER_OTHER_KIND)) }
            is Attempt.Refused -> shown.value = state.copy(problem = found.message)
        }
    }

    private fun match(what: Scanned): String? = (what as? Scanned.PushMatch)?.text

    private fun back() {
        scanning.set(false)
        challenge()?.let { shown.value = asked(it) }
    }

    private fun next() {
        shown.value = ApproveState.Nothing(looking = false)
        offer()
        if (shown.value is ApproveState.Nothing) ways.back()
    }

    private companion object {
        /** How often the bar moves. */
        const val TICK_MS = 1_000L
    }
}
