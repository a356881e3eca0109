package app.klink.core

import android.content.Context

/** What the library needs of Android before its first connection. */
object Platform {
    /** Loads the library and gives it the app's context. Call it once, in `Application.onCreate`. */
    fun start(context: Context) {
        System.loadLibrary("authenticator")
        init(context.applicationContext)
    }

    private external fun init(context: Context)
}
