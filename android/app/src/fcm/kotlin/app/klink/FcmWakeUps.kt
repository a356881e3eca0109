package app.klink

import android.util.Base64
import app.klink.core.PushException
import app.klink.presentation.AppEvent
import com.google.firebase.messaging.FirebaseMessagingService
import com.google.firebase.messaging.RemoteMessage
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/** Brings what the relay sends by Google's service to the core: it is sealed, and the core alone opens it. */
class FcmWakeUps : FirebaseMessagingService() {
    /** Called on a thread of the service's own, which has some seconds. */
    override fun onMessageReceived(message: RemoteMessage) {
        val sealed = message.data["wakeup"]?.let(::sealed) ?: return
        try {
            runBlocking { (applicationContext as KlinkApp).announce(sealed) }
        } catch (_: PushException) {
            // The next look at the services finds the same.
        }
    }

    /** Services hear another address. */
    override fun onNewToken(token: String) {
        val parts = (applicationContext as KlinkApp).parts
        parts.scope.launch { parts.model.on(AppEvent.Upkeep) }
    }

    private fun sealed(text: String): ByteArray? = try {
        Base64.decode(text, Base64.URL_SAFE or Base64.NO_PADDING or Base64.NO_WRAP)
    } catch (_: IllegalArgumentException) {
        null
    }
}
