package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.ReadOnlyComposable
import app.klink.presentation.Message
import app.klink.presentation.Sentence

/** The sentence of [message] in the language of these words: its number is `%1$s`, its word `%2$s`. */
fun Words.sentence(message: Message): String =
    text(message.sentence.key, message.number?.toString().orEmpty(), message.word.orEmpty())

/** The sentence of [message] in the language of the screen. */
@Composable
@ReadOnlyComposable
fun say(message: Message): String = LocalWords.current.sentence(message)

/** Under which name the catalogue has it. */
val Sentence.key: String get() = "error_" + name.lowercase()

/** What went wrong, where the eye is; nothing when nothing did. */
@Composable
fun Problem(message: Message?, action: String? = null, onAction: () -> Unit = {}) {
    if (message != null) Notice(Weight.DANGER, say(message), action, onAction)
}
