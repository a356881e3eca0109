package app.klink.platform

import android.annotation.SuppressLint
import android.content.Context
import android.graphics.ImageFormat
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics.LENS_FACING
import android.hardware.camera2.CameraCharacteristics.LENS_FACING_BACK
import android.hardware.camera2.CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.hardware.camera2.params.OutputConfiguration
import android.hardware.camera2.params.SessionConfiguration
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.os.HandlerThread
import android.util.Size
import android.view.Surface
import app.klink.presentation.Frames
import java.util.concurrent.Executor

/** Hands the luma plane of [image] over without a copy: the buffer is the camera's own, its rows `stride` bytes apart. */
internal fun Frames.take(image: Image) {
    val luma = image.planes[0]
    take(luma.buffer, image.width, image.height, luma.rowStride)
}

/** Hands each frame of the camera at the back to [frames]. Frames that come while one is looked at are dropped. */
class QrCamera(context: Context, private val frames: Frames) : AutoCloseable {
    private val manager = context.service<CameraManager>()
    private val back = manager.back()

    /** What the camera makes, and what its preview is made for: four by three. */
    val size: Size = back?.let(manager::size) ?: SMALLEST
    private val thread = HandlerThread("camera").apply { start() }
    private val handler = Handler(thread.looper)
    private val executor = Executor(handler::post)

    /** The camera while it is open, and whether it is wanted: it may answer after it was closed. */
    private var device: CameraDevice? = null
    private var wanted = true
    private val reader = ImageReader.newInstance(size.width, size.height, ImageFormat.YUV_420_888, 2).apply {
        setOnImageAvailableListener({ source -> source.acquireLatestImage()?.use(frames::take) }, handler)
    }

    /**
     * Shows on [preview] what the camera sees. The permission was asked for before; a camera that is in use elsewhere or
     * forbidden shows nothing.
     */
    @SuppressLint("MissingPermission")
    fun open(preview: Surface) {
        try {
            manager.openCamera(back ?: return, executor, object : CameraDevice.StateCallback() {
                override fun onOpened(camera: CameraDevice) = opened(camera, preview)

                override fun onDisconnected(camera: CameraDevice) = camera.close()

                override fun onError(camera: CameraDevice, error: Int) = camera.close()
            })
        } catch (_: CameraAccessException) {
            close()
        } catch (_: SecurityException) {
            close()
        }
    }

    @Synchronized
    override fun close() {
        wanted = false
        device?.close()
        reader.close()
        thread.quitSafely()
    }

    @Synchronized
    private fun opened(camera: CameraDevice, preview: Surface) {
        if (!wanted) return camera.close()
        device = camera
        try {
            start(camera, preview)
        } catch (_: CameraAccessException) {
            camera.close()
        }
    }

    private fun start(camera: CameraDevice, preview: Surface) {
        val surfaces = listOf(preview, reader.surface)
        val configured = object : CameraCaptureSession.StateCallback() {
            override fun onConfigureFailed(session: CameraCaptureSession) = camera.close()

            override fun onConfigured(session: CameraCaptureSession) {
                val request = camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW)
                surfaces.forEach(request::addTarget)
                request.set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
                session.setSingleRepeatingRequest(request.build(), executor, object : CameraCaptureSession.CaptureCallback() {})
            }
        }
        camera.createCaptureSession(
            SessionConfiguration(SessionConfiguration.SESSION_REGULAR, surfaces.map(::OutputConfiguration), executor, configured),
        )
    }
}

/** The camera at the back, or the only one. */
private fun CameraManager.back(): String? = try {
    cameraIdList.firstOrNull { getCameraCharacteristics(it).get(LENS_FACING) == LENS_FACING_BACK } ?: cameraIdList.firstOrNull()
} catch (_: CameraAccessException) {
    null
}

/** The largest picture that is quick to look through. */
private fun CameraManager.size(camera: String): Size? =
    getCameraCharacteristics(camera).get(SCALER_STREAM_CONFIGURATION_MAP)?.getOutputSizes(ImageFormat.YUV_420_888).orEmpty()
        .filter { it.width * 3 == it.height * 4 && it.width <= WIDEST }.maxByOrNull { it.width }

private const val WIDEST = 1280

/** Every camera makes this. */
private val SMALLEST = Size(640, 480)
