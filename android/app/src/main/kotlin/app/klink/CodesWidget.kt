package app.klink

import android.app.AlarmManager
import android.app.PendingIntent
import android.appwidget.AppWidgetManager
import android.appwidget.AppWidgetProvider
import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.view.View
import android.widget.RemoteViews
import app.klink.platform.Pack
import app.klink.platform.PackedAccount
import app.klink.platform.service
import app.klink.ui.grouped
import app.klink.ui.spelled
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/** Chosen codes on the home screen, hidden until they are tapped. */
class CodesWidget : AppWidgetProvider() {
    override fun onUpdate(context: Context, manager: AppWidgetManager, ids: IntArray) = draw(context, null)

    override fun onReceive(context: Context, intent: Intent) {
        if (intent.action == REVEAL) draw(context, intent.getStringExtra(ACCOUNT)) else super.onReceive(context, intent)
    }

    private fun draw(context: Context, revealed: String?) {
        val pending = goAsync()
        val app = context.applicationContext as KlinkApp
        app.parts.scope.launch {
            try {
                app.drawWidgets(revealed)
            } finally {
                pending?.finish()
            }
        }
    }

    companion object {
        const val REVEAL = "app.klink.REVEAL"
        const val ACCOUNT = "account"
    }
}

/** Draws every widget anew, with the code of the account [revealed] in sight for as long as it is good. */
suspend fun KlinkApp.drawWidgets(revealed: String? = null) {
    val manager = AppWidgetManager.getInstance(this)
    val widgets = manager.getAppWidgetIds(ComponentName(this, CodesWidget::class.java))
    if (widgets.isEmpty()) return
    val pack = withContext(Dispatchers.IO) { parts.widget.pack() }
    val nowMs = System.currentTimeMillis()
    manager.updateAppWidget(widgets, drawn(pack, nowMs, revealed))
    val endsMs = pack?.accounts?.find { it.id == revealed }?.at(nowMs)?.second ?: return
    hideAt(endsMs)
    parts.scope.launch {
        delay(endsMs - nowMs)
        drawWidgets()
    }
}

/** Hides the code even when this process has ended by then; the system may take its time. */
private fun KlinkApp.hideAt(atMs: Long) {
    val again = Intent(this, CodesWidget::class.java).setAction(CodesWidget.REVEAL)
    service<AlarmManager>().set(AlarmManager.RTC, atMs, PendingIntent.getBroadcast(this, 0, again, FLAGS))
}

private fun KlinkApp.drawn(pack: Pack?, nowMs: Long, revealed: String?): RemoteViews {
    val views = RemoteViews(packageName, R.layout.widget)
    val open = Intent(this, MainActivity::class.java).setAction(MainActivity.SEARCH).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
    views.setOnClickPendingIntent(R.id.widget, PendingIntent.getActivity(this, 0, open, FLAGS))
    views.removeAllViews(R.id.widget_rows)
    val accounts = pack?.accounts.orEmpty().filter { it.at(nowMs) != null }
    val instead = when {
        accounts.isNotEmpty() -> null
        parts.widget.chosen.isEmpty() -> "widget_empty"
        else -> "widget_stale"
    }
    views.setViewVisibility(R.id.widget_instead, if (instead == null) View.GONE else View.VISIBLE)
    if (instead != null) views.setTextViewText(R.id.widget_instead, words.text(instead))
    accounts.forEachIndexed { index, account -> views.addView(R.id.widget_rows, row(account, index, nowMs, account.id == revealed)) }
    return views
}

private fun KlinkApp.row(account: PackedAccount, index: Int, nowMs: Long, shown: Boolean): RemoteViews {
    val row = RemoteViews(packageName, R.layout.widget_row)
    val name = account.issuer.ifEmpty { account.accountName }
    val code = account.at(nowMs)?.first.orEmpty()
    row.setTextViewText(R.id.widget_name, name)
    row.setTextViewText(R.id.widget_code, if (shown) grouped(code) else HIDDEN)
    row.setContentDescription(R.id.widget_row, if (shown) "$name ${spelled(code)}" else words.text("widget_show", name))
    val reveal = Intent(this, CodesWidget::class.java).setAction(CodesWidget.REVEAL).putExtra(CodesWidget.ACCOUNT, account.id)
    row.setOnClickPendingIntent(R.id.widget_row, PendingIntent.getBroadcast(this, index + 1, reveal, FLAGS))
    return row
}

private const val HIDDEN = "••• •••"
private const val FLAGS = PendingIntent.FLAG_IMMUTABLE or PendingIntent.FLAG_UPDATE_CURRENT
