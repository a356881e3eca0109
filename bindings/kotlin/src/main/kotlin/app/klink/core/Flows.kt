package app.klink.core

import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * What a look at all services found.
 */
sealed interface ChallengeEvent {
    /** The open requests, the newest first, and what was closed since. */
    data class Shown(val challenges: Challenges) : ChallengeEvent

    /** Nothing could be asked; the flow goes on by itself. */
    data class Failed(val why: PushException) : ChallengeEvent
}

/**
 * Requests as they come, for as long as somebody collects: the flow ends with its collector's scope, and leaves no task
 * behind. Collect it while the app is in sight.
 *
 * What went wrong is an event, not the end: after [pause] the next look begins.
 */
fun AuthenticatorInterface.challengeFlow(pause: Duration = 3.seconds): Flow<ChallengeEvent> = flow {
    challengeFeed().use { feed ->
        try {
            while (true) {
                val event = try {
                    ChallengeEvent.Shown(feed.next() ?: break)
                } catch (failed: PushException) {
                    ChallengeEvent.Failed(failed)
                }
                emit(event)
                if (event is ChallengeEvent.Failed) delay(pause)
            }
        } finally {
            feed.end()
        }
    }
}

/**
 * Says when a list should be drawn anew, for as long as somebody collects. Several changes may come as one.
 */
fun AuthenticatorInterface.changeFlow(): Flow<Change> = flow {
    changeFeed().use { feed ->
        try {
            while (true) emit(feed.next() ?: break)
        } finally {
            feed.end()
        }
    }
}
