package app.klink.presentation

import app.klink.core.*
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest

@OptIn(ExperimentalCoroutinesApi::class)
class AppModelTest {
    private fun TestScope.app(set: FakePhone.() -> Unit = {}): Pair<FakePhone, AppModel> {
        val fake = FakePhone(this).apply(set)
        return fake to AppModel(fake.phone, backgroundScope).also { runCurrent() }
    }

    private fun TestScope.unlock(app: AppModel) {
        assertIs<Screen.Unlock>(app.state.value.screen).model.on(UnlockEvent.ByDevice)
        runCurrent()
    }

    private fun requests(vararg open: Challenge) = Challenges(open.toList(), emptyList(), 3_000, emptyList())

    @Test
    fun `the app begins where the vault stands`() = runTest {
        assertIs<Screen.FirstStart>(app { core.status = VaultStatus.NoVault }.second.state.value.screen)
        assertIs<Screen.Unlock>(app().second.state.value.screen)
        val damaged = app { core.refuse = VaultException.Storage(StorageTrouble.Damaged) }.second
        assertIs<Screen.Trouble>(damaged.state.value.screen)
    }

    @Test
    fun `a lock leaves nothing of the vault on the screen, and nothing behind it`() = runTest {
        val (fake, app) = app()
        unlock(app)
        app.go(Place.Settings)
        app.go(Place.Groups)
        assertTrue(app.state.value.canGoBack)
        fake.core.mode = null
        app.on(AppEvent.Life(LockEvent.SCREEN_OFF))
        assertIs<Screen.Groups>(app.state.value.screen, "locked already: nothing is reported")
        fake.core.mode = VaultMode.ReadWrite
        fake.core.locksAt = 1_000
        app.on(AppEvent.Life(LockEvent.USED))
        advanceTimeBy(1_001)
        assertIs<Screen.Unlock>(app.state.value.screen)
        assertFalse(app.state.value.canGoBack)
        assertTrue("lock" in fake.core.calls)
    }

    @Test
    fun `a link waits behind the lock, and is asked about`() = runTest {
        val (_, app) = app { text = Scanned.Enrolment(Dialect.KLINK, "pushenrol:…") }
        app.on(AppEvent.Text("pushenrol:…"))
        assertIs<Screen.Unlock>(app.state.value.screen)
        val (fake, other) = app()
        fake.text = Scanned.Plain
        unlock(other)
        other.on(AppEvent.Text("hello"))
        assertIs<Screen.Scan>(other.state.value.screen)
        other.on(AppEvent.Back)
        assertIs<Screen.Accounts>(other.state.value.screen)
    }

    @Test
    fun `a link during the first start changes nothing`() = runTest {
        val (_, app) = app { core.status = VaultStatus.NoVault }
        app.on(AppEvent.Text("otpauth://…"))
        assertIs<Screen.FirstStart>(app.state.value.screen)
    }

    @Test
    fun `a request comes up once by itself, and a quiet one never`() = runTest {
        val (fake, app) = app()
        unlock(app)
        app.on(AppEvent.Life(LockEvent.ENTERED_FOREGROUND))
        fake.core.looks.send(requests(FakeCore.challenge("quiet", quiet = true)))
        runCurrent()
        assertIs<Screen.Accounts>(app.state.value.screen)
        fake.core.open = listOf(FakeCore.challenge("1"))
        fake.core.looks.send(requests(FakeCore.challenge("1")))
        runCurrent()
        assertIs<Screen.Approve>(app.state.value.screen)
        app.on(AppEvent.Back)
        fake.core.looks.send(requests(FakeCore.challenge("1")))
        runCurrent()
        assertIs<Screen.Accounts>(app.state.value.screen)
    }

    @Test
    fun `out of sight nobody is asked`() = runTest {
        val (fake, app) = app()
        unlock(app)
        app.on(AppEvent.Life(LockEvent.ENTERED_FOREGROUND))
        runCurrent()
        assertFalse("look ended" in fake.core.calls)
        app.on(AppEvent.Life(LockEvent.ENTERED_BACKGROUND))
        runCurrent()
        assertTrue("look ended" in fake.core.calls)
    }

    @Test
    fun `who has a new service to ask begins anew, and out of sight does not begin`() = runTest {
        val fake = FakePhone(this).apply { core.mode = VaultMode.ReadWrite }
        fake.session.lookAnew()
        runCurrent()
        assertFalse("look begun" in fake.core.calls)
        fake.session.look()
        fake.session.look()
        runCurrent()
        fake.session.lookAnew()
        runCurrent()
        assertEquals(listOf("look begun", "look ended", "look begun"), fake.core.calls.filter { it.startsWith("look") })
    }

    @Test
    fun `a request opens over the lock`() = runTest {
        val (fake, app) = app()
        fake.core.open = listOf(FakeCore.challenge("1"))
        app.on(AppEvent.OpenRequest("1"))
        runCurrent()
        val asked = assertIs<ApproveState.Asked>(assertIs<Screen.Approve>(app.state.value.screen).model.state.value)
        assertTrue(asked.locked)
    }

    @Test
    fun `pictures of the screen are allowed only by choice`() = runTest {
        val (fake, app) = app()
        assertTrue(app.state.value.secure)
        fake.preferences.change { it.copy(screenshots = true) }
        runCurrent()
        assertFalse(app.state.value.secure)
    }

    @Test
    fun `a secret is shown after a confirmation, each time`() = runTest {
        val (fake, app) = app { core.list += FakeCore.account("a") }
        unlock(app)
        app.go(Place.Account("a"))
        val model = assertIs<Screen.Account>(app.state.value.screen).model
        model.on(AccountEvent.Reveal)
        runCurrent()
        fake.core.opens = { throw VaultException.WrongKey() }
        model.on(Confirm(UnlockEvent.ByPassphrase("wrong")))
        runCurrent()
        val wrong = assertIs<AccountState.Shown>(model.state.value)
        assertEquals(Sentence.WRONG_KEY to null, wrong.confirming?.problem?.sentence to wrong.revealed)
        fake.core.opens = { Opened(VaultMode.ReadWrite, FakeCore.REPORT) }
        model.on(Confirm(UnlockEvent.ByDevice))
        runCurrent()
        val shown = assertIs<AccountState.Shown>(model.state.value)
        assertEquals("SECRET" to null, shown.revealed?.secret to shown.confirming)
        model.on(AccountEvent.Hide)
        model.on(Confirm(UnlockEvent.ByDevice))
        runCurrent()
        assertEquals(null, assertIs<AccountState.Shown>(model.state.value).revealed)
    }

    @Test
    fun `licences are read line by line`() = runTest {
        val (_, app) = app()
        app.go(Place.Licences)
        val parts = assertIs<Screen.Licences>(app.state.value.screen).model.state.value.parts
        assertEquals(listOf(LinkedPart("a part", "MIT", "https://example.org/a")), parts)
    }
}
