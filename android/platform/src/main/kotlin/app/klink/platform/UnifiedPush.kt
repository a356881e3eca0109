package app.klink.platform

import android.app.BroadcastOptions
import android.app.PendingIntent
import android.app.Service
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.os.Binder
import android.os.Build
import android.os.IBinder
import app.klink.presentation.Distributor
import app.klink.presentation.Distributors
import java.security.SecureRandom
import java.util.Base64

/**
 * Wake-ups through a distributor of the user's choice, by UnifiedPush's broadcasts (specification AND_3.0.0). Each enrolment is a
 * registration with a token of its own and with its service's key (VAPID, RFC 8292), so that nobody else can send there. What
 * arrives is sealed for this phone; the distributor sees that something came.
 */
class UnifiedPush(private val context: Context) : Distributors {
    private val kept = context.getSharedPreferences("unifiedpush", Context.MODE_PRIVATE)

    override val installed: List<Distributor>
        get() = context.packageManager.run {
            queryBroadcastReceivers(Intent(REGISTER), 0).map { it.activityInfo.applicationInfo }.distinctBy { it.packageName }
                .map { Distributor(it.packageName, getApplicationLabel(it).toString()) }
        }

    /** One that is gone brings nothing; with a single one there is nothing to choose. */
    override val chosen: String?
        get() = installed.map { it.id }.let { there -> kept.getString(DISTRIBUTOR, null)?.takeIf { it in there } ?: there.singleOrNull() }

    override val registered: Map<String, String>
        get() = kept.all.filterKeys { it.startsWith(KEY) }.entries.associate { (name, key) -> name.removePrefix(KEY) to key.toString() }

    /** Whether anything is brought: a distributor that was asked has given an address. */
    val brings: Boolean get() = chosen != null && registered.keys.any { kept.contains(ENDPOINT + it) }

    override fun choose(id: String) {
        if (kept.getString(DISTRIBUTOR, null) == id) return
        registered.keys.forEach(::unregister)
        kept.edit().putString(DISTRIBUTOR, id).apply()
    }

    override fun register(enrolment: String, pushKey: String, tellAgain: Boolean) {
        choose(chosen ?: return)
        val token = kept.getString(TOKEN + enrolment, null) ?: newToken()
        kept.edit().putString(TOKEN + enrolment, token).putString(KEY + enrolment, pushKey).apply()
        if (tellAgain) kept.edit().remove(TOLD + enrolment).apply()
        tell(token, identified(REGISTER).putExtra("application", context.packageName).putExtra("vapid", pushKey))
    }

    override fun unregister(enrolment: String) {
        kept.getString(TOKEN + enrolment, null)?.let { tell(it, identified(UNREGISTER)) }
        forget(enrolment)
    }

    /** Takes a broadcast of the distributor. One without a token of ours is somebody else's and is ignored. */
    fun take(intent: Intent): PushEvent? {
        val token = intent.getStringExtra("token") ?: return null
        val enrolment = registered.keys.find { kept.getString(TOKEN + it, null) == token } ?: return null
        return when (intent.action) {
            NEW_ENDPOINT -> intent.getStringExtra("endpoint")?.let {
                acknowledge(intent, token)
                kept.edit().putString(ENDPOINT + enrolment, it).apply()
                // It is said anew at each registration.
                if (it == kept.getString(TOLD + enrolment, null)) null else PushEvent.Address(enrolment, it)
            }
            UNREGISTERED -> PushEvent.Address(enrolment, null).also { forget(enrolment) }
            REGISTRATION_FAILED -> {
                // The next try needs another token. After an address this means nothing.
                if (!kept.contains(ENDPOINT + enrolment)) kept.edit().remove(TOKEN + enrolment).apply()
                null
            }
            MESSAGE -> {
                acknowledge(intent, token)
                intent.getByteArrayExtra("bytesMessage")?.let { PushEvent.WakeUp(it) }
            }
            else -> null
        }
    }

    /** The service knows the address. */
    fun told(event: PushEvent.Address) {
        if (event.enrolment in registered) kept.edit().putString(TOLD + event.enrolment, event.endpoint).apply()
    }

    /** A distributor takes an address back that nobody acknowledged. */
    private fun acknowledge(intent: Intent, token: String) {
        intent.getStringExtra("id")?.let { tell(token, Intent(ACK).putExtra("id", it)) }
    }

    private fun forget(enrolment: String) = listOf(TOKEN, KEY, ENDPOINT, TOLD).fold(kept.edit()) { edit, what -> edit.remove(what + enrolment) }.apply()

    /** By the pending intent, which does nothing, a distributor before Android 14 knows whose the request is. */
    private fun identified(action: String): Intent = Intent(action)
        .putExtra("pi", PendingIntent.getBroadcast(context, 0, Intent().setPackage(context.packageName), PendingIntent.FLAG_IMMUTABLE))

    private fun tell(token: String, intent: Intent) {
        intent.setPackage(kept.getString(DISTRIBUTOR, null) ?: return).putExtra("token", token)
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.UPSIDE_DOWN_CAKE) context.sendBroadcast(intent)
        else context.sendBroadcast(intent, null, BroadcastOptions.makeBasic().setShareIdentityEnabled(true).toBundle())
    }

    private fun newToken() = ByteArray(16).also(SecureRandom()::nextBytes).let(Base64.getUrlEncoder().withoutPadding()::encodeToString)

    companion object {
        const val REGISTER = "org.unifiedpush.android.distributor.REGISTER"
        const val UNREGISTER = "org.unifiedpush.android.distributor.UNREGISTER"
        const val MESSAGE = "org.unifiedpush.android.connector.MESSAGE"
        const val NEW_ENDPOINT = "org.unifiedpush.android.connector.NEW_ENDPOINT"
        const val UNREGISTERED = "org.unifiedpush.android.connector.UNREGISTERED"
        const val REGISTRATION_FAILED = "org.unifiedpush.android.connector.REGISTRATION_FAILED"
        const val ACK = "org.unifiedpush.android.distributor.MESSAGE_ACK"
        private const val DISTRIBUTOR = "distributor"

        // Of each enrolment: the token of its registration, its service's key, where wake-ups go, and where the service knows that they go.
        private const val TOKEN = "token."
        private const val KEY = "key."
        private const val ENDPOINT = "endpoint."
        private const val TOLD = "told."
    }
}

/** What a distributor brings. */
sealed interface PushEvent {
    /** Where wake-ups of one enrolment go from now on; `null` is nowhere. */
    data class Address(val enrolment: String, val endpoint: String?) : PushEvent

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

/** A distributor binds to it for the seconds in which it brings a wake-up, so that the system lets this app work. It does nothing. */
class RaisedService : Service() {
    override fun onBind(intent: Intent): IBinder = Binder()
}
