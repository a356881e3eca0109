package app.klink.ui

import androidx.compose.foundation.layout.Column
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import app.klink.core.Added
import app.klink.core.AddedStatus
import app.klink.core.ScannedAccount
import app.klink.presentation.Back
import app.klink.presentation.Foreign
import app.klink.presentation.Frames
import app.klink.presentation.Granted
import app.klink.presentation.Model
import app.klink.presentation.ScanEvent
import app.klink.presentation.ScanState

/** The camera; [frames] takes what it sees. */
@Composable
fun ScanScreen(model: Model<ScanState, ScanEvent>, frames: Frames) {
    val state by model.state.collectAsState()
    ScanScreen(state, frames, model::on)
}

/** The camera, what it found, and what a code that is not for us is good for. */
@Composable
fun ScanScreen(state: ScanState, frames: Frames, onEvent: (ScanEvent) -> Unit) = when (state) {
    is ScanState.Looking -> Looking(state, frames, onEvent)
    is ScanState.Typing -> KeyForm(state.problem, onEvent = onEvent)
    is ScanState.Found -> Found(state, onEvent)
    is ScanState.Collecting -> Collecting(state, frames, onEvent)
    is ScanState.Elsewhere -> Page(
        say("scan_elsewhere_title"), { onEvent(Back) },
        end = {
            Primary(say("scan_again")) { onEvent(ScanEvent.LookAgain) }
            Quiet(say("close")) { onEvent(Back) }
        },
    ) { Notice(Weight.WARN, state.what.told()) }
}

@Composable
private fun Looking(state: ScanState.Looking, frames: Frames, onEvent: (ScanEvent) -> Unit) {
    var pasting by remember { mutableStateOf(false) }
    var text by remember { mutableStateOf("") }
    Page(
        say("scan_title"), { onEvent(Back) },
        end = {
            if (state.working) Busy(say("scan_looking"))
            Secondary(say("choose_picture")) { onEvent(ScanEvent.ChoosePicture) }
            if (!pasting) Quiet(say("scan_cannot")) { pasting = true }
        },
    ) {
        Sight(state.camera, frames, { onEvent(ScanEvent.OpenAppSettings) }) { onEvent(ScanEvent.AllowCamera) }
        if (pasting) {
            Body(say("scan_paste_text"))
            Field(say("scan_link"), text, Kind.LINK, onDone = { onEvent(ScanEvent.TextPasted(text.trim())) }) { text = it }
            Primary(say("next"), text.isNotBlank()) { onEvent(ScanEvent.TextPasted(text.trim())) }
        }
        Problem(state.problem)
    }
}

/** The camera's picture, or what stands in its way. */
@Composable
fun Sight(camera: Granted?, frames: Frames, onSettings: (() -> Unit)? = null, onAllow: () -> Unit) = when (camera) {
    null -> Notice(Weight.INFO, say("scan_no_camera"))
    Granted.YES -> Column {
        Viewfinder(frames)
        Aside(say("scan_hint"))
    }
    Granted.NOT_YET_ASKED -> Notice(Weight.INFO, say("scan_allow"), say("allow"), onAllow)
    Granted.NO -> if (onSettings == null) Notice(Weight.WARN, say("scan_denied"))
    else Notice(Weight.WARN, say("scan_denied"), say("open_settings"), onSettings)
}

@Composable
private fun Found(state: ScanState.Found, onEvent: (ScanEvent) -> Unit) {
    val all = state.added.size >= state.accounts.size && state.added.isNotEmpty()
    Page(
        sayCount(if (all) "scan_added_title" else "scan_found_title", state.accounts.size), { onEvent(Back) },
        end = {
            if (all) Primary(say("done")) { onEvent(ScanEvent.Done) } else Quiet(say("scan_again")) { onEvent(ScanEvent.LookAgain) }
        },
    ) {
        state.added.forEach { Notice(it.weight(), say("added_" + it.status.name.lowercase())) }
        if (!all) state.accounts.forEach { FoundAccount(it, onEvent) }
        Problem(state.problem)
    }
}

private fun Added.weight() = if (status == AddedStatus.NEW) Weight.GOOD else Weight.INFO

@Composable
private fun FoundAccount(account: ScannedAccount, onEvent: (ScanEvent) -> Unit) {
    var pin by remember(account) { mutableStateOf("") }
    Card {
        Who(account.issuer.ifEmpty { account.accountName }, if (account.issuer.isEmpty()) "" else account.accountName)
        Aside(listOf(say("kind_" + account.kind.name.lowercase()), sayCount("digits", account.digits)).joinToString(" · "))
        if (account.needsPin) Field(say("pin"), pin, Kind.SECRET) { pin = it }
        Primary(say("scan_add"), !account.needsPin || pin.isNotEmpty()) {
            onEvent(ScanEvent.AddFound(account.number, pin.ifEmpty { null }))
        }
    }
}

@Composable
private fun Collecting(state: ScanState.Collecting, frames: Frames, onEvent: (ScanEvent) -> Unit) {
    val progress = state.progress
    val missing = progress.missing
    Page(
        say("collect_title", progress.parts - missing.size, progress.parts), { onEvent(Back) },
        end = {
            Primary(say("collect_preview")) { onEvent(ScanEvent.Preview) }
            Secondary(say("choose_picture")) { onEvent(ScanEvent.ChoosePicture) }
        },
    ) {
        Body(sayCount("collect_accounts", progress.accounts))
        if (progress.damaged > 0) Notice(Weight.WARN, sayCount("collect_damaged", progress.damaged))
        if (progress.seenBefore) Notice(Weight.INFO, say("collect_seen"))
        if (missing.isEmpty()) Notice(Weight.GOOD, say("collect_complete"))
        else {
            Notice(Weight.INFO, say("collect_missing", missing.joinToString(", ")))
            Sight(state.camera, frames, { onEvent(ScanEvent.OpenAppSettings) }) { onEvent(ScanEvent.AllowCamera) }
        }
        Problem(state.problem)
    }
}

@Composable
private fun Foreign.told(): String = when (this) {
    is Foreign.VendorPush -> say("vendor_" + hint.name.lowercase(), say("vendor_name_" + vendor.name.lowercase()))
    is Foreign.AccountWithoutSecret -> say("foreign_no_secret")
    is Foreign.Broken -> say("foreign_broken", report)
    is Foreign.PushMatch -> say("foreign_push_match")
    is Foreign.Passkey -> say("foreign_passkey")
    is Foreign.Wifi -> say("foreign_wifi")
    is Foreign.Contact -> say("foreign_contact")
    is Foreign.Link -> say("foreign_link")
    is Foreign.Plain -> say("foreign_plain")
    is Foreign.Nothing -> say("foreign_nothing")
}
