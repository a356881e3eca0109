package app.klink.presentation

import app.klink.core.PushException
import app.klink.core.ScanException
import app.klink.core.TransferException
import app.klink.core.VaultException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch

/** What every model has: its state, and its work, which ends with [scope]. */
abstract class Standing<State, Event>(start: State, protected val scope: CoroutineScope) : Model<State, Event> {
    protected val shown = MutableStateFlow(start)

    override val state: StateFlow<State> = shown.asStateFlow()

    private var work: Job? = null

    /** Runs [what] unless this model is at work already: a second tap does nothing. */
    protected fun once(what: suspend () -> Unit) {
        if (work?.isActive == true) return
        work = scope.launch { what() }
    }

    /** Gives up what is being done: what changes something goes on to its end. */
    protected fun giveUp() {
        work?.cancel()
    }
}

/** What a call of the core came to. */
internal sealed interface Attempt<out T> {
    data class Done<T>(val value: T) : Attempt<T>

    data class Refused(val why: Exception, val message: Message) : Attempt<Nothing>
}

/** Makes a call of the core; what it refuses is an answer like any other. */
internal inline fun <T> attempt(call: () -> T): Attempt<T> = try {
    Attempt.Done(call())
} catch (why: VaultException) {
    Attempt.Refused(why, message(why))
} catch (why: PushException) {
    Attempt.Refused(why, message(why))
} catch (why: ScanException) {
    Attempt.Refused(why, message(why))
} catch (why: TransferException) {
    Attempt.Refused(why, message(why))
}

/** Makes a call whose value nobody needs; says why when it was refused. */
internal inline fun refused(call: () -> Unit): Message? = when (val came = attempt(call)) {
    is Attempt.Done -> null
    is Attempt.Refused -> came.message
}

/** Returns the value, or what [otherwise] makes of the refusal. */
internal inline fun <T> Attempt<T>.or(otherwise: (Attempt.Refused) -> T): T = when (this) {
    is Attempt.Done -> value
    is Attempt.Refused -> otherwise(this)
}
