package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import app.klink.presentation.Model
import app.klink.presentation.PassphraseEvent
import app.klink.presentation.PassphraseState
import app.klink.presentation.RecoveryCodeEvent
import app.klink.presentation.RecoveryCodeState

/** A new passphrase. */
@Composable
fun PassphraseScreen(model: Model<PassphraseState, PassphraseEvent>) {
    val state by model.state.collectAsState()
    PassphraseScreen(state, model::on)
}

/** A new passphrase for a vault that is there: chosen, typed back, confirmed. */
@Composable
fun PassphraseScreen(state: PassphraseState, onEvent: (PassphraseEvent) -> Unit) {
    val back = { onEvent(PassphraseEvent.Back) }
    when (state) {
        is PassphraseState.Confirm -> ConfirmScreen(state.confirming) { onEvent(PassphraseEvent.Confirm(it)) }
        is PassphraseState.Choose -> NewPassphrase(
            state.strength, state.problem, back, { onEvent(PassphraseEvent.Typed(it)) }, { onEvent(PassphraseEvent.Chosen(it)) },
        )
        is PassphraseState.Repeat -> TypeAgain(
            say("passphrase_again_title"), say("passphrase_again_text"), say("passphrase"), Kind.SECRET, false, state.problem, back,
        ) { onEvent(PassphraseEvent.Repeated(it)) }
        is PassphraseState.Done -> Page(
            say("passphrase_done_title"), end = { Primary(say("done"), onClick = back) },
        ) { Notice(Weight.GOOD, say("passphrase_done")) }
    }
}

/** A new recovery code. */
@Composable
fun RecoveryCodeScreen(model: Model<RecoveryCodeState, RecoveryCodeEvent>) {
    val state by model.state.collectAsState()
    RecoveryCodeScreen(state, model::on)
}

/** A new recovery code for a vault that is there: shown, typed back, confirmed. */
@Composable
fun RecoveryCodeScreen(state: RecoveryCodeState, onEvent: (RecoveryCodeEvent) -> Unit) {
    val back = { onEvent(RecoveryCodeEvent.Back) }
    when (state) {
        is RecoveryCodeState.Confirm -> ConfirmScreen(state.confirming) { onEvent(RecoveryCodeEvent.Confirm(it)) }
        is RecoveryCodeState.Show -> NewRecoveryCode(state.code, back, state.problem) { onEvent(RecoveryCodeEvent.WrittenDown) }
        is RecoveryCodeState.Repeat -> TypeAgain(
            say("recovery_again_title"), say("recovery_again_text"), say("recovery_code"), Kind.CODE, false, state.problem, back,
        ) { onEvent(RecoveryCodeEvent.Repeated(it)) }
        is RecoveryCodeState.Done -> Page(
            say("recovery_done_title"), end = { Primary(say("done"), onClick = back) },
        ) { Notice(Weight.GOOD, say("recovery_done")) }
    }
}
