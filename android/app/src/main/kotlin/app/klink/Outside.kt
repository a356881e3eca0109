package app.klink

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import app.klink.core.Challenge
import app.klink.core.Decision
import app.klink.core.PushException
import app.klink.platform.PushEvent
import app.klink.platform.RequestNotices
import app.klink.platform.SearchTile
import app.klink.platform.UnifiedPush
import app.klink.platform.UnifiedPushReceiver
import app.klink.platform.UpkeepJob
import app.klink.presentation.AppEvent
import kotlinx.coroutines.launch

private val Context.klink: KlinkApp get() = applicationContext as KlinkApp

/** Denies from the notice. It needs neither the vault nor a person: a denial harms nobody. */
class DenyReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val id = intent.getStringExtra(RequestNotices.REQUEST) ?: return
        val app = context.klink
        val pending = goAsync()
        app.parts.scope.launch {
            try {
                app.parts.core.answer(id, Decision.Deny(cancelled = false))
                app.notices.hide(id)
            } catch (_: PushException) {
                // The notice stays: opening it says why.
            } finally {
                pending?.finish()
            }
        }
    }
}

/** Brings wake-ups and addresses of the distributor to the core. */
class WakeUpReceiver : UnifiedPushReceiver() {
    override fun on(context: Context, event: PushEvent) {
        val app = context.klink
        val pending = goAsync()
        app.parts.scope.launch {
            try {
                when (event) {
                    is PushEvent.Address -> {
                        app.parts.core.changePushEndpoint(event.enrolment, event.endpoint)
                        UnifiedPush(app).told(event)
                    }
                    is PushEvent.WakeUp -> app.announce(event.sealed)
                }
            } catch (_: PushException) {
                // The next look at the services finds the same, and the next registration says the address again.
            } finally {
                pending?.finish()
            }
        }
    }
}

/** Takes a wake-up, whoever brought it: an app that is in sight shows the request itself, otherwise a notice says that it waits. */
suspend fun KlinkApp.announce(sealed: ByteArray) {
    if (inSight) return parts.model.on(AppEvent.WakeUp(sealed))
    parts.core.wakeUp(sealed)?.let { announce(it) }
}

/** Says that the request [id] waits, if it is still open and not a quiet one. */
suspend fun KlinkApp.announce(id: String) {
    parts.core.refreshChallenges()
    parts.core.challenges().find { it.id == id && !it.quiet }?.let(::show)
}

private fun KlinkApp.show(challenge: Challenge) = notices.show(
    challenge.id, words.text("notify_title", challenge.application), words.text("notify_text", challenge.place, challenge.device),
    System.currentTimeMillis(), challenge.expiresAtMs,
)

/** Twice a day the services hear of this phone, so that they do not forget it, and a backup is made that is due. */
class KlinkUpkeep : UpkeepJob() {
    override suspend fun upkeep(): Boolean {
        val parts = klink.parts
        parts.scope.launch { parts.model.on(AppEvent.Upkeep) }
        return try {
            parts.core.refreshChallenges()
            true
        } catch (_: PushException) {
            false
        }
    }
}

/** The tile opens the list, ready to search. */
class KlinkTile : SearchTile() {
    override val target: Intent get() = Intent(this, MainActivity::class.java).setAction(MainActivity.SEARCH)
}
