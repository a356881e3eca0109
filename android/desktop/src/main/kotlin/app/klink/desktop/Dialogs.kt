package app.klink.desktop

import app.klink.core.Purpose
import app.klink.ui.Words
import java.awt.FileDialog
import java.awt.Frame
import java.awt.Toolkit
import java.awt.datatransfer.StringSelection
import java.io.File
import javax.swing.JOptionPane
import javax.swing.SwingUtilities

/** What a person is asked outside the screens. */
interface Dialogs {
    /** Lets the person choose files. */
    fun open(many: Boolean): List<File>

    /** Lets the person say where a file goes; `null` when they do not. */
    fun save(name: String): File?

    /** Asks whether it is them; on a phone this is a look or a finger. Called on a thread of the core's. */
    fun present(purpose: Purpose): Boolean

    /** Puts a text on the clipboard. */
    fun copy(text: String)

    /** Takes [text] away from the clipboard if it is still there. */
    fun uncopy(text: String)
}

/** Dialogs over the window. */
class WindowDialogs(private val window: Frame, private val words: Words) : Dialogs {
    override fun open(many: Boolean): List<File> = FileDialog(window, "", FileDialog.LOAD).run {
        isMultipleMode = many
        isVisible = true
        files.toList()
    }

    override fun save(name: String): File? = FileDialog(window, "", FileDialog.SAVE).run {
        file = name
        isVisible = true
        file?.let { File(directory, it) }
    }

    override fun present(purpose: Purpose): Boolean {
        var answer = JOptionPane.CLOSED_OPTION
        SwingUtilities.invokeAndWait {
            answer = JOptionPane.showConfirmDialog(window, words.text(prompt(purpose)), "Klink", JOptionPane.OK_CANCEL_OPTION)
        }
        return answer == JOptionPane.OK_OPTION
    }

    override fun copy(text: String) {
        Toolkit.getDefaultToolkit().systemClipboard.setContents(StringSelection(text), null)
    }

    override fun uncopy(text: String) {
        val clipboard = Toolkit.getDefaultToolkit().systemClipboard
        val there = clipboard.isDataFlavorAvailable(java.awt.datatransfer.DataFlavor.stringFlavor) &&
            clipboard.getData(java.awt.datatransfer.DataFlavor.stringFlavor) == text
        if (there) clipboard.setContents(StringSelection(""), null)
    }
}

/** The name of what a prompt says. */
internal fun prompt(purpose: Purpose): String = when (purpose) {
    Purpose.UNLOCK -> "prompt_unlock"
    Purpose.CONFIRM, Purpose.DEVICE, Purpose.PUSH -> "prompt_confirm"
    Purpose.ENROL -> "prompt_enrol"
    Purpose.APPROVE -> "prompt_approve"
    Purpose.ROTATE -> "prompt_rotate"
}
