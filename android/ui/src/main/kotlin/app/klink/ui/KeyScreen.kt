package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import app.klink.core.AccountKind
import app.klink.core.Algorithm
import app.klink.core.EnteredKey
import app.klink.presentation.Back
import app.klink.presentation.Message
import app.klink.presentation.ScanEvent

/** The key of an account is typed: its names and the key; what few accounts need stands behind "more". */
@Composable
fun KeyForm(problem: Message?, more: Boolean = false, onEvent: (ScanEvent) -> Unit) {
    var issuer by remember { mutableStateOf("") }
    var name by remember { mutableStateOf("") }
    var secret by remember { mutableStateOf("") }
    var rare by remember { mutableStateOf(Rare(shown = more)) }
    val typed = { onEvent(ScanEvent.KeyTyped(rare.with(issuer.trim(), name.trim(), secret))) }
    Page(
        say("key_title"), { onEvent(Back) },
        end = { Primary(say("key_add"), secret.isNotBlank(), typed) },
    ) {
        Body(say("key_text"))
        Field(say("issuer"), issuer, Kind.TEXT) { issuer = it }
        Field(say("account_name"), name, Kind.LINK) { name = it }
        Field(say("key_secret"), secret, Kind.CODE, onDone = { if (secret.isNotBlank()) typed() }) { secret = it }
        Problem(problem)
        Switched(say("key_more"), rare.shown, say("key_more_text")) { rare = rare.copy(shown = it) }
        if (rare.shown) RareFields(rare) { rare = it }
    }
}

/** What few accounts need. Empty is what the core takes for usual; what is no number it refuses. */
private data class Rare(
    val shown: Boolean,
    val kind: AccountKind = AccountKind.TOTP,
    val algorithm: Algorithm? = null,
    val digits: String = "",
    val period: String = "",
    val counter: String = "",
    val pin: String = "",
) {
    fun with(issuer: String, name: String, secret: String) =
        if (!shown) EnteredKey(issuer, name, secret, AccountKind.TOTP)
        else EnteredKey(
            issuer, name, secret, kind, algorithm, number(digits), number(period), counter.trim().ifEmpty { null },
            pin.ifEmpty { null }?.toByteArray(),
        )

    private fun number(typed: String) = typed.trim().ifEmpty { null }?.let { it.toIntOrNull() ?: NONE }

    private companion object {
        /** Stands for what is no number: the core says what would be one. */
        const val NONE = 0
    }
}

@Composable
private fun RareFields(rare: Rare, onChange: (Rare) -> Unit) {
    Heading(say("key_kind"))
    Chips {
        for (kind in AccountKind.entries - AccountKind.UNKNOWN) Chip(say("kind_" + kind.name.lowercase()), rare.kind == kind) {
            onChange(rare.copy(kind = kind))
        }
    }
    when (rare.kind) {
        AccountKind.TOTP, AccountKind.HOTP -> {
            Heading(say("key_algorithm"))
            Chips {
                for (algorithm in Algorithm.entries) Chip(algorithm.name, rare.algorithm == algorithm) {
                    onChange(rare.copy(algorithm = algorithm.takeIf { it != rare.algorithm }))
                }
            }
            Field(say("key_digits"), rare.digits, Kind.NUMBER) { onChange(rare.copy(digits = it)) }
            if (rare.kind == AccountKind.TOTP) Field(say("key_period"), rare.period, Kind.NUMBER) { onChange(rare.copy(period = it)) }
            else Field(say("key_counter"), rare.counter, Kind.NUMBER) { onChange(rare.copy(counter = it)) }
        }
        AccountKind.MOTP, AccountKind.YANDEX -> Field(say("pin"), rare.pin, Kind.SECRET) { onChange(rare.copy(pin = it)) }
        AccountKind.STEAM, AccountKind.UNKNOWN -> Aside(say("key_nothing_more"))
    }
}
