package app.klink.platform

import android.hardware.biometrics.BiometricPrompt
import android.hardware.biometrics.BiometricPrompt.CryptoObject
import app.klink.core.Presence
import app.klink.core.Purpose
import java.security.Signature
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit.SECONDS
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
class PromptTest {
    private val began = CountDownLatch(1)
    private val ended = CountDownLatch(1)
    private val prompt = BiometricsPrompt(
        RuntimeEnvironment.getApplication(), { it.name }, { "Cancel" }, began::countDown, ended::countDown,
    )

    @Test
    fun `a prompt that is closed before it stands ends whoever waits for it, and no other`() {
        val waiting = CompletableFuture.runAsync {
            prompt.ask("approval", CryptoObject(Signature.getInstance("SHA256withECDSA")), Presence.EACH_USE, Purpose.APPROVE)
        }
        began.await(10, SECONDS)
        prompt.cancel("another")
        assertFalse(waiting.isDone)
        while (!waiting.isDone) prompt.cancel("approval")
        val why = assertFailsWith<ExecutionException> { waiting.get(10, SECONDS) }.cause
        assertEquals(BiometricPrompt.BIOMETRIC_ERROR_CANCELED, assertIs<PromptEnded>(why).code)
        ended.await(10, SECONDS)
        assertEquals(0, ended.count)
    }
}
