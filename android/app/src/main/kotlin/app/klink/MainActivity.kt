package app.klink

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.net.Uri
import android.os.Build
import android.os.Bundle
import androidx.activity.ComponentActivity
import androidx.activity.compose.BackHandler
import androidx.activity.compose.setContent
import androidx.activity.enableEdgeToEdge
import androidx.activity.result.PickVisualMediaRequest
import androidx.activity.result.contract.ActivityResultContracts.CreateDocument
import androidx.activity.result.contract.ActivityResultContracts.OpenDocument
import androidx.activity.result.contract.ActivityResultContracts.OpenDocumentTree
import androidx.activity.result.contract.ActivityResultContracts.OpenMultipleDocuments
import androidx.activity.result.contract.ActivityResultContracts.PickVisualMedia
import androidx.activity.result.contract.ActivityResultContracts.RequestPermission
import androidx.compose.foundation.isSystemInDarkTheme
import androidx.compose.material3.ColorScheme
import androidx.compose.material3.dynamicDarkColorScheme
import androidx.compose.material3.dynamicLightColorScheme
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.platform.LocalContext
import app.klink.core.LockEvent
import app.klink.platform.RequestNotices
import app.klink.platform.forbidPictures
import app.klink.presentation.AppEvent
import app.klink.ui.App
import app.klink.ui.KlinkTheme
import app.klink.ui.LocalCamera
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.launch

/** The window: it shows what the model says, and tells it what comes from outside. */
class MainActivity : ComponentActivity(), Asking {
    private val app get() = application as KlinkApp
    private val screenOff = object : BroadcastReceiver() {
        override fun onReceive(context: Context, intent: Intent) = app.parts.model.on(AppEvent.Life(LockEvent.SCREEN_OFF))
    }

    // One question at a time: the answer of an earlier one that never came is none.
    private var permission = CompletableDeferred<Boolean>()
    private var one = CompletableDeferred<Uri?>()
    private var several = CompletableDeferred<List<Uri>>()
    private val permissions = registerForActivityResult(RequestPermission()) { permission.complete(it) }
    private val pictures = registerForActivityResult(PickVisualMedia()) { one.complete(it) }
    private val oneFile = registerForActivityResult(OpenDocument()) { several.complete(listOfNotNull(it)) }
    private val manyFiles = registerForActivityResult(OpenMultipleDocuments()) { several.complete(it) }
    private val folders = registerForActivityResult(OpenDocumentTree()) { one.complete(it) }
    private val newFile = registerForActivityResult(CreateDocument("application/octet-stream")) { one.complete(it) }

    override fun onCreate(savedInstanceState: Bundle?) {
        enableEdgeToEdge()
        super.onCreate(savedInstanceState)
        forbidPictures(true)
        app.device.asking = this
        registerReceiver(screenOff, IntentFilter(Intent.ACTION_SCREEN_OFF), Context.RECEIVER_NOT_EXPORTED)
        if (savedInstanceState == null) take(intent)
        setContent {
            val state by app.parts.model.state.collectAsState()
            LaunchedEffect(state.secure) { forbidPictures(state.secure) }
            KlinkTheme(ResourceWords(resources), scheme = deviceColours()) {
                CompositionLocalProvider(LocalCamera provides { frames, modifier -> CameraView(frames, modifier) }) { App(app.parts.model) }
            }
            BackHandler(state.canGoBack) { app.parts.model.on(AppEvent.Back) }
        }
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        take(intent)
    }

    override fun onStart() {
        super.onStart()
        app.inSight = true
        app.parts.model.on(AppEvent.Life(LockEvent.ENTERED_FOREGROUND))
    }

    override fun onStop() {
        super.onStop()
        app.inSight = false
        if (!isChangingConfigurations) app.parts.model.on(AppEvent.Life(LockEvent.ENTERED_BACKGROUND))
    }

    override fun onUserInteraction() = app.parts.model.on(AppEvent.Life(LockEvent.USED))

    override fun onDestroy() {
        super.onDestroy()
        unregisterReceiver(screenOff)
        if (app.device.asking === this) app.device.asking = null
    }

    /** Everything from outside leads to a screen that asks. */
    private fun take(intent: Intent) {
        when (intent.action) {
            Intent.ACTION_VIEW -> intent.dataString?.let { app.parts.model.on(AppEvent.Text(it)) }
            Intent.ACTION_SEND -> shared(intent)
            RequestNotices.OPEN -> intent.getStringExtra(RequestNotices.REQUEST).let { id ->
                id?.let(app.notices::hide)
                app.parts.model.on(AppEvent.OpenRequest(id))
            }
            SEARCH -> app.parts.model.on(AppEvent.Search)
        }
    }

    private fun shared(intent: Intent) {
        val text = intent.getStringExtra(Intent.EXTRA_TEXT)
        if (text != null) return app.parts.model.on(AppEvent.Text(text))
        @Suppress("DEPRECATION") // The typed one begins with Android 13.
        val picture = intent.getParcelableExtra<Uri>(Intent.EXTRA_STREAM) ?: return
        app.parts.scope.launch { app.device.bytes(picture)?.let { app.parts.model.on(AppEvent.Picture(it)) } }
    }

    override suspend fun ask(permission: String): Boolean {
        this.permission = CompletableDeferred()
        permissions.launch(permission)
        return this.permission.await()
    }

    override suspend fun picture(request: PickVisualMediaRequest): Uri? {
        one = CompletableDeferred()
        pictures.launch(request)
        return one.await()
    }

    override suspend fun files(many: Boolean): List<Uri> {
        several = CompletableDeferred()
        if (many) manyFiles.launch(ANY) else oneFile.launch(ANY)
        return several.await()
    }

    override suspend fun folder(): Uri? {
        one = CompletableDeferred()
        folders.launch(null)
        return one.await()
    }

    override suspend fun create(name: String): Uri? {
        one = CompletableDeferred()
        newFile.launch(name)
        return one.await()
    }

    companion object {
        /** Opens the list, ready to search. */
        const val SEARCH = "app.klink.SEARCH"
        private val ANY = arrayOf("*/*")
    }
}

/** The device's own colours, where it has them. */
@Composable
private fun deviceColours(): ColorScheme? {
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.S) return null
    val context = LocalContext.current
    return if (isSystemInDarkTheme()) dynamicDarkColorScheme(context) else dynamicLightColorScheme(context)
}
