package app.klink.ui

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.text.selection.SelectionContainer
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import app.klink.core.ItemState
import app.klink.presentation.AccountEvent
import app.klink.presentation.AccountState
import app.klink.presentation.Go
import app.klink.presentation.Place
import app.klink.presentation.Back
import app.klink.presentation.Confirm
import app.klink.presentation.Model

/** One account. */
@Composable
fun AccountScreen(model: Model<AccountState, AccountEvent>) {
    val state by model.state.collectAsState()
    AccountScreen(state, model::on)
}

/** One account: its names, note and groups, its secret after a confirmation, and the way to the trash. */
@Composable
fun AccountScreen(state: AccountState, onEvent: (AccountEvent) -> Unit) {
    when (state) {
        is AccountState.Gone -> Page(
            say("account_gone_title"), { onEvent(Back) },
            end = { Primary(say("close")) { onEvent(Back) } },
        ) { Body(say("account_gone_text")) }
        is AccountState.Shown -> {
            val confirming = state.confirming
            if (confirming != null) ConfirmScreen(confirming) { onEvent(Confirm(it)) }
            else Shown(state, onEvent)
        }
    }
}

@Composable
private fun Shown(state: AccountState.Shown, onEvent: (AccountEvent) -> Unit) {
    val account = state.account
    var issuer by remember(account.id) { mutableStateOf(account.issuer) }
    var name by remember(account.id) { mutableStateOf(account.accountName) }
    var note by remember(account.id) { mutableStateOf(account.note) }
    var pin by remember(account.id) { mutableStateOf("") }
    var deleting by remember { mutableStateOf(false) }
    val renamed = issuer != account.issuer || name != account.accountName
    Page(
        account.issuer.ifEmpty { account.accountName }, { onEvent(Back) },
        end = { if (!state.readOnly) Quiet(say("to_trash"), danger = true) { deleting = true } },
    ) {
        if (state.readOnly) Notice(Weight.WARN, say("read_only_here"))
        if (account.state == ItemState.NEEDS_PIN && !state.readOnly) Card {
            Body(say("account_needs_pin"))
            Field(say("pin"), pin, Kind.SECRET) { pin = it }
            Primary(say("save"), pin.isNotEmpty()) { onEvent(AccountEvent.Pin(pin)) }
        }
        if (!state.readOnly) {
            Field(say("issuer"), issuer, Kind.TEXT) { issuer = it }
            Field(say("account_name"), name, Kind.TEXT) { name = it }
            if (renamed) Primary(say("save_names")) { onEvent(AccountEvent.Rename(issuer, name)) }
            Field(say("note"), note, Kind.TEXT, lines = 2) { note = it }
            if (note != account.note) Primary(say("save_note")) { onEvent(AccountEvent.Note(note)) }
            IconChoice(account.icon.orEmpty()) { onEvent(AccountEvent.Icon(it)) }
            Switched(say("favorite"), account.favorite) { onEvent(AccountEvent.Favorite(it)) }
            Switched(say("ask_each_time"), account.asksEveryTime, say("ask_each_time_text")) { onEvent(AccountEvent.AskEachTime(it)) }
            if (state.groups.isNotEmpty()) {
                Heading(say("groups"))
                for (group in state.groups) Ticked(group.name, group.id in account.groups) {
                    onEvent(AccountEvent.InGroup(group.id, it))
                }
            }
        }
        if (state.saved) Notice(Weight.GOOD, say("saved"))
        state.service?.let { service ->
            Leads(say("account_service"), Sign.BELL, say(service.state.key())) { onEvent(Go(Place.Service(service.id))) }
        }
        Heading(say("account_secret"))
        val revealed = state.revealed
        if (revealed == null) {
            Aside(say("account_secret_text"))
            Secondary(say("account_reveal")) { onEvent(AccountEvent.Reveal) }
        } else {
            state.code?.let { QrPicture(it, say("account_code")) }
            Card {
                val spoken = spelled(revealed.secret)
                SelectionContainer {
                    Text(
                        revealed.secret.chunked(4).joinToString(" "),
                        Modifier.fillMaxWidth().semantics { contentDescription = spoken },
                        style = MaterialTheme.typography.bodyLarge.merge(TABULAR),
                    )
                }
            }
            Notice(Weight.WARN, say("account_secret_warn"))
            Secondary(say("hide_secret")) { onEvent(AccountEvent.Hide) }
        }
        Heading(say("account_facts"))
        Fact(Sign.KEY, listOfNotNull(
            say("kind_" + account.kind.name.lowercase()), account.algorithm?.name,
            account.digits?.let { sayCount("digits", it) }, account.periodS?.let { sayCount("every_seconds", it) },
        ).joinToString(" · "))
        Fact(Sign.CLOCK, say("account_added", LocalWords.current.date(account.createdAtMs)))
        Problem(state.problem)
    }
    if (deleting) Really(
        say("trash_really_title"), say("trash_really_text"), say("to_trash"), say("keep"),
        { deleting = false; onEvent(AccountEvent.Delete) }, { deleting = false },
    )
}
