package app.klink.platform

import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import java.security.SecureRandom
import java.util.Base64

/**
 * Wake-ups through a distributor of the user's choice, by UnifiedPush's broadcasts (specification AND_3). What arrives is
 * sealed for this phone; the distributor sees that something came.
 */
class UnifiedPush(private val context: Context) {
    private val kept = context.getSharedPreferences("unifiedpush", Context.MODE_PRIVATE)

    /** Where services send wake-ups; `null` until a distributor gave an address. */
    val endpoint: String? get() = kept.getString(ENDPOINT, null)

    /** The packages that offer to deliver. */
    fun distributors(): List<String> =
        context.packageManager.queryBroadcastReceivers(Intent(REGISTER), 0).map { it.activityInfo.packageName }.distinct()

    /** Asks [distributor] to deliver, unless it was asked before; its answer comes as a broadcast. */
    fun register(distributor: String) {
        if (endpoint != null && kept.getString(DISTRIBUTOR, null) == distributor) return
        val token = kept.getString(TOKEN, null) ?: newToken()
        kept.edit().putString(TOKEN, token).putString(DISTRIBUTOR, distributor).apply()
        // By the pending intent, which does nothing, the distributor knows whose the request is.
        val own = PendingIntent.getBroadcast(context, 0, Intent().setPackage(context.packageName), PendingIntent.FLAG_IMMUTABLE)
        tell(distributor, Intent(REGISTER).putExtra("application", context.packageName).putExtra("pi", own))
    }

    /** Takes a broadcast of the distributor. One without our token is somebody else's and is ignored. */
    fun take(intent: Intent): PushEvent? {
        val token = kept.getString(TOKEN, null) ?: return null
        if (intent.getStringExtra("token") != token) return null
        return when (intent.action) {
            NEW_ENDPOINT -> intent.getStringExtra("endpoint")?.let {
                kept.edit().putString(ENDPOINT, it).apply()
                PushEvent.Address(it)
            }
            UNREGISTERED, REGISTRATION_FAILED -> {
                kept.edit().remove(ENDPOINT).apply()
                PushEvent.Address(null)
            }
            MESSAGE -> {
                val distributor = kept.getString(DISTRIBUTOR, null)
                val id = intent.getStringExtra("id")
                if (distributor != null && id != null) tell(distributor, Intent(ACK).putExtra("id", id))
                intent.getByteArrayExtra("bytesMessage")?.let { PushEvent.WakeUp(it) }
            }
            else -> null
        }
    }

    private fun tell(distributor: String, intent: Intent) =
        context.sendBroadcast(intent.setPackage(distributor).putExtra("token", kept.getString(TOKEN, null)))

    private fun newToken() = ByteArray(16).also(SecureRandom()::nextBytes).let(Base64.getUrlEncoder().withoutPadding()::encodeToString)

    companion object {
        const val REGISTER = "org.unifiedpush.android.distributor.REGISTER"
        const val MESSAGE = "org.unifiedpush.android.connector.MESSAGE"
        const val NEW_ENDPOINT = "org.unifiedpush.android.connector.NEW_ENDPOINT"
        const val UNREGISTERED = "org.unifiedpush.android.connector.UNREGISTERED"
        const val REGISTRATION_FAILED = "org.unifiedpush.android.connector.REGISTRATION_FAILED"
        const val ACK = "org.unifiedpush.android.distributor.MESSAGE_ACK"
        private const val DISTRIBUTOR = "distributor"
        private const val TOKEN = "token"
        private const val ENDPOINT = "endpoint"
    }
}

/** What a distributor brings. */
sealed interface PushEvent {
    /** Where wake-ups go from now on; `null` is nowhere. */
    data class Address(val endpoint: String?) : PushEvent

    /** A wake-up as it arrived. */
    class WakeUp(val sealed: ByteArray) : PushEvent
}

/** Receives the distributor's broadcasts. */
abstract class UnifiedPushReceiver : BroadcastReceiver() {
    abstract fun on(context: Context, event: PushEvent)

    override fun onReceive(context: Context, intent: Intent) {
        UnifiedPush(context).take(intent)?.let { on(context, it) }
    }
}
