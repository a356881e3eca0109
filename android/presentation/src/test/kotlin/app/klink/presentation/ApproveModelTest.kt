package app.klink.presentation

import app.cash.turbine.test
import app.klink.core.*
import app.klink.presentation.ApproveState.Asked
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.delay
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest

@OptIn(ExperimentalCoroutinesApi::class)
class ApproveModelTest {
    private fun TestScope.started(vararg open: Challenge): Pair<FakePhone, ApproveModel> {
        val fake = FakePhone(this)
        fake.core.mode = VaultMode.ReadWrite
        fake.core.open = open.toList()
        val model = ApproveModel(fake.session, backgroundScope, fake.ways, null)
        runCurrent()
        return fake to model
    }

    private val FakePhone.answers get() = core.calls.filter { it.startsWith("answer") }

    @Test
    fun `approving takes every digit, and nothing that is none`() = runTest {
        val (fake, model) = started(FakeCore.challenge("1"))
        model.on(ApproveEvent.Number("0x"))
        assertEquals("0" to false, assertIs<Asked>(model.state.value).run { number to complete })
        model.on(ApproveEvent.Approve)
        runCurrent()
        assertEquals(emptyList(), fake.answers)
        model.on(ApproveEvent.Number("078"))
        assertEquals("07" to true, assertIs<Asked>(model.state.value).run { number to complete })
        model.on(ApproveEvent.Approve)
        runCurrent()
        assertEquals(listOf("answer ${Decision.Approve("07")}"), fake.answers)
        assertEquals(Outcome.APPROVED, assertIs<ApproveState.Answered>(model.state.value).outcome)
    }

    @Test
    fun `denying is one tap, and works while the vault is locked`() = runTest {
        val (fake, model) = started(FakeCore.challenge("1"))
        fake.core.mode = null
        model.on(ApproveEvent.Deny)
        runCurrent()
        assertEquals(listOf("answer ${Decision.Deny(false)}"), fake.answers)
    }

    @Test
    fun `a prompt that was cancelled approves nothing, and the question stands`() = runTest {
        val (fake, model) = started(FakeCore.challenge("1"))
        fake.core.answers = { throw PushException.KeyStore(KeyStoreException.Cancelled()) }
        model.on(ApproveEvent.Number("07"))
        model.on(ApproveEvent.Approve)
        runCurrent()
        val asked = assertIs<Asked>(model.state.value)
        assertEquals(Sentence.KEYS_CANCELLED, asked.problem?.sentence)
        assertFalse(asked.working)
        assertEquals("07", asked.number)
    }

    @Test
    fun `not me asks what else, and reports`() = runTest {
        val (fake, model) = started(FakeCore.challenge("1"))
        model.on(ApproveEvent.NotMe)
        assertIs<ApproveState.AskReport>(model.state.value)
        model.on(ApproveEvent.TypeInstead)
        assertIs<Asked>(model.state.value)
        model.on(ApproveEvent.NotMe)
        model.on(ApproveEvent.Report(lock = true))
        runCurrent()
        assertEquals(listOf("answer ${Decision.Report(notMe = true, lock = true)}"), fake.answers)
    }

    @Test
    fun `a request that ends while it is looked at says so`() = runTest {
        val (_, model) = started(FakeCore.challenge("1", endsMs = 3_000))
        model.state.test {
            advanceTimeBy(2_500)
            assertEquals(2_000, assertIs<Asked>(expectMostRecentItem()).nowMs)
            advanceTimeBy(1_000)
            assertEquals(Outcome.EXPIRED, assertIs<ApproveState.Answered>(expectMostRecentItem()).outcome)
        }
    }

    @Test
    fun `an answer under way is not given twice, and the next request follows`() = runTest {
        val (fake, model) = started(FakeCore.challenge("1"), FakeCore.challenge("2", MatchRule.Confirm))
        fake.core.answers = {
            delay(1_000)
            Answered(null, null)
        }
        model.on(ApproveEvent.Deny)
        model.on(ApproveEvent.Deny)
        fake.core.open = fake.core.open.drop(1)
        advanceTimeBy(1_001)
        assertEquals(1, fake.answers.size)
        assertEquals(null, assertIs<ApproveState.Answered>(model.state.value).outcome)
        model.on(ApproveEvent.Next)
        assertEquals("2" to true, assertIs<Asked>(model.state.value).run { challenge.id to complete })
    }

    @Test
    fun `a look that began before a request came does not end it, one that says so does`() = runTest {
        val (fake, model) = started(FakeCore.challenge("1"), FakeCore.challenge("2"))
        fake.session.look()
        fake.core.looks.send(Challenges(emptyList(), emptyList(), 3_000, emptyList()))
        runCurrent()
        assertEquals("1", assertIs<Asked>(model.state.value).challenge.id)
        fake.core.looks.send(Challenges(emptyList(), listOf(ClosedChallenge("1", Outcome.ELSEWHERE)), 3_000, emptyList()))
        runCurrent()
        assertEquals(Outcome.ELSEWHERE, assertIs<ApproveState.Answered>(model.state.value).outcome)
    }

    @Test
    fun `a request that was answered is not asked again, whatever an older look says`() = runTest {
        val (fake, model) = started(FakeCore.challenge("1"))
        fake.session.look()
        model.on(ApproveEvent.Deny)
        fake.core.looks.send(Challenges(fake.core.open, emptyList(), 3_000, emptyList()))
        runCurrent()
        model.on(ApproveEvent.Next)
        assertIs<ApproveState.Nothing>(model.state.value)
        val (other, gone) = started(FakeCore.challenge("1"))
        other.core.answers = { throw PushException.NotThere(AbsentTrouble.REQUEST) }
        gone.on(ApproveEvent.Deny)
        runCurrent()
        assertEquals(Sentence.REQUEST_GONE, assertIs<ApproveState.Nothing>(gone.state.value).problem?.sentence)
    }

    @Test
    fun `without a request the screen says so`() = runTest {
        val (fake, model) = started()
        assertEquals(ApproveState.Nothing(looking = false), model.state.value)
        assertTrue("refreshChallenges" in fake.core.calls)
    }
}
