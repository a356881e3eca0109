package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import app.klink.presentation.Back
import app.klink.presentation.Confirm
import app.klink.presentation.Model
import app.klink.presentation.NewKeyEvent
import app.klink.presentation.NewKeyState
import app.klink.presentation.WayInEvent
import app.klink.presentation.WayInState

/** A new passphrase or recovery code. */
@Composable
fun WayInScreen(model: Model<WayInState, WayInEvent>) {
    val state by model.state.collectAsState()
    WayInScreen(state, model::on)
}

/** A new passphrase or recovery code for a vault that is there: typed back, then confirmed. */
@Composable
fun WayInScreen(state: WayInState, onEvent: (WayInEvent) -> Unit) {
    val back = { onEvent(Back) }
    when (state) {
        is NewKeyState -> NewKey(state, back, onEvent)
        is WayInState.Asked -> ConfirmScreen(state.confirming) { onEvent(Confirm(it)) }
        is WayInState.Done -> Page(
            say(if (state.isCode) "recovery_done_title" else "passphrase_done_title"), end = { Primary(say("done"), onClick = back) },
        ) { Notice(Weight.GOOD, say(if (state.isCode) "recovery_done" else "passphrase_done")) }
    }
}

/** A way back in that is no hardware: chosen or shown, then typed back. */
@Composable
fun NewKey(state: NewKeyState, onBack: () -> Unit, onEvent: (NewKeyEvent) -> Unit) = when (state) {
    is NewKeyState.ChoosePassphrase -> NewPassphrase(
        state.strength, state.problem, onBack,
        { onEvent(NewKeyEvent.PassphraseTyped(it)) }, { onEvent(NewKeyEvent.PassphraseChosen(it)) },
    )
    is NewKeyState.RepeatPassphrase -> TypeAgain(
        say("passphrase_again_title"), say("passphrase_again_text"), say("passphrase"), Kind.SECRET, state.working, state.problem, onBack,
    ) { onEvent(NewKeyEvent.PassphraseRepeated(it)) }
    is NewKeyState.ShowRecoveryCode -> NewRecoveryCode(state.code, onBack, state.problem) { onEvent(NewKeyEvent.CodeWrittenDown) }
    is NewKeyState.RepeatRecoveryCode -> TypeAgain(
        say("recovery_again_title"), say("recovery_again_text"), say("recovery_code"), Kind.CODE, state.working, state.problem, onBack,
    ) { onEvent(NewKeyEvent.CodeRepeated(it)) }
}
