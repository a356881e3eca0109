package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import app.klink.core.PastAnswer
import app.klink.presentation.Back
import app.klink.presentation.GroupRow
import app.klink.presentation.GroupsEvent
import app.klink.presentation.GroupsState
import app.klink.presentation.HistoryEvent
import app.klink.presentation.HistoryState
import app.klink.presentation.LicencesEvent
import app.klink.presentation.LicencesState
import app.klink.presentation.Model
import app.klink.presentation.TrashEvent
import app.klink.presentation.TrashState

/** Accounts that were removed. */
@Composable
fun TrashScreen(model: Model<TrashState, TrashEvent>) {
    val state by model.state.collectAsState()
    TrashScreen(state, model::on)
}

/** Accounts that were removed; each can be put back. */
@Composable
fun TrashScreen(state: TrashState, onEvent: (TrashEvent) -> Unit) = Page(say("trash"), { onEvent(Back) }) {
    Body(say(if (state.rows.isEmpty()) "trash_empty" else "trash_text"))
    for (account in state.rows) {
        val name = account.issuer.ifEmpty { account.accountName }
        Line(
            name, sign = Sign.TRASH,
            below = account.trashedAtMs?.let { say("trash_since", account.accountName, LocalWords.current.date(it)) },
        ) { SignButton(Sign.REFRESH, say("trash_restore", "$name ${account.accountName}".trim())) { onEvent(TrashEvent.Restore(account.id)) } }
    }
    Problem(state.problem)
}

/** The answers of the past. */
@Composable
fun HistoryScreen(model: Model<HistoryState, HistoryEvent>) {
    val state by model.state.collectAsState()
    HistoryScreen(state, model::on)
}

/** The answers of the past 90 days, the newest first. */
@Composable
fun HistoryScreen(state: HistoryState, onEvent: (HistoryEvent) -> Unit) = Page(say("history"), { onEvent(Back) }) {
    val answers = state.answers
    if (answers == null) Busy(say("working"))
    else if (answers.isEmpty()) Body(say("history_empty"))
    else for (answer in answers) Past(answer)
    Problem(state.problem)
}

@Composable
private fun Past(answer: PastAnswer) {
    val (title, _, weight) = answer.outcome.told()
    Card {
        Fact(weight.sign, say(title) + " · " + answer.application)
        val who = listOfNotNull(answer.service, answer.accountName).joinToString(" · ")
        if (who.isNotEmpty()) Fact(Sign.PERSON, who)
        Fact(Sign.PLACE, answer.place)
        Fact(Sign.DEVICE, answer.device)
        Fact(Sign.CLOCK, LocalWords.current.moment(answer.answeredAtMs, 0))
    }
}

/** The groups. */
@Composable
fun GroupsScreen(model: Model<GroupsState, GroupsEvent>) {
    val state by model.state.collectAsState()
    GroupsScreen(state, model::on)
}

/** The groups: added, renamed, deleted; their accounts stay. */
@Composable
fun GroupsScreen(state: GroupsState, onEvent: (GroupsEvent) -> Unit) {
    var name by remember { mutableStateOf("") }
    val add = {
        if (name.isNotBlank()) onEvent(GroupsEvent.Add(name.trim()))
        name = ""
    }
    Page(say("groups"), { onEvent(Back) }) {
        if (state.groups.isEmpty()) Body(say("groups_empty"))
        for (row in state.groups) key(row.group.id) { OneGroup(row, state.readOnly, onEvent) }
        if (!state.readOnly) {
            Field(say("group_new"), name, Kind.TEXT, onDone = add) { name = it }
            Secondary(say("group_add"), name.isNotBlank(), add)
        }
        Problem(state.problem)
    }
    state.groups.find { it.group.id == state.deleting }?.let {
        Really(
            say("group_delete_title", it.group.name), say("group_delete_text"), say("remove"), say("keep"),
            { onEvent(GroupsEvent.ReallyDelete) }, { onEvent(GroupsEvent.KeepIt) },
        )
    }
}

@Composable
private fun OneGroup(row: GroupRow, readOnly: Boolean, onEvent: (GroupsEvent) -> Unit) {
    var renaming by remember { mutableStateOf(false) }
    var name by remember(row.group.name) { mutableStateOf(row.group.name) }
    if (renaming) {
        Field(say("group_name"), name, Kind.TEXT) { name = it }
        Primary(say("save"), name.isNotBlank()) {
            renaming = false
            onEvent(GroupsEvent.Rename(row.group.id, name.trim()))
        }
    } else Line(row.group.name, sign = Sign.FOLDER, below = sayCount("accounts", row.accounts)) {
        if (!readOnly) {
            SignButton(Sign.EDIT, say("group_rename", row.group.name)) { renaming = true }
            SignButton(Sign.TRASH, say("group_delete", row.group.name)) { onEvent(GroupsEvent.Delete(row.group.id)) }
        }
    }
}

/** Licences and privacy. */
@Composable
fun LicencesScreen(model: Model<LicencesState, LicencesEvent>) {
    val state by model.state.collectAsState()
    LicencesScreen(state, model::on)
}

/** What becomes of a person's data, and whose work is in the app. */
@Composable
fun LicencesScreen(state: LicencesState, onEvent: (LicencesEvent) -> Unit) = Page(say("licences"), { onEvent(Back) }) {
    Heading(say("privacy"))
    Body(say("privacy_text"))
    Heading(say("licences_parts"))
    Body(say("licences_text"))
    for (part in state.parts) Line(part.name, below = part.licence + " · " + part.source)
}
