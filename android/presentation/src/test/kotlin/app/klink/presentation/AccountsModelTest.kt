package app.klink.presentation

import app.cash.turbine.test
import app.klink.core.CodeRow
import app.klink.core.ListOrder
import app.klink.core.NoCode
import app.klink.core.StorageTrouble
import app.klink.core.VaultException
import app.klink.core.VaultMode
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest

@OptIn(ExperimentalCoroutinesApi::class)
class AccountsModelTest {
    private fun TestScope.started(set: FakePhone.() -> Unit = {}): Pair<FakePhone, AccountsModel> {
        val fake = FakePhone(this)
        fake.core.mode = VaultMode.ReadWrite
        fake.core.list += FakeCore.account("a")
        fake.set()
        val model = AccountsModel(fake.session, backgroundScope, fake.ways)
        runCurrent()
        return fake to model
    }

    @Test
    fun `codes are asked for when one of them ends, not with every second`() = runTest {
        val (fake, model) = started()
        model.state.test {
            runCurrent()
            val before = fake.core.calls.count { it == "codes" }
            advanceTimeBy(29_000)
            assertEquals(before, fake.core.calls.count { it == "codes" })
            advanceTimeBy(2_000)
            assertEquals(before + 1, fake.core.calls.count { it == "codes" })
            assertEquals("000001", (expectMostRecentItem().rows.single().code as RowCode.Shown).code.text)
        }
    }

    @Test
    fun `time stands still while nobody looks`() = runTest {
        val (_, model) = started()
        val looking = launch { model.state.collect {} }
        advanceTimeBy(2_500)
        looking.cancel()
        runCurrent()
        val seen = model.state.value.nowMs
        advanceTimeBy(60_000)
        assertEquals(2_000, seen)
        assertEquals(seen, model.state.value.nowMs)
    }

    @Test
    fun `the next code is there in the last five seconds, when it is wanted`() = runTest {
        val (fake, model) = started()
        model.state.test {
            advanceTimeBy(24_500)
            assertNull((expectMostRecentItem().rows.single().code as RowCode.Shown).next)
            advanceTimeBy(1_000)
            assertEquals("000001", (expectMostRecentItem().rows.single().code as RowCode.Shown).next?.text)
            fake.preferences.change { it.copy(showNext = false) }
            runCurrent()
            assertNull((expectMostRecentItem().rows.single().code as RowCode.Shown).next)
        }
    }

    @Test
    fun `a tap copies and says so for a moment, and the use is counted`() = runTest {
        val (fake, model) = started()
        model.state.test {
            runCurrent()
            model.on(AccountsEvent.Tap("a"))
            runCurrent()
            assertEquals(Copied("a", 30_000), expectMostRecentItem().copied)
            advanceTimeBy(5_000)
            assertNull(expectMostRecentItem().copied)
        }
        assertEquals(listOf("000000"), fake.device.copied)
        assertEquals(1, fake.core.calls.count { it == "used a" })
    }

    @Test
    fun `hidden codes are dots until a tap, and copied by the second`() = runTest {
        val (fake, model) = started { preferences.change { it.copy(tapToReveal = true) } }
        model.state.test {
            runCurrent()
            assertIs<RowCode.Hidden>(expectMostRecentItem().rows.single().code)
            model.on(AccountsEvent.Tap("a"))
            runCurrent()
            assertIs<RowCode.Shown>(expectMostRecentItem().rows.single().code)
            assertEquals(emptyList(), fake.device.copied)
            model.on(AccountsEvent.Tap("a"))
            assertEquals(listOf("000000"), fake.device.copied)
            advanceTimeBy(31_000)
            assertIs<RowCode.Hidden>(expectMostRecentItem().rows.single().code)
        }
    }

    @Test
    fun `an account that asks every time shows its code after a confirmation, and then no longer than it lasts`() = runTest {
        val (fake, model) = started { core.list[0] = core.list[0].copy(asksEveryTime = true) }
        fun code() = model.state.value.rows.single().code
        val asks = RowCode.None(NoCode.ASKS_EVERY_TIME)
        model.state.test {
            runCurrent()
            model.on(AccountsEvent.Tap("a"))
            runCurrent()
            assertEquals<RowCode>(asks, code())
            model.on(Confirm(UnlockEvent.Cancel))
            runCurrent()
            assertEquals<RowCode>(asks, code())
            model.on(AccountsEvent.Tap("a"))
            runCurrent()
            model.on(Confirm(UnlockEvent.ByDevice))
            runCurrent()
            assertIs<RowCode.Shown>(code())
            assertEquals(1, fake.core.calls.count { it == "confirm" })
            assertEquals(emptyList(), fake.ways.went)
            advanceTimeBy(31_000)
            assertEquals<RowCode>(asks, code())
            cancelAndIgnoreRemainingEvents()
        }
    }

    @Test
    fun `where a confirmation is over a code that counts asks for the next one`() = runTest {
        val (fake, model) = started()
        fake.core.refuse = VaultException.NotConfirmed()
        model.on(AccountsEvent.NextCode("a"))
        runCurrent()
        assertNotNull(model.state.value.confirming)
        assertNull(model.state.value.problem)
    }

    @Test
    fun `a code ends by this device's clock, whatever it is made ahead of it`() = runTest {
        val (_, model) = started { preferences.change { it.copy(offsetMs = 10_000) } }
        fun text() = (model.state.value.rows.single().code as RowCode.Shown).code.text
        model.state.test {
            advanceTimeBy(19_500)
            assertEquals("000000" to 19_000L, text() to model.state.value.nowMs)
            advanceTimeBy(1_000)
            assertEquals("000001", text())
            cancelAndIgnoreRemainingEvents()
        }
    }

    @Test
    fun `the core puts the list in its order, and what is found in it too`() = runTest {
        val (fake, model) = started()
        assertEquals(setOf<ListOrder?>(ListOrder.OWN, null), fake.core.orders.toSet(), "and the total is counted without one")
        model.on(AccountsEvent.SortBy(ListOrder.MOST_USED))
        runCurrent()
        assertEquals(ListOrder.MOST_USED, fake.core.orders.last { it != null })
        model.on(AccountsEvent.Search("ACME"))
        assertEquals(listOf(ListOrder.MOST_USED, null), fake.core.orders.takeLast(2))
    }

    @Test
    fun `an account has the logo of the service that it came with, not of one with its names`() = runTest {
        val (_, model) = started {
            core.rows = listOf(FakeCore.enrolment("other", null, byteArrayOf(2)), FakeCore.enrolment("own", "a", byteArrayOf(1)))
        }
        assertContentEquals(byteArrayOf(1), model.state.value.rows.single().logo)
    }

    @Test
    fun `an account that counts makes its code when it is asked`() = runTest {
        val (fake, model) = started { core.code = { id, _ -> CodeRow(id, null, null, NoCode.COUNTS) } }
        assertEquals(RowCode.Counts(null), model.state.value.rows.single().code)
        model.on(AccountsEvent.Tap("a"))
        runCurrent()
        assertEquals("755224", (model.state.value.rows.single().code as RowCode.Counts).last?.text)
        model.on(AccountsEvent.Tap("a"))
        assertEquals(listOf("755224"), fake.device.copied)
        assertEquals(1, fake.core.calls.count { it == "nextCode" })
    }

    @Test
    fun `a change in the vault shows, and a refused one says why`() = runTest {
        val (fake, model) = started()
        fake.core.list += FakeCore.account("b", "Other")
        fake.core.changed()
        runCurrent()
        assertEquals(2, model.state.value.rows.size)
        fake.core.refuse = VaultException.Storage(StorageTrouble.DiskFull)
        model.on(AccountsEvent.Delete("a"))
        runCurrent()
        assertEquals(Sentence.DISK_FULL, model.state.value.problem?.sentence)
        assertEquals(2, model.state.value.rows.size)
    }

    @Test
    fun `a search shows what the core finds, and the list knows how many there are`() = runTest {
        val (fake, model) = started { core.list += FakeCore.account("b", "Other") }
        model.on(AccountsEvent.Search("Oth"))
        assertEquals(listOf("b"), model.state.value.rows.map { it.account.id })
        assertEquals(2, model.state.value.total)
        assertEquals(1, fake.core.calls.count { it == "search" })
    }

    @Test
    fun `a row is moved in front of another, or to the end`() {
        assertEquals(listOf("c", "a", "b"), listOf("a", "b", "c").moved("c", "a"))
        assertEquals(listOf("b", "c", "a"), listOf("a", "b", "c").moved("a", null))
    }
}
