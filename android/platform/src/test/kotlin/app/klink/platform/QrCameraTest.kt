package app.klink.platform

import android.Manifest
import android.app.Application
import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraManager
import android.media.Image
import android.view.Surface
import app.klink.presentation.Frames
import java.nio.ByteBuffer
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowCameraCharacteristics
import kotlin.test.assertEquals
import kotlin.test.assertSame

/** A frame as a camera hands it out: its rows are padded to [stride] bytes. */
private class FakeImage(private val wide: Int, private val high: Int, private val stride: Int) : Image() {
    val luma: ByteBuffer = ByteBuffer.allocateDirect(stride * (high - 1) + wide)

    override fun getFormat() = ImageFormat.YUV_420_888

    override fun getWidth() = wide

    override fun getHeight() = high

    override fun getTimestamp() = 0L

    override fun getTransform() = 0

    override fun getScalingMode() = 0

    override fun getPlanes(): Array<Plane> = arrayOf(object : Plane() {
        override fun getRowStride() = stride

        override fun getPixelStride() = 1

        override fun getBuffer() = luma
    })

    override fun close() = Unit
}

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
class QrCameraTest {
    private val app: Application = RuntimeEnvironment.getApplication()

    @Test
    fun `the luma plane is handed over as it is, with its stride`() {
        val image = FakeImage(640, 480, stride = 704)
        var seen: ByteBuffer? = null
        val frames = Frames { luma, width, height, stride ->
            seen = luma
            assertEquals(listOf(640, 480, 704), listOf(width, height, stride))
        }
        frames.take(image)
        assertSame(image.luma, seen)
    }

    @Test
    fun `a camera opens and closes, and none that is there or allowed shows nothing`() {
        val frames = Frames { _, _, _, _ -> }
        val surface = Surface(SurfaceTexture(0))
        QrCamera(app, frames).use { it.open(surface) }
        val manager = shadowOf(app.service<CameraManager>())
        val back = ShadowCameraCharacteristics.newCameraCharacteristics()
        shadowOf(back).set(CameraCharacteristics.LENS_FACING, CameraCharacteristics.LENS_FACING_BACK)
        manager.addCamera("front", ShadowCameraCharacteristics.newCameraCharacteristics())
        manager.addCamera("back", back)
        shadowOf(app).grantPermissions(Manifest.permission.CAMERA)
        QrCamera(app, frames).use { it.open(surface) }
    }
}
