package app.klink

import android.content.Context
import app.klink.core.Platform

/** Loads the native library and gives it the app's context. */
fun startLibrary(context: Context) = Platform.start(context)
