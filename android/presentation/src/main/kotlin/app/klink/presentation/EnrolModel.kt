package app.klink.presentation

import app.klink.core.Act
import app.klink.core.Enrolled
import app.klink.core.EnrolmentState
import app.klink.core.NetworkTrouble
import app.klink.core.PushException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch

/** Host first, then who vouches for it, then the number to compare, then a test: nothing is sent before it is asked. */
class EnrolModel(private val session: Session, scope: CoroutineScope, private val ways: Ways, link: String?) :
    Standing<EnrolState, EnrolEvent>(EnrolState.TypeCode(), scope) {
    private val core = session.phone.core
    private val device = session.phone.device
    private var offer = ""

    init {
        if (link != null) read { core.offer(link) }
        scope.launch { session.requests.collect { settle() } }
    }

    override fun on(event: EnrolEvent) = when (event) {
        is EnrolEvent.CodeTyped -> once { typed(event.host.trim(), event.code.trim()) }
        is EnrolEvent.Connect -> once { check() }
        is EnrolEvent.AllowNotifications -> once { allowNotifications() }
        is EnrolEvent.Choose -> choose(event.distributor)
        is EnrolEvent.Enrol -> once { enrol() }
        is EnrolEvent.TryAgain -> once { resume() }
        is EnrolEvent.OpenTest -> once { openTest() }
        is EnrolEvent.Close -> ways.replace(Place.Accounts)
    }

    private inline fun read(offered: () -> app.klink.core.Offer) {
        when (val came = attempt(offered)) {
            is Attempt.Done -> {
                offer = came.value.id
                shown.value = EnrolState.AskHost(came.value.host)
            }
            is Attempt.Refused -> shown.value = EnrolState.Refused(came.message)
        }
    }

    private suspend fun typed(host: String, code: String) {
        shown.value = EnrolState.TypeCode(working = true)
        when (val came = attempt { core.offerByCode(host, code) }) {
            is Attempt.Done -> {
                offer = came.value.id
                shown.value = EnrolState.AskHost(came.value.host)
            }
            is Attempt.Refused -> shown.value = EnrolState.TypeCode(problem = came.message)
        }
    }

    private suspend fun check() {
        val state = shown.value as? EnrolState.AskHost ?: return
        shown.value = state.copy(working = true, problem = null)
        shown.value = when (val came = attempt { core.checkOffer(offer) }) {
            is Attempt.Done -> with(came.value) {
                EnrolState.AskService(
                    host, service, accountName, clockIsSuspect, device.permission(Asked.NOTIFICATIONS),
                    // Nobody is asked for what was chosen, or brings nothing here.
                    device.distributors.run { if (mustChoose && pushKey != null) installed else emptyList() },
                )
            }
            is Attempt.Refused -> when (came.why) {
                is PushException.Offer -> EnrolState.Refused(came.message)
                else -> state.copy(working = false, problem = came.message)
            }
        }
    }

    private suspend fun allowNotifications() {
        val granted = device.ask(Asked.NOTIFICATIONS)
        (shown.value as? EnrolState.AskService)?.let { shown.value = it.copy(notifications = granted) }
    }

    private fun choose(distributor: String) {
        device.distributors.choose(distributor)
        (shown.value as? EnrolState.AskService)?.let { shown.value = it.copy(distributor = distributor) }
    }

    private suspend fun enrol() {
        val state = shown.value as? EnrolState.AskService ?: return
        if (device.biometrics == Biometrics.NO_SCREEN_LOCK) {
            shown.value = state.copy(problem = Message(Sentence.NO_SCREEN_LOCK))
            return
        }
        shown.value = state.copy(working = true, problem = null)
        when (val came = attempt { core.enrol(offer, device.phone) }) {
            is Attempt.Done -> enrolled(came.value, state.service)
            is Attempt.Refused -> shown.value = lost(came) ?: state.copy(working = false, problem = came.message)
        }
    }

    /** The reply was lost, and the row is there: the same bytes can be sent again. */
    private suspend fun lost(came: Attempt.Refused): EnrolState? {
        val why = came.why as? PushException.Network ?: return null
        if (why.why !is NetworkTrouble.NoReply) return null
        val row = attempt { core.enrolments() }.or { emptyList() }.lastOrNull { it.state is EnrolmentState.Enrolling }
        return row?.let { EnrolState.Unfinished(it.id, it.host, problem = came.message) }
    }

    private suspend fun resume() {
        val state = shown.value as? EnrolState.Unfinished ?: return
        shown.value = state.copy(working = true, problem = null)
        when (val came = attempt { core.resumeEnrolment(state.enrolment) }) {
            is Attempt.Done -> enrolled(came.value, state.host)
            is Attempt.Refused -> shown.value = state.copy(working = false, problem = came.message)
        }
    }

    private fun enrolled(enrolled: Enrolled, service: String) {
        shown.value = EnrolState.Check(enrolled.id, service, enrolled.checkNumber)
        session.renewWakeUps()
        session.lookAnew()
    }

    private suspend fun openTest() {
        val state = shown.value as? EnrolState.Check ?: return
        session.lookNow()
        val test = session.requests.value.open.firstOrNull { it.enrolmentId == state.enrolment && it.act == Act.TEST }
        if (test != null) ways.go(Place.Approve(test.id))
    }

    /** After the test was approved the enrolment is active. */
    private suspend fun settle() {
        val state = shown.value as? EnrolState.Check ?: return
        val row = attempt { core.enrolments() }.or { emptyList() }.find { it.id == state.enrolment } ?: return
        if (row.state is EnrolmentState.Active) {
            shown.value = EnrolState.Done(row.service ?: row.host, row.accountName.orEmpty())
        }
    }
}
