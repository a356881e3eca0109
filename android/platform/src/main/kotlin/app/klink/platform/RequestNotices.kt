package app.klink.platform

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.graphics.drawable.Icon

/** What a notice says. [public] is what a locked screen shows: no name is in it. */
class NoticeWords(val channel: String, val public: String, val deny: String, val open: String)

/**
 * Says that a sign-in waits. It is denied or opened from here; approving takes the app, the page's number and a person.
 *
 * [deny] is the receiver of a denial, [open] the activity that shows the request, [icon] a resource.
 */
class RequestNotices(
    private val context: Context,
    private val words: NoticeWords,
    private val icon: Int,
    private val deny: Class<*>,
    private val open: Class<*>,
) {
    private val manager = context.service<NotificationManager>()

    /** Shows the request [id] until [expiresAtMs] (Unix time). */
    fun show(id: String, title: String, text: String, nowMs: Long, expiresAtMs: Long) {
        manager.createNotificationChannel(
            NotificationChannel(CHANNEL, words.channel, NotificationManager.IMPORTANCE_HIGH).apply {
                lockscreenVisibility = Notification.VISIBILITY_PRIVATE
            },
        )
        val public = builder(id, words.public, null).build()
        val notice = builder(id, title, text)
            .setVisibility(Notification.VISIBILITY_PRIVATE)
            .setPublicVersion(public)
            .setTimeoutAfter((expiresAtMs - nowMs).coerceAtLeast(1))
            .addAction(action(words.deny, denying(id)))
            .addAction(action(words.open, opening(id)))
            .build()
        manager.notify(id, NUMBER, notice)
    }

    /** Takes the notice of [id] away. */
    fun hide(id: String) = manager.cancel(id, NUMBER)

    private fun builder(id: String, title: String, text: String?) = Notification.Builder(context, CHANNEL)
        .setSmallIcon(icon)
        .setContentTitle(title)
        .setContentText(text)
        .setCategory(Notification.CATEGORY_STATUS)
        .setShowWhen(true)
        .setContentIntent(opening(id))
        .setAutoCancel(true)

    private fun action(label: String, intent: PendingIntent) =
        Notification.Action.Builder(null as Icon?, label, intent).build()

    private fun denying(id: String) = PendingIntent.getBroadcast(context, 0, intent(deny, DENY, id), FLAGS)

    private fun opening(id: String) = PendingIntent.getActivity(
        context, 0, intent(open, OPEN, id).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK or Intent.FLAG_ACTIVITY_SINGLE_TOP), FLAGS,
    )

    /** An intent of its own for each request: by their extras alone the system does not tell them apart. */
    private fun intent(target: Class<*>, action: String, id: String) =
        Intent(context, target).setAction(action).setIdentifier(id).putExtra(REQUEST, id)

    companion object {
        const val CHANNEL = "requests"
        const val DENY = "app.klink.DENY"
        const val OPEN = "app.klink.OPEN"

        /** The extra that holds the request's id. */
        const val REQUEST = "request"
        private const val NUMBER = 1
        private const val FLAGS = PendingIntent.FLAG_IMMUTABLE or PendingIntent.FLAG_UPDATE_CURRENT
    }
}
