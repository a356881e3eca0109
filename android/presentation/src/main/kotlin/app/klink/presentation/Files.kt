package app.klink.presentation

import java.io.File
import java.io.FileOutputStream
import java.net.URLEncoder
import java.nio.file.Files
import java.nio.file.StandardCopyOption

/** Replaces [file] as a whole: written beside it, brought to the disk, renamed. */
fun replace(file: File, bytes: ByteArray) {
    file.parentFile?.mkdirs()
    val beside = File(file.path + ".new")
    FileOutputStream(beside).use {
        it.write(bytes)
        it.fd.sync()
    }
    Files.move(beside.toPath(), file.toPath(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
}

/** A file's name for any text: two texts never get the same. */
fun name(text: String): String = URLEncoder.encode(text, Charsets.UTF_8).replace("*", "%2A").replace(".", "%2E")
