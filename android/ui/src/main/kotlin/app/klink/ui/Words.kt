package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.ReadOnlyComposable
import androidx.compose.runtime.staticCompositionLocalOf

/**
 * The sentences of one language, by the names in `res/values/strings.xml`: the catalogue that Android's resources and
 * the desktop both read. A name that is not in it is a mistake in the program, and a test finds it.
 */
interface Words {
    /** The text called [name] with [args] in the places `%1$s`, `%2$s`, … */
    fun text(name: String, vararg args: Any): String

    /** The form of the plural [name] for [count]; `%1$d` in it is the count, [args] follow. */
    fun count(name: String, count: Int, vararg args: Any): String

    /** A moment (milliseconds since 1970) as people of this language write it, the date only if it is not today's. */
    fun moment(atMs: Long, nowMs: Long): String

    /** A date, without the time of day. */
    fun date(atMs: Long): String
}

/** The words of the screen that is drawn. */
val LocalWords = staticCompositionLocalOf<Words> { error("a screen is drawn inside KlinkTheme") }

/** The text called [name] in the language of the screen. */
@Composable
@ReadOnlyComposable
fun say(name: String, vararg args: Any): String = LocalWords.current.text(name, *args)

/** The plural called [name] for [count] in the language of the screen. */
@Composable
@ReadOnlyComposable
fun sayCount(name: String, count: Int, vararg args: Any): String = LocalWords.current.count(name, count, *args)
