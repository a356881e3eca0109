package app.klink.presentation

import app.klink.core.AuthenticatorInterface
import app.klink.core.BackupFolder
import app.klink.core.Challenge
import app.klink.core.ChallengeEvent
import app.klink.core.Challenges
import app.klink.core.LockEvent
import app.klink.core.LockLimits
import app.klink.core.OpenReport
import app.klink.core.Opened
import app.klink.core.challengeFlow
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch

/** What was noticed since the app started, for whichever screen shows it. */
class Session(val phone: Phone, private val scope: CoroutineScope, private val locked: () -> Unit) {
    private val seen = MutableStateFlow(Requests())

    /** Requests that this phone is done with: a look that began before may still name them. */
    private val done = mutableSetOf<String>()
    private val wakeUps = WakeUps(phone)
    private var looking: Job? = null
    private var timer: Job? = null

    /** What the services ask. */
    val requests: StateFlow<Requests> = seen.asStateFlow()

    /** What was noticed at the last opening. */
    var report: OpenReport? = null
        private set

    /** The vault was opened. */
    suspend fun opened(opened: Opened?) {
        report = opened?.report
        watch()
        again()
        backUp()
    }

    /** Writes the backup of the chosen folder if something changed; what goes wrong is the main screen's to say. */
    suspend fun backUp(ifDue: Boolean = true): Message? {
        val (folder, kept) = phone.preferences.now.value.run { (backupFolder ?: return null) to backupsKept }
        return refused { phone.core.backUpInto(phone.device.folder(folder), folder, kept, ifDue, phone.clock.now()) }
    }

    /** Has wake-ups brought for every enrolment there is now; [afresh] asks the services for their keys again. */
    fun renewWakeUps(afresh: Boolean = false) {
        scope.launch { wakeUps.renew(afresh) }
    }

    /** The limits changed, or the vault was opened. */
    fun watch() {
        val wanted = phone.preferences.now.value
        val limits = LockLimits(wanted.lockAfterMs, wanted.idleMs, wanted.lockOnDark)
        refused { phone.core.watch(limits, phone.clock.boot()) }
        wind()
    }

    /** Tells the core what happened; when that locks, [locked] is told. */
    fun report(event: LockEvent) {
        if (!unlocked()) return
        if (attempt { phone.core.report(event, phone.clock.boot()) }.or { true }) lock() else wind()
    }

    /** Locks now. */
    fun lock() {
        timer?.cancel()
        phone.core.lock()
        report = null
        locked()
    }

    fun unlocked(): Boolean = attempt { phone.core.mode() } is Attempt.Done

    /** Asks the services for as long as the app is in sight. */
    fun look() {
        if (looking?.isActive == true) return
        looking = scope.launch {
            phone.core.challengeFlow().collect { event ->
                seen.value = when (event) {
                    is ChallengeEvent.Shown -> taken(event.challenges)
                    is ChallengeEvent.Failed -> seen.value.copy(problem = message(event.why))
                }
            }
        }
    }

    /** The app is out of sight. */
    fun lookAway() {
        looking?.cancel()
        looking = null
    }

    /** Begins to ask anew, at once: whoever had nobody to ask, or slowed down, would wait for minutes. */
    fun lookAnew() {
        if (looking == null) return
        lookAway()
        look()
    }

    /** Asks the services once. */
    suspend fun lookNow() {
        when (val came = attempt { phone.core.refreshChallenges() }) {
            is Attempt.Done -> seen.value = taken(came.value)
            is Attempt.Refused -> seen.value = seen.value.copy(problem = came.message)
        }
    }

    /** A request was answered, or is not there any more: nobody is asked about it again. */
    fun done(challenge: String) {
        done += challenge
        seen.value = seen.value.copy(open = seen.value.open.waiting())
    }

    /** Reads the open requests again: after an unlock they have names. */
    private suspend fun again() {
        attempt { phone.core.challenges() }.or { null }?.let { seen.value = seen.value.copy(open = it.waiting()) }
    }

    private fun List<Challenge>.waiting() = filter { it.id !in done }

    private fun taken(challenges: Challenges) = Requests(
        open = challenges.open.waiting(),
        closed = seen.value.closed + challenges.closed.associate { it.id to it.outcome },
        problem = challenges.problems.firstOrNull()?.let { message(it.why) },
    )

    /** Sets the one timer that locks when nothing else happens. */
    private fun wind() {
        timer?.cancel()
        val at = attempt { phone.core.locksAtBootMs() }.or { null } ?: return
        timer = scope.launch {
            delay(at - phone.clock.boot())
            lock()
        }
    }
}

/** What the services ask now. */
data class Requests(
    val open: List<Challenge> = emptyList(),
    /** Requests that ended without this phone since the app started, and how. */
    val closed: Map<String, app.klink.core.Outcome> = emptyMap(),
    /** Why a service could not be asked. */
    val problem: Message? = null,
)

/** Writes into a folder of the system's, or where there is none to the path [name]. */
private suspend fun AuthenticatorInterface.backUpInto(folder: BackupFolder?, name: String, kept: Int, ifDue: Boolean, atMs: Long) {
    if (folder != null) backUp(folder, kept, ifDue, atMs) else backUpToPath(name, kept, ifDue, atMs)
}
