package app.klink.ui

import androidx.compose.foundation.layout.ColumnScope
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
import app.klink.core.PassphraseStrength
import app.klink.presentation.Back
import app.klink.presentation.Biometrics
import app.klink.presentation.FirstStartEvent
import app.klink.presentation.FirstStartState
import app.klink.presentation.Message
import app.klink.presentation.Model
import app.klink.presentation.NewKeyState

/** The first start. */
@Composable
fun FirstStartScreen(model: Model<FirstStartState, FirstStartEvent>) {
    val state by model.state.collectAsState()
    FirstStartScreen(state, model::on)
}

/** The first start: a way back in, typed back, then the device. */
@Composable
fun FirstStartScreen(state: FirstStartState, onEvent: (FirstStartEvent) -> Unit) {
    val back = { onEvent(Back) }
    when (state) {
        is FirstStartState.Welcome -> Welcome(state, onEvent)
        is NewKeyState -> NewKey(state, back, onEvent)
        is FirstStartState.OpenBackup -> KeyPage(
            say("open_backup_title"), say("open_backup_text", state.name), state.working, state.problem, back,
        ) { typed, isCode -> onEvent(FirstStartEvent.BackupOpened(typed, isCode)) }
        is FirstStartState.OfferBiometrics -> OfferBiometrics(state, onEvent)
    }
}

@Composable
private fun Welcome(state: FirstStartState.Welcome, onEvent: (FirstStartEvent) -> Unit) = Page(
    say("welcome_title"),
    end = {
        if (state.working) Busy(say("working")) else {
            Primary(say("welcome_passphrase")) { onEvent(FirstStartEvent.WithPassphrase) }
            Secondary(say("welcome_recovery")) { onEvent(FirstStartEvent.WithRecoveryCode) }
            Quiet(say("welcome_restore")) { onEvent(FirstStartEvent.Restore) }
            if (state.previous) Quiet(say("welcome_start_new"), danger = true) { onEvent(FirstStartEvent.StartNew) }
        }
    },
) {
    Latch()
    if (state.previous) Notice(Weight.WARN, say("welcome_previous"))
    Body(say("welcome_text"))
    Aside(say("welcome_why"))
    Problem(state.problem)
}

@Composable
private fun OfferBiometrics(state: FirstStartState.OfferBiometrics, onEvent: (FirstStartEvent) -> Unit) = Page(
    say("biometrics_title"),
    end = {
        if (state.working) Busy(say("working")) else {
            if (state.biometrics == Biometrics.READY) Primary(say("biometrics_allow")) { onEvent(FirstStartEvent.AllowBiometrics) }
            else if (state.biometrics != Biometrics.NO_HARDWARE) {
                Primary(say("open_settings")) { onEvent(FirstStartEvent.OpenScreenLockSettings) }
            }
            Secondary(say("biometrics_without")) { onEvent(FirstStartEvent.WithoutBiometrics) }
        }
    },
) {
    when (state.biometrics) {
        Biometrics.READY -> Body(say("biometrics_text"))
        Biometrics.NONE_ENROLLED -> Notice(Weight.INFO, say("biometrics_none_enrolled"))
        Biometrics.NO_SCREEN_LOCK -> Notice(Weight.WARN, say("biometrics_no_screen_lock"))
        Biometrics.NO_HARDWARE -> Notice(Weight.INFO, say("biometrics_no_hardware"))
    }
    Aside(say("biometrics_why"))
    Problem(state.problem)
}

/** Chooses a passphrase; [onTyped] asks for the estimate. */
@Composable
fun NewPassphrase(strength: PassphraseStrength?, problem: Message?, onBack: () -> Unit, onTyped: (String) -> Unit, onChosen: (String) -> Unit) {
    var typed by remember { mutableStateOf("") }
    val good = strength?.good == true && typed.isNotEmpty()
    Page(
        say("passphrase_title"), onBack,
        end = { Primary(say("next"), good) { onChosen(typed) } },
    ) {
        Body(say("passphrase_text"))
        Field(say("passphrase"), typed, Kind.SECRET, onDone = { if (good) onChosen(typed) }) { typed = it; onTyped(it) }
        if (strength != null && typed.isNotEmpty()) Strength(strength)
        Problem(problem)
    }
}

/** Types something back, so that it is known to be known. */
@Composable
fun TypeAgain(
    title: String,
    text: String,
    label: String,
    kind: Kind,
    working: Boolean,
    problem: Message?,
    onBack: () -> Unit,
    onTyped: (String) -> Unit,
) {
    var typed by remember { mutableStateOf("") }
    Page(
        title, onBack,
        end = { if (working) Busy(say("working")) else Primary(say("next"), typed.isNotEmpty()) { onTyped(typed) } },
    ) {
        Body(text)
        Field(label, typed, kind, onDone = { onTyped(typed) }) { typed = it }
        Problem(problem)
    }
}

/** Shows a recovery code to be written down; spoken letter by letter. */
@Composable
fun NewRecoveryCode(code: String?, onBack: () -> Unit, problem: Message? = null, onWritten: () -> Unit) = Page(
    say("recovery_title"), onBack, end = { Primary(say("recovery_written"), code != null, onWritten) },
) {
    Body(say("recovery_text"))
    if (code != null) Card {
        val spoken = spelled(code)
        Text(
            code, Modifier.semantics { contentDescription = spoken },
            style = MaterialTheme.typography.headlineMedium.merge(TABULAR),
        )
    }
    Aside(say("recovery_why"))
    Problem(problem)
}

/** Asks for the passphrase or the recovery code that opens something. */
@Composable
fun KeyPage(
    title: String,
    text: String,
    working: Boolean,
    problem: Message?,
    onBack: () -> Unit,
    more: @Composable ColumnScope.() -> Unit = {},
    onTyped: (String, Boolean) -> Unit,
) {
    var typed by remember { mutableStateOf("") }
    var isCode by remember { mutableStateOf(false) }
    Page(
        title, onBack,
        end = { if (working) Busy(say("working")) else Primary(say("open"), typed.isNotEmpty()) { onTyped(typed, isCode) } },
    ) {
        Body(text)
        Chips {
            Chip(say("passphrase"), !isCode) { isCode = false }
            Chip(say("recovery_code"), isCode) { isCode = true }
        }
        Field(say(if (isCode) "type_recovery_code" else "type_passphrase"), typed, if (isCode) Kind.CODE else Kind.SECRET, onDone = { onTyped(typed, isCode) }) {
            typed = it
        }
        more()
        Problem(problem)
    }
}
