package app.klink

import org.junit.Test
import kotlin.test.assertEquals

class IconTest {
    @Test
    fun `the icon is as its script draws it`() {
        val check = ProcessBuilder("python3", "icon.py", "--check").redirectErrorStream(true).start()
        val said = check.inputStream.bufferedReader().readText()
        assertEquals(0, check.waitFor(), said)
    }
}
