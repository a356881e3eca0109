package app.klink

import android.content.res.Configuration
import android.view.SurfaceHolder
import android.view.SurfaceView
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.aspectRatio
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.LocalConfiguration
import androidx.compose.ui.viewinterop.AndroidView
import app.klink.platform.QrCamera
import app.klink.presentation.Frames

/** What the camera sees, as wide as it is high, for as long as it is shown. */
@Composable
fun CameraView(frames: Frames, modifier: Modifier) = Box(modifier, Alignment.Center) {
    val upright = LocalConfiguration.current.orientation == Configuration.ORIENTATION_PORTRAIT
    AndroidView(
        factory = { context ->
            SurfaceView(context).apply {
                holder.addCallback(object : SurfaceHolder.Callback {
                    private var camera: QrCamera? = null

                    override fun surfaceCreated(holder: SurfaceHolder) {
                        camera = QrCamera(context, frames).also {
                            holder.setFixedSize(it.size.width, it.size.height)
                            // When the surface has got its size.
                            post { camera?.open(holder.surface) }
                        }
                    }

                    override fun surfaceChanged(holder: SurfaceHolder, format: Int, width: Int, height: Int) = Unit

                    override fun surfaceDestroyed(holder: SurfaceHolder) {
                        camera?.close()
                        camera = null
                    }
                })
            }
        },
        modifier = Modifier.aspectRatio(if (upright) UPRIGHT else 1 / UPRIGHT),
    )
}

/** Three by four. */
private const val UPRIGHT = 0.75f
