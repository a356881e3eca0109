package app.klink.ui

import app.klink.presentation.Sentence
import app.klink.presentation.UnlockState
import app.klink.core.AccountKind
import app.klink.core.AddedStatus
import app.klink.core.Advice
import app.klink.core.CheckItem
import app.klink.core.ExportFormat
import app.klink.core.ImportFormat
import app.klink.core.LeftOut
import app.klink.core.ListOrder
import app.klink.core.Lost
import app.klink.core.NoCode
import app.klink.core.SalvageSource
import app.klink.core.SnapshotState
import app.klink.core.Vendor
import app.klink.core.VendorHint
import app.klink.core.WayInKind
import java.io.File
import java.util.Locale
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNotEquals

private val PLACE = Regex("""%\d\$[sd]""")

class WordsTest {
    private val english = CatalogueWords(Locale.ENGLISH)
    private val dutch = CatalogueWords(Locale.forLanguageTag("nl"))

    /** Names that stand in the sources as they are. */
    private val written: Set<String> = File("src/main/kotlin").walk().filter { it.extension == "kt" }
        .flatMap { Regex(""""([a-z]+(?:_[a-z]+)*)"""").findAll(it.readText()) }.map { it.groupValues[1] }.toSet()

    /** Names that are made of the names of an enum. */
    private val made: Set<String> = buildSet {
        Sentence.entries.forEach { add(it.key) }
        ListOrder.entries.forEach { add("sort_" + it.name.lowercase()) }
        UnlockState.Way.entries.forEach { add("unlock_by_" + it.name.lowercase()) }
        AccountKind.entries.forEach { add("kind_" + it.name.lowercase()) }
        AddedStatus.entries.forEach { add("added_" + it.name.lowercase()) }
        NoCode.entries.forEach { add("no_code_" + it.name.lowercase()) }
        SalvageSource.entries.forEach { add("salvage_" + it.name.lowercase()) }
        SnapshotState.entries.forEach { add("snapshot_" + it.name.lowercase()) }
        Vendor.entries.forEach { add("vendor_name_" + it.name.lowercase()) }
        VendorHint.entries.forEach { add("vendor_" + it.name.lowercase()) }
        ImportFormat.entries.forEach { add("format_" + it.name.lowercase()) }
        for (format in ExportFormat.entries.map { it.name.lowercase() }) addAll(listOf("export_$format", "export_${format}_text", "export_file_$format"))
        LeftOut.entries.forEach { add("left_out_" + it.name.lowercase()) }
        CheckItem.entries.forEach { add("check_" + it.name.lowercase()) }
        Advice.entries.forEach { add("advice_" + it.name.lowercase()) }
        ICONS.forEach { add("icon_" + it.kept) }
        WayInKind.entries.forEach { add(it.key()) }
        written.filter { it.startsWith("step_") }.forEach { add(it + "_text") }
    }

    /** The same of plurals. */
    private val madePlurals: Set<String> = Lost.entries.map { "lost_" + it.name.lowercase() }.toSet()

    @Test
    fun `both languages have the same names with the same places`() {
        assertEquals(english.texts.keys, dutch.texts.keys)
        assertEquals(english.plurals.keys, dutch.plurals.keys)
        for ((name, text) in english.texts) assertEquals(places(text), places(dutch.texts.getValue(name)), name)
        for ((name, forms) in english.plurals) for (words in listOf(forms, dutch.plurals.getValue(name))) {
            assertEquals(setOf("one", "other"), words.keys, name)
            assertEquals(places(forms.getValue("other")), places(words.getValue("other")), name)
        }
    }

    @Test
    fun `every name that is said is in the catalogue`() {
        val said = File("src/main/kotlin").walk().filter { it.extension == "kt" }
            .flatMap { Regex("""\bsay\("([a-z_]+)"[,)]""").findAll(it.readText()) }.map { it.groupValues[1] }.toSet()
        assertEquals(emptySet(), (said + made) - english.texts.keys)
        val counted = File("src/main/kotlin").walk().filter { it.extension == "kt" }
            .flatMap { Regex("""\bsayCount\("([a-z_]+)",""").findAll(it.readText()) }.map { it.groupValues[1] }.toSet()
        assertEquals(emptySet(), (counted + madePlurals) - english.plurals.keys)
        assertNotEquals(emptySet(), said)
        assertNotEquals(emptySet(), counted)
    }

    @Test
    fun `nothing in the catalogue is unused`() {
        val outside = setOf("app_name")
        val unused = (english.texts.keys + english.plurals.keys) - written - made - madePlurals - outside
        // What stands outside the screens: the app's own tests say it.
        val parts = listOf("notify_", "tile_", "prompt_", "widget_")
        assertEquals(emptyList(), unused.filterNot { name -> parts.any(name::startsWith) })
    }

    @Test
    fun `a plural tells one from many, and a number stands in its place`() {
        assertEquals("1 account", english.count("accounts", 1))
        assertEquals("80 accounts", english.count("accounts", 80))
        assertEquals("Nog 1 seconde", dutch.count("seconds_left", 1))
        assertEquals("Nog 0 seconden", dutch.count("seconds_left", 0))
        assertEquals("Aanmelden bij Uren van Hupra?", dutch.text("approve_login", "Uren", "Hupra"))
    }

    @Test
    fun `an apostrophe is one character`() {
        assertEquals("This wasn't me", english.text("not_me"))
    }

    private fun places(text: String) = PLACE.findAll(text).map { it.value }.toSet()
}
