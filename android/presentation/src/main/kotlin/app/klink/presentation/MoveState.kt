package app.klink.presentation

import app.klink.core.ComparedAccount
import app.klink.core.Incoming
import app.klink.core.MoveWay
import app.klink.core.QrCode
import app.klink.core.Received

/** Accounts on their way from one phone to another. */
sealed interface MoveState {
    /** Which side this phone is; [begun]: it was the old one, and the move was not ended. */
    data class Choose(
        val begun: Boolean = false,
        val confirming: UnlockState? = null,
        val working: Boolean = false,
        val problem: Message? = null,
    ) : MoveState

    /** The old phone: these codes are shown to the new one, which shows a receipt. [hasFile]: the accounts are in a file. */
    data class Sending(
        val codes: List<QrCode>,
        val accounts: Long,
        val leftOut: Int,
        val hasFile: Boolean,
        val problem: Message? = null,
    ) : MoveState

    /** The old phone: so many accounts arrived. With all of them the move has ended. */
    data class Arrived(val arrived: Long, val of: Long) : MoveState

    /** The new phone: codes and a file are taken until nothing is missing. */
    data class Receiving(val incoming: Incoming, val camera: Granted?, val working: Boolean = false, val problem: Message? = null) :
        MoveState

    /** The new phone: what came, and how it stands to what is here. */
    data class Compared(
        val rows: List<ComparedAccount>,
        val ticked: Set<String>,
        val working: Boolean = false,
        val problem: Message? = null,
    ) : MoveState

    /** The new phone: the receipt for the old one, and what has to be enrolled again. */
    data class Received(val received: app.klink.core.Received) : MoveState
}

sealed interface MoveEvent {
    /** This is the old phone. */
    data class Send(val way: MoveWay) : MoveEvent

    /** Goes on with what was begun. */
    data object GoOn : MoveEvent

    /** This is the new phone. */
    data object Receive : MoveEvent

    data object SaveFile : MoveEvent

    data class Receipt(val typed: String) : MoveEvent

    data object AllowCamera : MoveEvent

    data object ChoosePicture : MoveEvent

    data object ChooseFile : MoveEvent

    data class TextPasted(val text: String) : MoveEvent

    data class Tick(val id: String, val ticked: Boolean) : MoveEvent

    data object Take : MoveEvent

    /** Gives the move up, or ends what is done. What was taken over stays. */
    data object Stop : MoveEvent
}
