package app.klink.core

import java.nio.ByteBuffer

/**
 * Looks for codes in the luma plane of one camera frame, without copying it: pass the plane's own direct buffer. Call it
 * on the camera's own thread; drop the frames that come meanwhile.
 *
 * A buffer that is not direct is copied into one first: convenient in a test, too slow for a camera.
 */
fun ScanSession.takeLuma(plane: ByteBuffer, width: Int, height: Int, rowStride: Int): List<ScannedCode> {
    val direct = if (plane.isDirect) plane else ByteBuffer.allocateDirect(plane.remaining()).put(plane.duplicate()).flip()
    return takeFrame(direct as ByteBuffer, width, height, rowStride)
}
