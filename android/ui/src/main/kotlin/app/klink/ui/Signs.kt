package app.klink.ui

import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.SolidColor
import androidx.compose.ui.graphics.StrokeCap
import androidx.compose.ui.graphics.StrokeJoin
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.graphics.vector.addPathNodes
import androidx.compose.ui.unit.dp

/**
 * The signs of Klink: lines of one width with round ends on a field of 24 × 24, in the colour of the text beside them.
 */
enum class Sign(path: String) {
    ADD("M12 5V19M5 12H19"),
    BACK("M19 12H5M11 6L5 12L11 18"),
    BELL("M6 17V11A6 6 0 0 1 18 11V17L19.5 18.5H4.5ZM10 21.5H14"),
    CAMERA("M3.5 8H7.5L9 5.5H15L16.5 8H20.5V19H3.5ZM8.7 13A3.3 3.3 0 1 0 15.3 13A3.3 3.3 0 1 0 8.7 13"),
    CHECK("M5 12.5L10 17.5L19.5 7"),
    CLOCK("M3.5 12A8.5 8.5 0 1 0 20.5 12A8.5 8.5 0 1 0 3.5 12M12 7V12L15.5 14"),
    CLOSE("M6 6L18 18M18 6L6 18"),
    COPY("M9 9H20V20H9ZM15 5.5V4H4V15H5.5"),
    DANGER("M8.3 3.5H15.7L20.5 8.3V15.7L15.7 20.5H8.3L3.5 15.7V8.3ZM12 7.5V12.8M12 16.2V16.3"),
    DEVICE("M5 5H19V15.5H5ZM2.5 19H21.5"),
    DOWN("M12 4V15M7 10.5L12 15.5L17 10.5M4.5 20H19.5"),
    EDIT("M4 20L5 15.5L16 4.5L19.5 8L8.5 19ZM14 6.5L17.5 10"),
    ERASE("M8.5 5.5H21V18.5H8.5L3 12ZM12 9.5L17 14.5M17 9.5L12 14.5"),
    EYE("M2.5 12C6.5 4.5 17.5 4.5 21.5 12C17.5 19.5 6.5 19.5 2.5 12M9.2 12A2.8 2.8 0 1 0 14.8 12A2.8 2.8 0 1 0 9.2 12"),
    FINGER("M6 18.5C7 16 7 14 7 12A5 5 0 0 1 17 12C17 15 16.8 17.5 16 20M12 11.5C12 15 11.8 18 10.5 21M4 14C4.2 9 4.5 4 12 4C17 4 20 7.5 20 12V15"),
    FOLDER("M3.5 6H10L12 8.5H20.5V19H3.5Z"),
    GLOBE("M3.5 12A8.5 8.5 0 1 0 20.5 12A8.5 8.5 0 1 0 3.5 12M3.5 12H20.5M12 3.5C7.5 8 7.5 16 12 20.5C16.5 16 16.5 8 12 3.5"),
    INFO("M3.5 12A8.5 8.5 0 1 0 20.5 12A8.5 8.5 0 1 0 3.5 12M12 11V16.5M12 7.6V7.7"),
    KEY("M3.5 15.5A4 4 0 1 0 11.5 15.5A4 4 0 1 0 3.5 15.5M10.5 12.5L19.5 3.5M16 7L19 10"),
    LOCK("M5.5 11H18.5V20H5.5ZM8 11V8A4 4 0 0 1 16 8V11"),
    MORE("M12 5.5V5.6M12 12V12.1M12 18.5V18.6"),
    MINUS("M5 12H19"),
    PERSON("M8.2 8A3.8 3.8 0 1 0 15.8 8A3.8 3.8 0 1 0 8.2 8M4.5 20C5 15.5 8 14.5 12 14.5C16 14.5 19 15.5 19.5 20"),
    PHONE("M7 3H17V21H7ZM11 18H13"),
    PLACE("M12 21C7.5 15.5 5.5 12.5 5.5 9.5A6.5 6.5 0 0 1 18.5 9.5C18.5 12.5 16.5 15.5 12 21M9.8 9.5A2.2 2.2 0 1 0 14.2 9.5A2.2 2.2 0 1 0 9.8 9.5"),
    REFRESH("M19.5 12A7.5 7.5 0 1 1 16.5 6L19 8M19.5 3.5V8.5H14.5"),
    SCAN("M4 8.5V4H8.5M15.5 4H20V8.5M20 15.5V20H15.5M8.5 20H4V15.5M8.5 8.5H10.5V10.5H8.5ZM13.5 8.5H15.5V10.5H13.5ZM8.5 13.5H10.5V15.5H8.5ZM14.5 14.5V14.6"),
    SEARCH("M4 10.5A6.5 6.5 0 1 0 17 10.5A6.5 6.5 0 1 0 4 10.5M15.5 15.5L20.5 20.5"),
    SETTINGS("M4 7H12M18 7H20M12.8 7A2.4 2.4 0 1 0 17.6 7A2.4 2.4 0 1 0 12.8 7M4 17H6M12 17H20M6.4 17A2.4 2.4 0 1 0 11.2 17A2.4 2.4 0 1 0 6.4 17"),
    SHIELD("M12 3L19.5 6V11.5C19.5 16 16.5 19.5 12 21C7.5 19.5 4.5 16 4.5 11.5V6ZM8.5 12L11 14.5L15.5 9.5"),
    SMALL_RIGHT("M9.5 6L15.5 12L9.5 18"),
    STAR("M12 3.5L14.6 9L20.5 9.8L16.2 14L17.3 20L12 17.1L6.7 20L7.8 14L3.5 9.8L9.4 9Z"),
    TRASH("M4.5 6.5H19.5M9 6.5V4H15V6.5M6.5 6.5L7.5 20.5H16.5L17.5 6.5M10.2 10.5V16.5M13.8 10.5V16.5"),
    UP("M12 15.5V4M7 8.5L12 3.5L17 8.5M4.5 20H19.5"),
    WARN("M12 4L21 19.5H3ZM12 10V14.3M12 16.9V17"),
    WORK("M3.5 8H20.5V19.5H3.5ZM9 8V4.5H15V8M3.5 13H20.5");

    /** The sign as lines. */
    val lines: ImageVector = picture(name, path, filled = false)

    /** The sign with its inside filled. */
    val filled: ImageVector by lazy { picture(name, path, filled = true) }
}

private fun picture(name: String, path: String, filled: Boolean) =
    ImageVector.Builder(name, 24.dp, 24.dp, viewportWidth = 24f, viewportHeight = 24f).addPath(
        pathData = addPathNodes(path),
        fill = if (filled) SolidColor(Color.Black) else null,
        stroke = SolidColor(Color.Black),
        strokeLineWidth = 1.8f,
        strokeLineCap = StrokeCap.Round,
        strokeLineJoin = StrokeJoin.Round,
    ).build()
