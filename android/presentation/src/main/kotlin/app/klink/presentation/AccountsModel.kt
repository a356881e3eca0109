package app.klink.presentation

import app.klink.core.Account
import app.klink.core.AccountChange
import app.klink.core.AccountGroup
import app.klink.core.CodeRow
import app.klink.core.CountedCode
import app.klink.core.Enrolment
import app.klink.core.LockEvent
import app.klink.core.NoCode
import app.klink.core.VaultException
import app.klink.core.VaultMode
import app.klink.core.changeFlow
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** The list: it is drawn anew when something changes, and once a second while somebody looks. */
class AccountsModel(private val session: Session, scope: CoroutineScope, private val ways: Ways) :
    Standing<AccountsState, AccountsEvent>(AccountsState(emptyList(), session.phone.clock.now()), scope) {
    private val core = session.phone.core
    private val clock = session.phone.clock
    private val preferences = session.phone.preferences
    private val banners = Banners(session)

    private val confirmer = Confirmer(core) { confirming -> shown.update { it.copy(confirming = confirming) } }

    private var accounts = emptyList<Account>()
    private var groups = emptyList<AccountGroup>()
    private var services = emptyList<Enrolment>()
    private var wanted = Wanted()
    private var codes = emptyMap<String, CodeRow>()
    private var codesUntilMs = 0L
    private val counted = mutableMapOf<String, CountedCode>()

    /** Rows whose dots were tapped away, and until when. */
    private val revealed = mutableMapOf<String, Long>()
    private var copied: Pair<Copied, Long>? = null

    init {
        scope.launch { core.changeFlow().collect { read() } }
        scope.launch { preferences.now.collect { read() } }
        scope.launch { session.requests.collect { seen -> readServices(seen.open.size) } }
        scope.launch {
            shown.subscriptionCount.map { it > 0 }.distinctUntilChanged().collectLatest { if (it) tick() }
        }
    }

    override fun on(event: AccountsEvent) = when (event) {
        is AccountsEvent.Search -> want(wanted.copy(query = event.query))
        is AccountsEvent.ChooseGroup -> want(wanted.copy(group = event.id))
        is AccountsEvent.OnlyFavorites -> want(wanted.copy(onlyFavorites = event.only))
        is AccountsEvent.SortBy -> preferences.change { it.copy(sort = event.sort) }
        is AccountsEvent.Tap -> tap(event.id)
        is AccountsEvent.NextCode -> once { nextCode(event.id) }
        is Confirm -> once { confirmer.on(event.event) }
        is Go -> ways.go(event.place)
        is AccountsEvent.Favorite -> does { core.change(event.id, AccountChange(favorite = event.favorite), clock.now()) }
        is AccountsEvent.Move -> does { core.setOrder(accounts.map { it.id }.moved(event.id, event.before)) }
        is AccountsEvent.Delete -> does { core.delete(event.id, clock.now()) }
        is AccountsEvent.Mend -> ways.go(banners.mends(event.banner))
        is AccountsEvent.Lock -> session.lock()
        is AccountsEvent.Refresh -> once { session.lookNow() }
        is AccountsEvent.ProblemRead -> shown.update { it.copy(problem = null) }
    }

    private fun want(what: Wanted) {
        session.report(LockEvent.USED)
        wanted = what
        read()
    }

    /** Runs [what] and says why when it was refused; the list is drawn anew by its change. */
    private fun does(what: suspend () -> Unit) {
        scope.launch { refused { what() }?.let { why -> shown.update { it.copy(problem = why) } } }
    }

    /** Reads everything again that a change may have touched. */
    private fun read() {
        val came = attempt {
            val order = preferences.now.value.sort
            accounts = if (wanted.query.isBlank()) core.accounts(order) else core.search(wanted.query, order)
            groups = core.groups()
            val mode = core.mode()
            val (total, trashed) = core.accounts().size to core.trash().size
            shown.update { it.copy(total = total, trashed = trashed, readOnly = mode is VaultMode.ReadOnly) }
        }
        // Locked meanwhile: this screen is about to go.
        if (came is Attempt.Refused) return
        codesUntilMs = 0
        draw()
    }

    private suspend fun readServices(requests: Int) {
        services = attempt { core.enrolments() }.or { services }
        val banner = banners.worst(services)
        draw()
        shown.update { it.copy(requests = requests, services = services.map(::ServiceRow), banner = banner) }
    }

    private suspend fun tick() {
        while (true) {
            draw()
            // Codes change with the seconds of the clock that they are made for.
            delay(SECOND - Math.floorMod(clock.now() + preferences.now.value.offsetMs, SECOND))
        }
    }

    /** Draws the rows at this moment; codes are asked for only when one of them has ended. */
    private fun draw() {
        val now = clock.now()
        val rows = accounts.picked(wanted)
        if (now >= codesUntilMs) askCodes(rows)
        forget(now)
        shown.update { before ->
            before.copy(
                rows = rows.map { AccountRow(it, codeOf(it, now), services.of(it)?.logo) },
                nowMs = now,
                query = wanted.query,
                groups = groups,
                group = wanted.group,
                onlyFavorites = wanted.onlyFavorites,
                sort = preferences.now.value.sort,
                copied = copied?.first,
            )
        }
    }

    private fun askCodes(rows: List<Account>) {
        val came = attempt { core.codes(clock.now(), preferences.now.value.offsetMs, rows.map { it.id }) }.or { return }
        codes = came.rows.associateBy { it.id }
        codesUntilMs = came.nextChangeAtMs ?: Long.MAX_VALUE
    }

    private fun codeOf(account: Account, now: Long): RowCode {
        val hidden = preferences.now.value.tapToReveal && !account.asksEveryTime && account.id !in revealed
        return RowCode(codes[account.id], counted[account.id], hidden, preferences.now.value.showNext, now)
    }

    /** What was shown or said for a moment only goes. */
    private fun forget(now: Long) {
        revealed.values.removeIf { it <= now }
        if (copied?.let { it.second <= now } == true) copied = null
    }

    private fun tap(id: String) {
        session.report(LockEvent.USED)
        when (val code = shown.value.rows.find { it.account.id == id }?.code) {
            is RowCode.Shown -> copy(id, code.code.text, code.code.validUntilMs)
            is RowCode.Hidden -> {
                revealed[id] = code.code.validUntilMs
                draw()
            }
            is RowCode.Counts -> code.last?.let { copy(id, it.text, null) } ?: on(AccountsEvent.NextCode(id))
            is RowCode.None -> if (code.why == NoCode.ASKS_EVERY_TIME) confirm(id) else ways.go(Place.Account(id))
            null -> Unit
        }
    }

    private fun confirm(id: String) = once { askFor(id) }

    /** Has the code of an account that asks each time shown, after a confirmation. */
    private suspend fun askFor(id: String) {
        confirmer.ask { key ->
            core.confirm(key, clock.boot())
            core.showCode(id, clock.now(), preferences.now.value.offsetMs, clock.boot())
            codesUntilMs = 0
            draw()
        }
    }

    private fun copy(id: String, text: String, untilMs: Long?) {
        session.phone.device.copy(text, CLIPBOARD_MS)
        copied = Copied(id, untilMs) to clock.now() + COPIED_MS
        does { core.used(id, clock.now()) }
        draw()
    }

    private suspend fun nextCode(id: String) {
        when (val came = attempt { core.nextCode(id, clock.now()) }) {
            is Attempt.Done -> {
                counted[id] = came.value
                draw()
            }
            // When the time of a confirmation was over before the row said so, it is asked for again.
            is Attempt.Refused -> if (came.why is VaultException.NotConfirmed) askFor(id) else shown.update { it.copy(problem = came.message) }
        }
    }

    private companion object {
        const val SECOND = 1_000L

        /** So long a copied code may be pasted. */
        const val CLIPBOARD_MS = 30_000L

        /** So long the screen says that it was copied. */
        const val COPIED_MS = 4_000L
    }
}

/** Puts [id] in front of [before], or last. */
internal fun List<String>.moved(id: String, before: String?): List<String> {
    val others = this - id
    val at = before?.let(others::indexOf)?.takeIf { it >= 0 } ?: others.size
    return others.take(at) + id + others.drop(at)
}
