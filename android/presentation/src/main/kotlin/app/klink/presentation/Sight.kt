package app.klink.presentation

import app.klink.core.ScanSession
import app.klink.core.Scanned
import app.klink.core.takeLuma
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch

/** Looks at what the camera sees while that is wanted; what is in a frame is told on [scope]'s thread. */
class Sight(private val scan: ScanSession, private val scope: CoroutineScope, private val seen: (List<Scanned>) -> Unit) : Frames {
    private val looking = AtomicBoolean(false)

    /** Begins or ends to look. */
    fun look(on: Boolean) = looking.set(on)

    override fun take(luma: ByteBuffer, width: Int, height: Int, stride: Int) {
        if (!looking.get()) return
        val codes = attempt { scan.takeLuma(luma, width, height, stride) }.or { emptyList() }
        if (codes.isNotEmpty()) scope.launch { if (looking.get()) seen(codes.map { it.what }) }
    }
}
