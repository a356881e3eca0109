package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.staticCompositionLocalOf
import androidx.compose.ui.Modifier

/** Draws the QR code of a text; `null` where nothing can draw one, and the text stands alone. */
val LocalQr = staticCompositionLocalOf<(@Composable (String, Modifier) -> Unit)?> { null }
