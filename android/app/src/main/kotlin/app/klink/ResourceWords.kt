package app.klink

import android.annotation.SuppressLint
import android.content.res.Resources
import app.klink.ui.Words
import app.klink.ui.date
import app.klink.ui.moment
import java.time.ZoneId
import java.util.Locale

/** The words where there are Android resources: those of the language that the system chose. */
@SuppressLint("DiscouragedApi") // Names are made of the names of enums; a test says that each is there.
class ResourceWords(private val resources: Resources) : Words {
    override fun text(name: String, vararg args: Any): String = resources.getString(id(name, "string"), *args)

    override fun count(name: String, count: Int, vararg args: Any): String =
        resources.getQuantityString(id(name, "plurals"), count, count, *args)

    override fun moment(atMs: Long, nowMs: Long) = moment(locale, ZoneId.systemDefault(), atMs, nowMs)

    override fun date(atMs: Long) = date(locale, ZoneId.systemDefault(), atMs)

    private val locale: Locale get() = resources.configuration.locales[0]

    private fun id(name: String, type: String): Int = resources.getIdentifier(name, type, "app.klink")
}
