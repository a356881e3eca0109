package app.klink

import android.appwidget.AppWidgetManager
import android.content.Intent
import android.os.Bundle
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.activity.enableEdgeToEdge
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import app.klink.core.Account
import app.klink.core.AccountKind
import app.klink.core.VaultException
import app.klink.platform.forbidPictures
import app.klink.ui.Body
import app.klink.ui.KlinkTheme
import app.klink.ui.Notice
import app.klink.ui.Page
import app.klink.ui.Primary
import app.klink.ui.Ticked
import app.klink.ui.Weight
import app.klink.ui.say
import kotlinx.coroutines.launch

/** Which accounts' codes the widget may show. All widgets show the same. */
class WidgetActivity : ComponentActivity() {
    private val app get() = application as KlinkApp

    override fun onCreate(savedInstanceState: Bundle?) {
        enableEdgeToEdge()
        super.onCreate(savedInstanceState)
        forbidPictures(true)
        setResult(RESULT_CANCELED)
        setContent {
            KlinkTheme(ResourceWords(resources)) { WidgetChoice(accounts(), app.parts.widget.chosen, ::open, ::finish, ::choose) }
        }
    }

    /** What can be chosen; `null` while the vault is locked. */
    private fun accounts(): List<Account>? = try {
        app.parts.core.accounts().filter { it.kind != AccountKind.HOTP && !it.asksEveryTime }
    } catch (_: VaultException) {
        null
    }

    private fun open() {
        startActivity(Intent(this, MainActivity::class.java))
        finish()
    }

    private fun choose(ids: List<String>) {
        app.parts.widget.chosen = ids
        app.parts.scope.launch { app.parts.keepUp() }
        setResult(RESULT_OK, Intent().putExtra(AppWidgetManager.EXTRA_APPWIDGET_ID, intent.getIntExtra(AppWidgetManager.EXTRA_APPWIDGET_ID, 0)))
        finish()
    }
}

/** Ticks beside the accounts, or why there are none. */
@Composable
fun WidgetChoice(accounts: List<Account>?, chosen: List<String>, onOpen: () -> Unit, onBack: () -> Unit, onChosen: (List<String>) -> Unit) {
    var ticked by remember { mutableStateOf(chosen) }
    Page(
        say("widget_title"), onBack,
        end = { if (accounts == null) Primary(say("notify_open"), onClick = onOpen) else Primary(say("save")) { onChosen(ticked) } },
    ) {
        when {
            accounts == null -> Body(say("widget_locked"))
            accounts.isEmpty() -> Body(say("widget_none"))
            else -> {
                Notice(Weight.INFO, say("widget_warn"))
                for (account in accounts) Ticked(account.issuer.ifEmpty { account.accountName }, account.id in ticked, account.accountName) { on ->
                    ticked = if (on) ticked + account.id else ticked - account.id
                }
            }
        }
    }
}
