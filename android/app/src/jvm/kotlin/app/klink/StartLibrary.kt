package app.klink

import android.content.Context

/** On a JVM the library is found by `jna.library.path`, and knows the system's certificates by itself. */
@Suppress("UNUSED_PARAMETER")
fun startLibrary(context: Context) = Unit
