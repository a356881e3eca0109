package app.klink.presentation

import app.klink.core.Account
import app.klink.core.AccountChange
import app.klink.core.Enrolment
import app.klink.core.VaultMode
import app.klink.core.changeFlow
import app.klink.presentation.AccountState.Shown
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** One account: its names, note, icon, groups; its secret after a confirmation; the trash. */
class AccountModel(private val session: Session, scope: CoroutineScope, private val ways: Ways, private val id: String) :
    Standing<AccountState, AccountEvent>(AccountState.Gone, scope) {
    private val core = session.phone.core
    private val clock = session.phone.clock
    private val confirmer = Confirmer(core) { confirming -> show { it.copy(confirming = confirming) } }

    init {
        read()
        scope.launch { core.changeFlow().collect { read() } }
        scope.launch {
            val services = attempt { core.enrolments() }.or { emptyList() }
            show { it.copy(service = services.of(it.account)) }
        }
    }

    override fun on(event: AccountEvent) = when (event) {
        is AccountEvent.Rename -> change(AccountChange(issuer = event.issuer, accountName = event.accountName))
        is AccountEvent.Note -> change(AccountChange(note = event.note))
        is AccountEvent.Icon -> change(AccountChange(icon = event.name))
        is AccountEvent.Favorite -> change(AccountChange(favorite = event.favorite))
        is AccountEvent.InGroup -> inGroup(event)
        is AccountEvent.Pin -> change(AccountChange(pin = event.pin.toByteArray()))
        is AccountEvent.AskEachTime ->
            if (event.on) change(AccountChange(asksEveryTime = true)) else once { confirmer.ask { key -> askNoMore(key) } }
        is AccountEvent.Reveal -> once { confirmer.ask { key -> reveal(key) } }
        is Confirm -> once { confirmer.on(event.event) }
        is AccountEvent.Hide -> show { it.copy(revealed = null, code = null) }
        is AccountEvent.Delete -> once { delete() }
        is Go -> ways.go(event.place)
        is Back -> ways.back()
    }

    private fun show(next: (Shown) -> Shown) = shown.update { if (it is Shown) next(it) else it }

    private fun read() {
        val now = attempt { Triple(core.account(id), core.groups(), core.mode() is VaultMode.ReadOnly) }
        shown.value = when (now) {
            is Attempt.Done -> {
                val (account, groups, readOnly) = now.value
                val before = shown.value as? Shown
                before?.copy(account = account, groups = groups, readOnly = readOnly) ?: Shown(account, groups, readOnly)
            }
            is Attempt.Refused -> AccountState.Gone
        }
    }

    private fun change(change: AccountChange) {
        scope.launch {
            val problem = refused { core.change(id, change, clock.now()) }
            show { it.copy(saved = problem == null, problem = problem) }
        }
    }

    private fun inGroup(event: AccountEvent.InGroup) {
        val account: Account = (shown.value as? Shown)?.account ?: return
        change(AccountChange(groups = if (event.inIt) account.groups + event.group else account.groups - event.group))
    }

    /** Who may not see its code does not switch this off either. */
    private suspend fun askNoMore(key: app.klink.core.UnlockKey) {
        core.confirm(key, clock.boot())
        core.showCode(id, clock.now(), session.phone.preferences.now.value.offsetMs, clock.boot())
        core.change(id, AccountChange(asksEveryTime = false), clock.now())
    }

    private suspend fun reveal(key: app.klink.core.UnlockKey) {
        core.confirm(key, clock.boot())
        val revealed = core.reveal(id, clock.boot())
        show { it.copy(revealed = revealed, code = session.phone.library.qr(revealed.uri), problem = null) }
    }

    private suspend fun delete() {
        when (val problem = refused { core.delete(id, clock.now()) }) {
            null -> ways.back()
            else -> show { it.copy(problem = problem) }
        }
    }
}

/** The service that [account] came with, and that sends requests for it. */
internal fun List<Enrolment>.of(account: Account): Enrolment? = find { it.accountId == account.id }
