package app.klink.platform

import android.hardware.biometrics.BiometricPrompt
import android.os.Build
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.UserNotAuthenticatedException
import app.klink.core.KeyStoreException
import java.io.IOException
import java.security.InvalidAlgorithmParameterException
import java.security.InvalidKeyException
import java.security.UnrecoverableKeyException

/** Why a prompt ended without a person, by the codes of `BiometricPrompt`. */
class PromptEnded(val code: Int) : Exception()

/** Runs [work] and tells what went wrong as the core knows it. */
internal fun <T> told(work: () -> T): T = try {
    work()
} catch (failure: Exception) {
    throw kindOf(failure)
}

/** Which of the core's six kinds [failure] is: nothing of the system's own text goes further. */
internal fun kindOf(failure: Exception): KeyStoreException = when (failure) {
    is KeyStoreException -> failure
    is PromptEnded -> ended(failure.code)
    is UserNotAuthenticatedException -> KeyStoreException.Unavailable()
    is KeyPermanentlyInvalidatedException -> KeyStoreException.Invalidated()
    // Some makers say no more than this of a key that new biometrics ended.
    is InvalidKeyException, is UnrecoverableKeyException -> KeyStoreException.Invalidated()
    // A key that asks for a person cannot be made on a device without a screen lock.
    is InvalidAlgorithmParameterException -> KeyStoreException.Unavailable()
    is IOException, is InterruptedException -> KeyStoreException.Unavailable()
    else -> saidByKeystore(failure) ?: KeyStoreException.HardwareFault()
}

/** What the Keystore said, which stands behind an exception of `java.security`; only Android 13 and later say it. */
private fun saidByKeystore(failure: Exception): KeyStoreException? {
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU) return null
    val said = generateSequence<Throwable>(failure) { it.cause }.take(DEPTH)
        .firstNotNullOfOrNull { it as? android.security.KeyStoreException } ?: return null
    return when (said.numericErrorCode) {
        android.security.KeyStoreException.ERROR_USER_AUTHENTICATION_REQUIRED,
        android.security.KeyStoreException.ERROR_KEYSTORE_UNINITIALIZED,
        -> KeyStoreException.Unavailable()
        android.security.KeyStoreException.ERROR_KEY_DOES_NOT_EXIST -> KeyStoreException.Missing()
        android.security.KeyStoreException.ERROR_KEY_CORRUPTED -> KeyStoreException.Invalidated()
        else -> null
    }
}

private fun ended(code: Int): KeyStoreException = when (code) {
    BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED, BiometricPrompt.BIOMETRIC_ERROR_CANCELED -> KeyStoreException.Cancelled()
    BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT, BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT_PERMANENT -> KeyStoreException.LockedOut()
    BiometricPrompt.BIOMETRIC_ERROR_NO_BIOMETRICS, BiometricPrompt.BIOMETRIC_ERROR_NO_DEVICE_CREDENTIAL ->
        KeyStoreException.Invalidated()
    BiometricPrompt.BIOMETRIC_ERROR_HW_NOT_PRESENT -> KeyStoreException.HardwareFault()
    else -> KeyStoreException.Unavailable()
}

/** Causes of causes that are looked at. */
private const val DEPTH = 5
