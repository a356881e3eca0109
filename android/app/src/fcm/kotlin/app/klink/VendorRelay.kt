package app.klink

import android.content.Context
import app.klink.core.PushVendor
import app.klink.presentation.Relay
import com.google.firebase.FirebaseApp
import com.google.firebase.messaging.FirebaseMessaging
import kotlin.coroutines.resume
import kotlinx.coroutines.suspendCancellableCoroutine

/** Whether this build has a relay. */
const val HAS_RELAY = true

/** The publisher's relay, with Google's name of this installation; `null` where either is missing. */
suspend fun relayOf(context: Context): Relay? {
    val origin = context.getString(R.string.relay)
    if (origin.isEmpty() || FirebaseApp.getApps(context).isEmpty()) return null
    val token = suspendCancellableCoroutine { waiting ->
        FirebaseMessaging.getInstance().token.addOnCompleteListener { told -> waiting.resume(if (told.isSuccessful) told.result else null) }
    }
    return token?.let { Relay(origin, PushVendor.FCM, it) }
}
