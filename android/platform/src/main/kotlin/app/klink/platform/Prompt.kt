package app.klink.platform

import android.content.Context
import android.hardware.biometrics.BiometricManager.Authenticators.BIOMETRIC_STRONG
import android.hardware.biometrics.BiometricManager.Authenticators.DEVICE_CREDENTIAL
import android.hardware.biometrics.BiometricPrompt
import android.hardware.biometrics.BiometricPrompt.CryptoObject
import android.os.CancellationSignal
import app.klink.core.Presence
import app.klink.core.Purpose
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.ExecutionException

/** Asks a person to be there. */
interface Prompt {
    /**
     * Waits until a person let [what] be used. Throws [PromptEnded] when none did.
     */
    fun ask(alias: String, what: CryptoObject, presence: Presence, purpose: Purpose)

    /** Ends the prompt for [alias], if there is one. */
    fun cancel(alias: String)
}

/**
 * Android's own prompt. [title] words it; [began] and [ended] stand around it, because the system puts the app into the
 * background meanwhile.
 */
class BiometricsPrompt(
    private val context: Context,
    private val title: (Purpose) -> String,
    private val cancelLabel: () -> String,
    private val began: () -> Unit,
    private val ended: () -> Unit,
) : Prompt {
    /** A prompt that is open: how it is closed, and who waits for it. */
    private class Open(val signal: CancellationSignal, val done: CompletableFuture<Unit>) {
        // The system tells nobody when a prompt was closed before it stood.
        fun close() {
            signal.cancel()
            done.completeExceptionally(PromptEnded(BiometricPrompt.BIOMETRIC_ERROR_CANCELED))
        }
    }

    private val open = ConcurrentHashMap<String, Open>()

    override fun ask(alias: String, what: CryptoObject, presence: Presence, purpose: Purpose) {
        val own = Open(CancellationSignal(), CompletableFuture())
        open[alias] = own
        began()
        try {
            context.mainExecutor.execute {
                try {
                    build(presence, purpose, own.done).authenticate(what, own.signal, context.mainExecutor, Answer(own.done))
                } catch (refused: RuntimeException) {
                    own.done.completeExceptionally(refused)
                }
            }
            own.done.get()
        } catch (failed: ExecutionException) {
            throw failed.cause as? PromptEnded ?: failed
        } finally {
            open.remove(alias, own)
            ended()
        }
    }

    override fun cancel(alias: String) {
        open.remove(alias)?.close()
    }

    private fun build(presence: Presence, purpose: Purpose, done: CompletableFuture<Unit>): BiometricPrompt {
        val builder = BiometricPrompt.Builder(context).setTitle(title(purpose))
        when (presence) {
            Presence.EACH_USE -> builder.setAllowedAuthenticators(BIOMETRIC_STRONG or DEVICE_CREDENTIAL)
            Presence.NONE, Presence.BIOMETRICS -> builder.setAllowedAuthenticators(BIOMETRIC_STRONG)
                .setNegativeButton(cancelLabel(), context.mainExecutor) { _, _ ->
                    done.completeExceptionally(PromptEnded(BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED))
                }
        }
        return builder.build()
    }

    private class Answer(private val done: CompletableFuture<Unit>) : BiometricPrompt.AuthenticationCallback() {
        override fun onAuthenticationSucceeded(result: BiometricPrompt.AuthenticationResult) {
            done.complete(Unit)
        }

        override fun onAuthenticationError(code: Int, message: CharSequence) {
            done.completeExceptionally(PromptEnded(code))
        }
    }
}
