package app.klink.presentation

import app.klink.core.Advice
import app.klink.core.CheckItem
import app.klink.core.CheckLine
import app.klink.core.CheckState
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.update

/** What must be right before anybody relies on this phone. */
data class SelfCheckState(
    /** `null` while it is looked at. */
    val lines: List<CheckLine>? = null,
    /** Several could bring wake-ups, and nobody chose one: that is why nothing wakes this app. */
    val mustChoose: Boolean = false,
    val confirming: UnlockState? = null,
    val problem: Message? = null,
)

sealed interface SelfCheckEvent {
    data object Again : SelfCheckEvent

    /** Does what a line advises, or opens where that is done. */
    data class Mend(val line: CheckLine) : SelfCheckEvent
}

/** The core's own check together with what the shell reports; each line leads to what mends it. */
class SelfCheckModel(private val session: Session, scope: CoroutineScope, private val ways: Ways) :
    Standing<SelfCheckState, SelfCheckEvent>(SelfCheckState(), scope) {
    private val core = session.phone.core
    private val device = session.phone.device
    private val clock = session.phone.clock
    private val confirmer = Confirmer(core) { confirming -> shown.update { it.copy(confirming = confirming) } }

    init {
        once { check() }
    }

    override fun on(event: SelfCheckEvent) = when (event) {
        is SelfCheckEvent.Again -> once { check() }
        is SelfCheckEvent.Mend -> once { mend(event.line) }
        is Confirm -> once { confirmer.on(event.event) }
        is Back -> ways.back()
    }

    private suspend fun check() {
        shown.value = SelfCheckState()
        shown.value = when (val came = attempt { core.selfCheck(device.facts(), clock.now()) }) {
            is Attempt.Done -> SelfCheckState(came.value, device.distributors.mustChoose)
            is Attempt.Refused -> SelfCheckState(emptyList(), problem = came.message)
        }
    }

    private suspend fun mend(line: CheckLine) = when (line.advice()) {
        Advice.SET_SCREEN_LOCK -> device.openSystemPage(SystemPage.SCREEN_LOCK)
        Advice.SET_CLOCK -> device.openSystemPage(SystemPage.CLOCK)
        Advice.LIFT_BATTERY_RESTRICTION -> device.openSystemPage(SystemPage.BATTERY)
        Advice.SWITCH_OFF_HIBERNATION -> device.openSystemPage(SystemPage.HIBERNATION)
        Advice.ALLOW_IN_SETTINGS ->
            device.openSystemPage(if (line.what == CheckItem.NOTIFICATIONS) SystemPage.NOTIFICATIONS else SystemPage.APP)
        Advice.ALLOW -> {
            device.ask(if (line.what == CheckItem.NOTIFICATIONS) Asked.NOTIFICATIONS else Asked.CAMERA)
            check()
        }
        Advice.SEE_VAULT -> ways.go(Place.Trouble)
        Advice.BACK_UP -> ways.go(Place.Backup)
        Advice.UNLOCK -> session.lock()
        Advice.TYPE_PASSPHRASE -> confirmer.ask(except = setOf(UnlockState.Way.DEVICE)) { key ->
            core.checkWayIn(key, clock.now(), clock.boot())
            check()
        }
        Advice.SEND_TEST -> attempt { core.enrolments() }.or { emptyList() }.firstOrNull()?.let { ways.go(Place.Service(it.id)) } ?: Unit
        Advice.OPEN_TO_SEE -> if (shown.value.mustChoose) ways.go(Place.Settings) else Unit
        Advice.KEYS_IN_SOFTWARE, Advice.RESTART_DEVICE, Advice.MAKE_ROOM, null -> Unit
    }
}

/** What helps, where something does. */
fun CheckLine.advice(): Advice? = when (val state = state) {
    is CheckState.Good, is CheckState.NotKnown -> null
    is CheckState.Better -> state.advice
    is CheckState.Bad -> state.advice
}

/** Whether the app can lead to what [this] advises; [mustChoose] as in [SelfCheckState]. */
fun Advice.leads(mustChoose: Boolean): Boolean =
    if (this == Advice.OPEN_TO_SEE) mustChoose else this !in setOf(Advice.KEYS_IN_SOFTWARE, Advice.RESTART_DEVICE, Advice.MAKE_ROOM)
