package app.klink.ui

import androidx.compose.foundation.isSystemInDarkTheme
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.material3.ColorScheme
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Shapes
import androidx.compose.material3.Typography
import androidx.compose.material3.darkColorScheme
import androidx.compose.material3.lightColorScheme
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.text.TextStyle
import androidx.compose.ui.text.font.FontFamily
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.dp
import androidx.compose.ui.unit.sp

/**
 * The colours of Klink, called as on the pages of the service. [warn] has no role in Material's scheme of its own and
 * stands in `tertiary`; [danger] in `error`. Every text reaches a contrast of 4.5 on [ground] and on [raised].
 */
data class Palette(
    val ground: Color,
    val raised: Color,
    val text: Color,
    val quiet: Color,
    val accent: Color,
    val onAccent: Color,
    val warn: Color,
    val danger: Color,
    val line: Color,
    val rule: Color,
)

/** Daylight. */
val LIGHT = Palette(
    ground = Color(0xFFFBFBF8), raised = Color(0xFFEFF2EE), text = Color(0xFF16211F), quiet = Color(0xFF53615E),
    accent = Color(0xFF0B6B5E), onAccent = Color(0xFFFFFFFF), warn = Color(0xFF7A4B00), danger = Color(0xFFA3271F),
    line = Color(0xFF7C8A86), rule = Color(0xFFD5DBD7),
)

/** Night. */
val DARK = Palette(
    ground = Color(0xFF101716), raised = Color(0xFF1A2422), text = Color(0xFFE6ECE9), quiet = Color(0xFFA2B1AD),
    accent = Color(0xFF6FD6C3), onAccent = Color(0xFF06302A), warn = Color(0xFFF0BC62), danger = Color(0xFFFF9A8F),
    line = Color(0xFF71827D), rule = Color(0xFF2C3A37),
)

/**
 * What everything is drawn in. [scheme] is the device's own colours where it has them and the user wants them; `null`
 * is ours.
 */
@Composable
fun KlinkTheme(
    words: Words,
    dark: Boolean = isSystemInDarkTheme(),
    scheme: ColorScheme? = null,
    content: @Composable () -> Unit,
) = CompositionLocalProvider(LocalWords provides words) {
    MaterialTheme(
        colorScheme = scheme ?: if (dark) DARK.scheme(darkColorScheme()) else LIGHT.scheme(lightColorScheme()),
        shapes = CORNERS,
        typography = TYPE,
        content = content,
    )
}

/** Digits of one width, whatever stands beside them. */
val TABULAR = TextStyle(fontFamily = FontFamily.Monospace, fontFeatureSettings = "tnum")

private fun Palette.scheme(base: ColorScheme) = base.copy(
    primary = accent, onPrimary = onAccent, primaryContainer = raised, onPrimaryContainer = accent,
    inversePrimary = accent, secondary = accent, onSecondary = onAccent, secondaryContainer = raised,
    onSecondaryContainer = text, tertiary = warn, onTertiary = ground, tertiaryContainer = raised,
    onTertiaryContainer = warn, background = ground, onBackground = text, surface = ground, onSurface = text,
    surfaceVariant = raised, onSurfaceVariant = quiet, surfaceTint = accent, inverseSurface = text,
    inverseOnSurface = ground, error = danger, onError = ground, errorContainer = raised, onErrorContainer = danger,
    outline = line, outlineVariant = rule, surfaceBright = ground, surfaceDim = raised, surfaceContainer = raised,
    surfaceContainerLow = raised, surfaceContainerLowest = ground, surfaceContainerHigh = raised,
    surfaceContainerHighest = raised,
)

private val CORNERS = RoundedCornerShape(12.dp).let { Shapes(it, it, it, it, it) }

private val TYPE = Typography().run {
    copy(
        headlineLarge = headlineLarge.copy(fontSize = 30.sp, lineHeight = 36.sp, fontWeight = FontWeight.SemiBold),
        headlineMedium = headlineMedium.copy(fontSize = 26.sp, lineHeight = 32.sp, fontWeight = FontWeight.SemiBold),
        titleMedium = titleMedium.copy(fontWeight = FontWeight.SemiBold),
    )
}
