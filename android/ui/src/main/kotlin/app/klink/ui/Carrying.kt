package app.klink.ui

import androidx.compose.foundation.gestures.detectDragGesturesAfterLongPress
import androidx.compose.foundation.lazy.grid.LazyGridState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.geometry.Rect
import androidx.compose.ui.graphics.graphicsLayer
import androidx.compose.ui.input.pointer.pointerInput
import androidx.compose.ui.unit.toOffset
import androidx.compose.ui.unit.toSize
import androidx.compose.ui.zIndex

/** A row that a finger carries to another place, after it was held for a moment. */
class Carrying(private val grid: LazyGridState) {
    private var key by mutableStateOf<Any?>(null)
    private var shift by mutableStateOf(Offset.Zero)

    /** Follows the finger; [onPlaced] is told of the row over whose place it was let go. */
    fun carried(own: Any, onPlaced: (Any) -> Unit): Modifier = Modifier.zIndex(if (key == own) 1f else 0f).graphicsLayer {
        if (key == own) {
            translationX = shift.x
            translationY = shift.y
            shadowElevation = LIFTED
        }
    }.pointerInput(own) {
        detectDragGesturesAfterLongPress(
            onDragStart = { key = own },
            onDragEnd = {
                val over = over(own)
                end()
                if (over != null) onPlaced(over)
            },
            onDragCancel = ::end,
        ) { change, by ->
            change.consume()
            shift += by
        }
    }

    private fun end() {
        key = null
        shift = Offset.Zero
    }

    /** The other row under the middle of the one that is carried. */
    private fun over(own: Any): Any? {
        val items = grid.layoutInfo.visibleItemsInfo
        val carried = items.find { it.key == own } ?: return null
        val middle = carried.offset.toOffset() + Offset(carried.size.width / 2f, carried.size.height / 2f) + shift
        return items.find { it.key != own && middle in Rect(it.offset.toOffset(), it.size.toSize()) }?.key
    }

    private companion object {
        /** The shadow of what is lifted, in pixels. */
        const val LIFTED = 12f
    }
}
