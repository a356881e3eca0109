package app.klink.ui

import java.time.Instant
import java.time.LocalDate
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.time.format.FormatStyle
import java.util.Locale
import javax.xml.parsers.DocumentBuilderFactory
import org.w3c.dom.Element
import org.w3c.dom.Node

/**
 * The words where there are no Android resources: read from the same `strings.xml`, which lies in the jar. English and
 * Dutch both tell one from many by `one` and `other`, and so does this.
 */
class CatalogueWords(private val locale: Locale, private val zone: ZoneId = ZoneId.systemDefault()) : Words {
    /** Texts by name. */
    val texts: Map<String, String>

    /** Plurals by name, forms by quantity. */
    val plurals: Map<String, Map<String, String>>

    init {
        val folder = if (locale.language == "nl") "values-nl" else "values"
        val path = "/$folder/strings.xml"
        val file = checkNotNull(CatalogueWords::class.java.getResourceAsStream(path)) { "no $path in the jar" }
        val root = file.use { DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(it) }.documentElement
        texts = root.children("string").associate { it.getAttribute("name") to unescape(it.textContent) }
        plurals = root.children("plurals").associate { plural ->
            plural.getAttribute("name") to
                plural.children("item").associate { it.getAttribute("quantity") to unescape(it.textContent) }
        }
    }

    override fun text(name: String, vararg args: Any) = texts.getValue(name).format(locale, *args)

    override fun count(name: String, count: Int, vararg args: Any) =
        plurals.getValue(name).getValue(if (count == 1) "one" else "other").format(locale, count, *args)

    override fun moment(atMs: Long, nowMs: Long) = moment(locale, zone, atMs, nowMs)

    override fun date(atMs: Long) = date(locale, zone, atMs)
}

/** How [locale] writes a moment; both kinds of [Words] share it. */
fun moment(locale: Locale, zone: ZoneId, atMs: Long, nowMs: Long): String {
    val at = Instant.ofEpochMilli(atMs).atZone(zone)
    val today = at.toLocalDate() == LocalDate.ofInstant(Instant.ofEpochMilli(nowMs), zone)
    val style = if (today) DateTimeFormatter.ofLocalizedTime(FormatStyle.SHORT)
    else DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT)
    return style.withLocale(locale).format(at)
}

/** How [locale] writes a date. */
fun date(locale: Locale, zone: ZoneId, atMs: Long): String =
    DateTimeFormatter.ofLocalizedDate(FormatStyle.LONG).withLocale(locale).format(Instant.ofEpochMilli(atMs).atZone(zone))

private fun Element.children(tag: String): List<Element> = (0 until childNodes.length).map(childNodes::item)
    .filter { it.nodeType == Node.ELEMENT_NODE && it.nodeName == tag }.map { it as Element }

/** Android's escapes: `\'`, `\"`, `\n`, `\@`, `\?`. */
private fun unescape(text: String) = text.trim().replace(Regex("""\\(.)""")) { if (it.groupValues[1] == "n") "\n" else it.groupValues[1] }
