package app.klink

import android.content.Context
import app.klink.presentation.Relay

/** Whether this build has a relay. */
const val HAS_RELAY = false

/** Nothing of any vendor's is in this build. */
@Suppress("UNUSED_PARAMETER")
suspend fun relayOf(context: Context): Relay? = null
