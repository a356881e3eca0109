package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import app.klink.core.WayIn
import app.klink.core.WayInKind
import app.klink.presentation.Back
import app.klink.presentation.Biometrics
import app.klink.presentation.Confirm
import app.klink.presentation.Distributor
import app.klink.presentation.Go
import app.klink.presentation.Model
import app.klink.presentation.Place
import app.klink.presentation.Preferences
import app.klink.presentation.SettingsEvent
import app.klink.presentation.SettingsState

/** Choices, and the ways in. */
@Composable
fun SettingsScreen(model: Model<SettingsState, SettingsEvent>) {
    val state by model.state.collectAsState()
    SettingsScreen(state, model::on)
}

/** Choices, the ways in, and what is done rarely. */
@Composable
fun SettingsScreen(state: SettingsState, onEvent: (SettingsEvent) -> Unit) {
    val confirming = state.confirming
    if (confirming != null) ConfirmScreen(confirming) { onEvent(Confirm(it)) }
    else Page(say("settings"), { onEvent(Back) }) {
        Problem(state.problem, say("ok")) { onEvent(SettingsEvent.ProblemRead) }
        Rarely(onEvent)
        WaysIn(state, onEvent)
        Locking(state.preferences) { onEvent(SettingsEvent.Change(it)) }
        Showing(state.preferences) { onEvent(SettingsEvent.Change(it)) }
        if (state.distributors.isNotEmpty()) {
            Heading(say("check_wake_ups"))
            ChooseDistributor(state.distributors, state.distributor) { onEvent(SettingsEvent.Choose(it)) }
        }
        Heading(say("settings_about"))
        Leads(say("licences"), Sign.INFO) { onEvent(Go(Place.Licences)) }
        Aside(say("settings_version", state.version))
    }
}

@Composable
private fun Rarely(onEvent: (SettingsEvent) -> Unit) {
    Leads(say("backup_title"), Sign.UP) { onEvent(Go(Place.Backup)) }
    Leads(say("move_title"), Sign.PHONE) { onEvent(Go(Place.Move())) }
    Leads(say("check_title"), Sign.SHIELD) { onEvent(Go(Place.SelfCheck)) }
    Leads(say("export_title"), Sign.COPY) { onEvent(Go(Place.Export)) }
    Leads(say("import_title"), Sign.DOWN) { onEvent(Go(Place.Import)) }
    Leads(say("groups"), Sign.FOLDER) { onEvent(Go(Place.Groups)) }
    Leads(say("history"), Sign.CLOCK) { onEvent(Go(Place.History)) }
}

@Composable
private fun WaysIn(state: SettingsState, onEvent: (SettingsEvent) -> Unit) {
    Heading(say("settings_ways_in"))
    Leads(say("settings_passphrase"), Sign.EDIT) { onEvent(Go(Place.Passphrase)) }
    Leads(say("settings_recovery_code"), Sign.KEY) { onEvent(Go(Place.RecoveryCode)) }
    if (state.biometrics == Biometrics.READY) Leads(say("settings_biometrics"), Sign.FINGER) { onEvent(SettingsEvent.AllowBiometrics) }
    var removing by remember { mutableStateOf<WayIn?>(null) }
    for (way in state.waysIn) Line(
        say(way.kind.key()), sign = Sign.LOCK,
        below = if (way.damaged) say("way_in_damaged") else way.createdAtMs?.let { say("way_in_since", LocalWords.current.date(it)) },
    ) { SignButton(Sign.TRASH, say("way_in_remove", say(way.kind.key()))) { removing = way } }
    removing?.let { way ->
        Really(
            say("way_in_remove_title"), say("way_in_remove_text"), say("remove"), say("keep"),
            { removing = null; onEvent(SettingsEvent.RemoveWayIn(way.id)) }, { removing = null },
        )
    }
}

@Composable
private fun Locking(now: Preferences, change: ((Preferences) -> Preferences) -> Unit) {
    Heading(say("settings_lock"))
    Body(say("settings_lock_after"))
    Chips {
        for (ms in listOf(0L, 30_000L, 120_000L, 600_000L)) Chip(seconds(ms), now.lockAfterMs == ms) { change { it.copy(lockAfterMs = ms) } }
    }
    Switched(say("settings_idle"), now.idleMs != null, say("settings_idle_text")) { on ->
        change { it.copy(idleMs = if (on) IDLE_MS else null) }
    }
    Switched(say("settings_dark"), now.lockOnDark) { on -> change { it.copy(lockOnDark = on) } }
    Switched(say("settings_screenshots"), now.screenshots, say("settings_screenshots_text")) { on -> change { it.copy(screenshots = on) } }
}

@Composable
private fun Showing(now: Preferences, change: ((Preferences) -> Preferences) -> Unit) {
    Heading(say("settings_codes"))
    Switched(say("settings_tap"), now.tapToReveal, say("settings_tap_text")) { on -> change { it.copy(tapToReveal = on) } }
    Switched(say("settings_next"), now.showNext, say("settings_next_text")) { on -> change { it.copy(showNext = on) } }
    Line(say("settings_offset"), below = sayCount("settings_offset_now", (now.offsetMs / 1000).toInt())) {
        SignButton(Sign.MINUS, say("settings_offset_less")) { change { it.copy(offsetMs = it.offsetMs - 1_000) } }
        SignButton(Sign.ADD, say("settings_offset_more")) { change { it.copy(offsetMs = it.offsetMs + 1_000) } }
    }
}

/** Who could bring wake-ups, to choose one of. */
@Composable
fun ChooseDistributor(all: List<Distributor>, chosen: String?, onChoose: (String) -> Unit) {
    if (chosen == null) Notice(Weight.WARN, say("wake_ups_unchosen"))
    Body(say("wake_ups_text"))
    Chips {
        for (one in all) {
            // Whoever calls itself like another one is told from it by its package.
            val name = if (all.count { it.name == one.name } == 1) one.name else "${one.name} (${one.id})"
            Chip(name, one.id == chosen) { onChoose(one.id) }
        }
    }
}

@Composable
private fun seconds(ms: Long): String = when {
    ms == 0L -> say("at_once")
    ms < 60_000 -> sayCount("after_seconds", (ms / 1000).toInt())
    else -> sayCount("after_minutes", (ms / 60_000).toInt())
}

/** What opens the vault, by the name of its words. */
fun WayInKind.key(): String = "way_in_" + name.lowercase()

/** Five minutes. */
private const val IDLE_MS = 300_000L
