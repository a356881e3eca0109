package app.klink.ui

import androidx.compose.foundation.Image
import androidx.compose.foundation.background
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.shape.CircleShape
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.remember
import androidx.compose.runtime.staticCompositionLocalOf
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.graphics.ImageBitmap
import androidx.compose.ui.layout.ContentScale
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.unit.Dp
import androidx.compose.ui.unit.dp

/** Reads a picture (PNG or JPEG) as the system does; `null` where it cannot. */
val LocalPictures = staticCompositionLocalOf<(ByteArray) -> ImageBitmap?> { { null } }

/** The signs that a person may give to an account; the vault keeps their names. */
val ICONS = listOf(
    Sign.KEY, Sign.WORK, Sign.GLOBE, Sign.PERSON, Sign.FOLDER, Sign.PHONE, Sign.SHIELD, Sign.STAR, Sign.LOCK, Sign.CLOCK,
)

/** Under which name the vault keeps a sign. */
val Sign.kept: String get() = name.lowercase()

/**
 * What an account or a service is known by: the [logo] that it sent, else the sign that was chosen as its [icon], else the first letter
 * of its [name]. It repeats what stands beside it and is not read aloud.
 */
@Composable
fun Mark(name: String, icon: String? = null, logo: ByteArray? = null, size: Dp = 40.dp) = Box(
    Modifier.size(size).clip(CircleShape).background(MaterialTheme.colorScheme.primary.copy(alpha = 0.12f))
        .clearAndSetSemantics {},
    Alignment.Center,
) {
    val read = LocalPictures.current
    val picture = remember(logo) { logo?.let(read) }
    val sign = ICONS.find { it.kept == icon }
    val letter = (if (sign == null && !icon.isNullOrBlank()) icon else name).trim().firstOrNull { it.isLetterOrDigit() }
    if (picture != null && icon.isNullOrEmpty()) Image(picture, null, Modifier.fillMaxSize(), contentScale = ContentScale.Crop)
    else if (sign != null || letter == null) Icon((sign ?: Sign.KEY).lines, null, tint = MaterialTheme.colorScheme.primary)
    else with(LocalDensity.current) {
        // As large as its circle, whatever the size of type.
        val style = MaterialTheme.typography.titleMedium.copy(fontSize = (size * 0.42f).toSp(), lineHeight = (size * 0.6f).toSp())
        Text(letter.uppercase(), color = MaterialTheme.colorScheme.primary, style = style)
    }
}

/** Chooses the sign of an account, or its letter. */
@Composable
fun IconChoice(chosen: String, onChoose: (String) -> Unit) {
    Heading(say("icon"))
    Chips {
        Chip(say("icon_letter"), ICONS.none { it.kept == chosen }) { onChoose("") }
        for (sign in ICONS) Chip(say("icon_" + sign.kept), sign.kept == chosen, sign) { onChoose(sign.kept) }
    }
}
