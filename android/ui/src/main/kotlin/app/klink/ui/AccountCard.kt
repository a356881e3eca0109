package app.klink.ui

import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.focus.onFocusChanged
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.semantics.CustomAccessibilityAction
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.customActions
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import app.klink.core.Apart
import app.klink.core.NoCode
import app.klink.core.TimedCode
import app.klink.presentation.AccountRow
import app.klink.presentation.AccountsEvent
import app.klink.presentation.AccountsState
import app.klink.presentation.Go
import app.klink.presentation.Place
import app.klink.presentation.RowCode

/** One account: who it is for, its code and the ring. A tap shows what is hidden and copies what is shown. */
@Composable
fun AccountCard(row: AccountRow, state: AccountsState, stacked: Boolean, onEvent: (AccountsEvent) -> Unit) {
    val account = row.account
    var focused by remember { mutableStateOf(false) }
    val heard = (listOf(row.name()) + row.heard()).joinToString(", ")
    val label = say(if (row.code is RowCode.Hidden || row.code.asks()) "show_code" else "copy_code")
    val actions = row.moves(state).map { (name, move) -> CustomAccessibilityAction(say(name)) { true.also { onEvent(move) } } }
    Box {
        Surface(
            Modifier.fillMaxWidth(), shape = MaterialTheme.shapes.medium,
            color = MaterialTheme.colorScheme.surfaceContainer, contentColor = MaterialTheme.colorScheme.onSurface,
        ) {
            Row(verticalAlignment = Alignment.CenterVertically) {
                Row(
                    Modifier.weight(1f).onFocusChanged { focused = it.isFocused }
                        .clickable(onClickLabel = label) { onEvent(AccountsEvent.Tap(account.id)) }
                        .semantics {
                            contentDescription = heard
                            customActions = actions
                        }
                        .heightIn(min = 72.dp).padding(start = 16.dp, top = 12.dp, bottom = 12.dp),
                    Arrangement.spacedBy(12.dp), Alignment.CenterVertically,
                ) {
                    Mark(account.issuer.ifEmpty { account.accountName }, account.icon, row.logo)
                    if (stacked) Column(Modifier.weight(1f), Arrangement.spacedBy(4.dp)) {
                        Names(row)
                        Code(row.code, state.nowMs)
                    } else {
                        Column(Modifier.weight(1f)) { Names(row) }
                        Code(row.code, state.nowMs)
                    }
                    row.code.timed()?.let { Ring(it.left(state.nowMs), it.soon(state.nowMs)) }
                }
                if (row.code is RowCode.Counts) {
                    SignButton(Sign.REFRESH, say("next_code")) { onEvent(AccountsEvent.NextCode(account.id)) }
                }
                RowMenu(row, state, onEvent)
            }
        }
        if (focused || state.copied?.id == account.id) row.code.timed()?.let { EndsSoon(it.soon(state.nowMs)) }
    }
}

@Composable
private fun Names(row: AccountRow) = Column(Modifier.clearAndSetSemantics {}) {
    val account = row.account
    val title = account.issuer.ifEmpty { account.accountName }
    Row(verticalAlignment = Alignment.CenterVertically) {
        Text(title, Modifier.weight(1f, fill = false), style = MaterialTheme.typography.titleMedium)
        if (account.favorite) {
            Gap(6.dp)
            Icon(Sign.STAR.filled, null, Modifier.size(14.dp), MaterialTheme.colorScheme.tertiary)
        }
    }
    if (account.issuer.isNotEmpty() && account.accountName.isNotEmpty()) Aside(account.accountName)
    row.account.apart?.let { Aside(it.said()) }
}

@Composable
private fun Code(code: RowCode, nowMs: Long) = Column(Modifier.clearAndSetSemantics {}, horizontalAlignment = Alignment.End) {
    val large = MaterialTheme.typography.headlineSmall
    when (code) {
        is RowCode.Shown -> {
            val color = if (code.code.soon(nowMs)) MaterialTheme.colorScheme.tertiary else MaterialTheme.colorScheme.onSurface
            CodeText(code.code.text, large, color = color)
            code.next?.let {
                Aside(say("next_is", grouped(it.text)))
            }
        }
        is RowCode.Hidden -> Text("••• •••", style = large.merge(TABULAR))
        is RowCode.Counts -> {
            val last = code.last
            if (last == null) Aside(say("code_counts")) else CodeText(last.text, large)
        }
        is RowCode.None -> Aside(say("no_code_" + code.why.name.lowercase()))
    }
}

/** Says once that the code ends: it appears five seconds before, does not change, and so is not read again. */
@Composable
private fun EndsSoon(soon: Boolean) {
    if (!soon) return
    val spoken = say("code_ends")
    Box(Modifier.size(1.dp).semantics {
        liveRegion = LiveRegionMode.Polite
        contentDescription = spoken
    })
}

@Composable
private fun RowMenu(row: AccountRow, state: AccountsState, onEvent: (AccountsEvent) -> Unit) {
    val account = row.account
    val moves = row.moves(state)
    Menu(Sign.MORE, say("more_of", row.name())) { item ->
        item(say("details"), false) { onEvent(Go(Place.Account(account.id))) }
        if (!state.readOnly) {
            item(say(if (account.favorite) "favorite_not" else "favorite_make"), false) {
                onEvent(AccountsEvent.Favorite(account.id, !account.favorite))
            }
            for ((name, move) in moves) item(say(name), false) { onEvent(move) }
            item(say("to_trash"), false) { onEvent(AccountsEvent.Delete(account.id)) }
        }
    }
}

/** The ways up and down from where the row is, by the names of their words. */
private fun AccountRow.moves(state: AccountsState): List<Pair<String, AccountsEvent.Move>> {
    if (!state.isMovable()) return emptyList()
    val at = state.rows.indexOf(this)
    fun to(name: String, place: Int) = state.rows.getOrNull(place)?.let { state.moved(account.id, it.account.id) }?.let { name to it }
    return listOfNotNull(to("move_up", at - 1), to("move_down", at + 1))
}

/** Whose row it is, in words that no other row has. */
@Composable
private fun AccountRow.name(): String = listOfNotNull(
    account.issuer, account.accountName, account.apart?.said(),
).filter { it.isNotEmpty() }.joinToString(" ")

/** What tells it from others with the same names. */
@Composable
private fun Apart.said(): String = when (this) {
    is Apart.Group -> name
    is Apart.Number -> say("told_number", number, of)
}

/** What is heard after the name: each code digit by digit. */
@Composable
private fun AccountRow.heard(): List<String> = listOfNotNull(
    if (account.favorite) say("favorite") else null,
    when (val code = code) {
        is RowCode.Shown -> spelled(code.code.text)
        is RowCode.Hidden -> say("code_hidden")
        is RowCode.Counts -> code.last?.let { spelled(it.text) } ?: say("code_counts")
        is RowCode.None -> say("no_code_" + code.why.name.lowercase())
    },
    ((code as? RowCode.Shown)?.next)?.let { say("next_is", spelled(it.text)) },
)

private fun RowCode.asks() = (this as? RowCode.None)?.why == NoCode.ASKS_EVERY_TIME

private fun RowCode.timed(): TimedCode? = when (this) {
    is RowCode.Shown -> code
    is RowCode.Hidden -> code
    is RowCode.Counts, is RowCode.None -> null
}

/** What is left of the code's time, from 1 to 0. */
private fun TimedCode.left(nowMs: Long) = (validUntilMs - nowMs).toFloat() / (validUntilMs - validFromMs).coerceAtLeast(1)

private fun TimedCode.soon(nowMs: Long) = validUntilMs - nowMs <= SOON_MS

/** The countdown is announced so long before a code ends. */
private const val SOON_MS = 5_000
