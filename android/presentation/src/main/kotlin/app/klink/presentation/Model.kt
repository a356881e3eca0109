package app.klink.presentation

import kotlinx.coroutines.flow.StateFlow

/** One screen without its looks: what it shows, and what a person does there. */
interface Model<State, Event> {
    /** What is shown now. */
    val state: StateFlow<State>

    /** Takes what a person did; what comes of it shows in [state]. */
    fun on(event: Event)
}
