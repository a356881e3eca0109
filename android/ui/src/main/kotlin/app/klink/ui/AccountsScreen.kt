package app.klink.ui

import androidx.compose.foundation.horizontalScroll
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.BoxWithConstraints
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.grid.GridCells
import androidx.compose.foundation.lazy.grid.GridItemSpan
import androidx.compose.foundation.lazy.grid.LazyGridScope
import androidx.compose.foundation.lazy.grid.LazyVerticalGrid
import androidx.compose.foundation.lazy.grid.items
import androidx.compose.foundation.lazy.grid.rememberLazyGridState
import androidx.compose.foundation.rememberScrollState
import androidx.compose.material3.ExtendedFloatingActionButton
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.remember
import androidx.compose.runtime.rememberUpdatedState
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import app.klink.core.BackupTrouble
import app.klink.core.EnrolmentState
import app.klink.core.ListOrder
import app.klink.presentation.AccountsEvent
import app.klink.presentation.AccountsState
import app.klink.presentation.Banner
import app.klink.presentation.Confirm
import app.klink.presentation.Go
import app.klink.presentation.Model
import app.klink.presentation.Place
import app.klink.presentation.ServiceRow

/** The list of accounts. */
@Composable
fun AccountsScreen(model: Model<AccountsState, AccountsEvent>) {
    val state by model.state.collectAsState()
    AccountsScreen(state, model::on)
}

/** The list of accounts: codes, and what wants attention above them. As many columns as there is room for. */
@Composable
fun AccountsScreen(state: AccountsState, onEvent: (AccountsEvent) -> Unit) {
    val confirming = state.confirming
    if (confirming != null) ConfirmScreen(confirming) { onEvent(Confirm(it)) } else Rows(state, onEvent)
}

@Composable
private fun Rows(state: AccountsState, onEvent: (AccountsEvent) -> Unit) = Ground {
    BoxWithConstraints(Modifier.fillMaxSize()) {
        // Of a card, not of the window: where a name would be broken inside a word, the code goes below it.
        val columns = ((maxWidth - 16.dp) / 356.dp).toInt().coerceAtLeast(1)
        val stacked = (maxWidth - 16.dp) / columns < 476.dp || LocalDensity.current.fontScale > LARGE_TYPE
        Column(Modifier.fillMaxSize()) {
            Bar(null) { Actions(state, onEvent) }
            val grid = rememberLazyGridState()
            val carrying = remember(grid) { Carrying(grid) }
            val now by rememberUpdatedState(state)
            LazyVerticalGrid(
                GridCells.Adaptive(340.dp), Modifier.fillMaxSize(), grid,
                contentPadding = PaddingValues(start = 16.dp, end = 16.dp, bottom = 112.dp),
                verticalArrangement = Arrangement.spacedBy(8.dp), horizontalArrangement = Arrangement.spacedBy(16.dp),
            ) {
                wide("title") { Title(say("accounts_title"), Modifier.padding(horizontal = 8.dp)) }
                if (state.requests > 0) wide("requests") {
                    Notice(Weight.INFO, sayCount("accounts_requests", state.requests), say("open_requests")) {
                        onEvent(Go(Place.Approve()))
                    }
                }
                state.banner?.let { wide("banner") { BannerCard(it, onEvent) } }
                state.problem?.let { wide("problem") { Problem(it, say("ok")) { onEvent(AccountsEvent.ProblemRead) } } }
                if (state.total > 0) wide("search") { Finder(state, onEvent) }
                if (state.rows.isEmpty()) wide("empty") { Empty(state, onEvent) }
                items(state.rows, key = { it.account.id }) { row ->
                    val id = row.account.id
                    Box(if (state.isMovable()) carrying.carried(id) { over -> now.moved(id, over)?.let(onEvent) } else Modifier) {
                        AccountCard(row, state, stacked, onEvent)
                    }
                }
                if (state.services.isNotEmpty()) wide("services") { Heading(say("accounts_services"), Modifier.padding(8.dp)) }
                items(state.services, key = { "service " + it.enrolment.id }) { ServiceLine(it, onEvent) }
            }
        }
        Column(Modifier.align(Alignment.BottomCenter).fillMaxWidth().padding(16.dp), horizontalAlignment = Alignment.End) {
            Copied(state)
            if (!state.readOnly && state.total > 0) ExtendedFloatingActionButton(
                { onEvent(Go(Place.Add)) },
                shape = MaterialTheme.shapes.medium,
                containerColor = MaterialTheme.colorScheme.primary, contentColor = MaterialTheme.colorScheme.onPrimary,
            ) {
                Icon(Sign.ADD.lines, null)
                Gap(12.dp)
                Text(say("add"), style = MaterialTheme.typography.titleMedium)
            }
        }
    }
}

/** Whether rows may be put in another order: the whole list is shown in the person's own. */
fun AccountsState.isMovable() =
    !readOnly && sort == ListOrder.OWN && query.isEmpty() && group == null && !onlyFavorites

/** What puts [id] in the place of the row [over]; nothing when that is none. */
fun AccountsState.moved(id: String, over: Any): AccountsEvent.Move? {
    val (from, to) = listOf<Any>(id, over).map { key -> rows.indexOfFirst { it.account.id == key } }
    if (from < 0 || to < 0 || from == to) return null
    return AccountsEvent.Move(id, rows.getOrNull(if (to > from) to + 1 else to)?.account?.id)
}

/** What was copied, and when it changes; read aloud once. */
@Composable
private fun Copied(state: AccountsState) {
    val copied = state.copied ?: return
    val seconds = copied.untilMs?.let { ((it - state.nowMs).coerceAtLeast(0) + 999) / 1000 }?.toInt()
    val spoken = say("copied")
    Surface(
        Modifier.padding(bottom = 12.dp).semantics {
            liveRegion = LiveRegionMode.Polite
            contentDescription = spoken
        },
        shape = MaterialTheme.shapes.medium, color = MaterialTheme.colorScheme.inverseSurface,
    ) {
        Text(
            if (seconds == null) spoken else sayCount("copied_changes", seconds), Modifier.padding(16.dp),
            style = MaterialTheme.typography.bodyLarge,
        )
    }
}

@Composable
private fun Actions(state: AccountsState, onEvent: (AccountsEvent) -> Unit) {
    SignButton(Sign.LOCK, say("lock")) { onEvent(AccountsEvent.Lock) }
    Menu(Sign.MORE, say("more")) { item ->
        item(say("history"), false) { onEvent(Go(Place.History)) }
        item(sayCount("trash_count", state.trashed), false) { onEvent(Go(Place.Trash)) }
        item(say("settings"), false) { onEvent(Go(Place.Settings)) }
        item(say("look_for_requests"), false) { onEvent(AccountsEvent.Refresh) }
        for (sort in ListOrder.entries) item(say("sort_" + sort.name.lowercase()), sort == state.sort) {
            onEvent(AccountsEvent.SortBy(sort))
        }
    }
}

/** The field to search, and the groups to choose from. */
@Composable
private fun Finder(state: AccountsState, onEvent: (AccountsEvent) -> Unit) = Column(Modifier.fillMaxWidth()) {
    OutlinedTextField(
        state.query, { onEvent(AccountsEvent.Search(it)) }, Modifier.fillMaxWidth(), singleLine = true,
        placeholder = { Text(say("search")) }, shape = MaterialTheme.shapes.medium,
        leadingIcon = { Icon(Sign.SEARCH.lines, null) },
        trailingIcon = if (state.query.isEmpty()) null
        else ({ SignButton(Sign.CLOSE, say("search_clear")) { onEvent(AccountsEvent.Search("")) } }),
    )
    Row(
        Modifier.fillMaxWidth().horizontalScroll(rememberScrollState()).padding(vertical = 4.dp),
        Arrangement.spacedBy(8.dp), Alignment.CenterVertically,
    ) {
        Chip(say("all"), state.group == null && !state.onlyFavorites) {
            onEvent(AccountsEvent.ChooseGroup(null))
            onEvent(AccountsEvent.OnlyFavorites(false))
        }
        Chip(say("favorites"), state.onlyFavorites) { onEvent(AccountsEvent.OnlyFavorites(!state.onlyFavorites)) }
        for (group in state.groups) Chip(group.name, state.group == group.id) {
            onEvent(AccountsEvent.ChooseGroup(if (state.group == group.id) null else group.id))
        }
    }
}

/** Why there is nothing in the list, and what helps. */
@Composable
private fun Empty(state: AccountsState, onEvent: (AccountsEvent) -> Unit) = Column(
    Modifier.fillMaxWidth().padding(vertical = 32.dp, horizontal = 8.dp), Arrangement.spacedBy(16.dp),
) {
    if (state.total > 0) {
        Body(if (state.query.isEmpty()) say("accounts_none_chosen") else say("accounts_none_found", state.query))
        Secondary(say("accounts_show_all")) {
            onEvent(AccountsEvent.Search(""))
            onEvent(AccountsEvent.ChooseGroup(null))
            onEvent(AccountsEvent.OnlyFavorites(false))
        }
    } else {
        Latch()
        Body(say("accounts_empty"))
        if (!state.readOnly) Primary(say("accounts_add_first")) { onEvent(Go(Place.Add)) }
    }
}

@Composable
private fun BannerCard(banner: Banner, onEvent: (AccountsEvent) -> Unit) {
    val (text, action) = when (banner) {
        is Banner.ReadOnly -> "banner_read_only" to "banner_read_only_mend"
        is Banner.SnapshotFailed -> "banner_snapshot_failed" to "banner_snapshot_failed_mend"
        is Banner.AnchorStale -> "banner_anchor_stale" to "banner_anchor_stale_mend"
        is Banner.RenewRecoveryCode -> "banner_renew_recovery_code" to "banner_renew_recovery_code_mend"
        is Banner.CheckPassphrase -> "banner_check_passphrase" to "banner_check_passphrase_mend"
        is Banner.ClockOff -> "banner_clock_off" to "banner_clock_off_mend"
        is Banner.NotificationsOff -> "banner_notifications_off" to "banner_notifications_off_mend"
        is Banner.Backup -> when (banner.trouble) {
            is BackupTrouble.Failing -> "banner_backup_failing"
            is BackupTrouble.Old, is BackupTrouble.Never -> "banner_backup_old"
        } to "banner_backup_mend"
        is Banner.NotFinished -> "banner_not_finished" to "banner_not_finished_mend"
    }
    val weight = if (banner is Banner.ReadOnly) Weight.DANGER else Weight.WARN
    val host = (banner as? Banner.NotFinished)?.host.orEmpty()
    Notice(weight, say(text, host), say(action)) { onEvent(AccountsEvent.Mend(banner)) }
}

/** One service that sends requests. */
@Composable
private fun ServiceLine(row: ServiceRow, onEvent: (AccountsEvent) -> Unit) {
    val enrolment = row.enrolment
    val below = listOf(enrolment.accountName.orEmpty(), say(enrolment.state.key())).filter { it.isNotEmpty() }
    Box(Modifier.padding(horizontal = 8.dp)) {
        val name = enrolment.service ?: enrolment.host
        Leads(name, below = below.joinToString(" · "), start = { Mark(name, logo = enrolment.logo) }) {
            onEvent(Go(Place.Service(enrolment.id)))
        }
    }
}

/** How an enrolment stands, by the name of its words. */
fun EnrolmentState.key(): String = when (this) {
    is EnrolmentState.Enrolling -> "enrolment_enrolling"
    is EnrolmentState.PendingTest -> "enrolment_pending_test"
    is EnrolmentState.Active -> "enrolment_active"
    is EnrolmentState.NeedsApprovalKey -> "enrolment_needs_approval_key"
    is EnrolmentState.Revoked -> "enrolment_revoked"
    is EnrolmentState.Failed -> "enrolment_failed"
    is EnrolmentState.Damaged -> "enrolment_damaged"
}

private fun LazyGridScope.wide(key: String, content: @Composable () -> Unit) =
    item(key, span = { GridItemSpan(maxLineSpan) }) { content() }
