package app.klink.presentation

import app.klink.core.AccountTrouble
import app.klink.core.VaultException
import app.klink.core.VaultMode
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest

@OptIn(ExperimentalCoroutinesApi::class)
class AccountModelTest {
    private fun TestScope.started(set: FakePhone.() -> Unit = {}): Pair<FakePhone, AccountModel> {
        val fake = FakePhone(this)
        fake.core.mode = VaultMode.ReadWrite
        fake.core.list += FakeCore.account("a")
        fake.set()
        val model = AccountModel(fake.session, backgroundScope, fake.ways, "a")
        runCurrent()
        return fake to model
    }

    private fun AccountModel.now() = assertIs<AccountState.Shown>(state.value)

    @Test
    fun `asking each time is switched on at once, and off by who confirms`() = runTest {
        val (fake, model) = started()
        model.on(AccountEvent.AskEachTime(true))
        runCurrent()
        assertEquals(true, model.now().account.asksEveryTime)
        assertNull(model.now().confirming)
        model.on(AccountEvent.AskEachTime(false))
        runCurrent()
        assertEquals(true, model.now().account.asksEveryTime)
        model.on(Confirm(UnlockEvent.ByDevice))
        runCurrent()
        assertEquals(false, model.now().account.asksEveryTime)
        assertEquals(listOf("change", "confirm", "showCode", "change"), fake.core.calls.filter { it in DEEDS })
    }

    @Test
    fun `who gives a wrong key does not switch it off`() = runTest {
        val (fake, model) = started { core.list[0] = core.list[0].copy(asksEveryTime = true) }
        fake.core.opens = { throw VaultException.WrongKey() }
        model.on(AccountEvent.AskEachTime(false))
        runCurrent()
        model.on(Confirm(UnlockEvent.ByDevice))
        runCurrent()
        assertEquals(Sentence.WRONG_KEY, model.now().confirming?.problem?.sentence)
        assertEquals(true, model.now().account.asksEveryTime)
        assertEquals(listOf("confirm"), fake.core.calls.filter { it in DEEDS })
    }

    @Test
    fun `the service that it came with is the one that says so`() = runTest {
        val (_, model) = started {
            core.rows = listOf(FakeCore.enrolment("other", null, byteArrayOf(2)), FakeCore.enrolment("own", "a", byteArrayOf(1)))
        }
        assertEquals("own", model.now().service?.id)
    }

    @Test
    fun `an account that is gone shows nothing`() = runTest {
        val (fake, model) = started()
        fake.core.list.clear()
        fake.core.changed()
        runCurrent()
        assertEquals<AccountState>(AccountState.Gone, model.state.value)
        assertEquals(Sentence.ACCOUNT_GONE, message(VaultException.Account(AccountTrouble.NotThere)).sentence)
    }

    private companion object {
        val DEEDS = setOf("change", "confirm", "showCode")
    }
}
