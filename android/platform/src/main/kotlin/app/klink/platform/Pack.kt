package app.klink.platform

import java.security.GeneralSecurityException
import javax.crypto.Cipher
import javax.crypto.spec.IvParameterSpec
import javax.crypto.spec.SecretKeySpec
import org.json.JSONException
import org.json.JSONObject

/** Codes of some hours for accounts that were chosen, as the core packed them (`docs/vault-format.md`, "Packs"). */
class Pack(val accounts: List<PackedAccount>)

/** One account of a pack: code number n is good from [fromMs] + n · [periodMs]; an empty one stands for none. */
class PackedAccount(
    val id: String,
    val issuer: String,
    val accountName: String,
    private val fromMs: Long,
    private val periodMs: Long,
    private val codes: List<String>,
) {
    /** The code at [nowMs] and the moment at which it ends; `null` when the pack holds none for that moment. */
    fun at(nowMs: Long): Pair<String, Long>? {
        if (nowMs < fromMs || periodMs <= 0) return null
        val number = (nowMs - fromMs) / periodMs
        val code = if (number < codes.size) codes[number.toInt()] else ""
        return if (code.isEmpty()) null else code to fromMs + (number + 1) * periodMs
    }
}

/** Opens a pack; `null` when [key] did not seal it, or when it is none. */
fun openPack(bytes: ByteArray, key: ByteArray): Pack? {
    if (bytes.size <= MAGIC.size + NONCE_BYTES || !bytes.copyOf(MAGIC.size).contentEquals(MAGIC)) return null
    return try {
        val cipher = Cipher.getInstance("ChaCha20-Poly1305")
        cipher.init(Cipher.DECRYPT_MODE, SecretKeySpec(key, "ChaCha20"), IvParameterSpec(bytes, MAGIC.size, NONCE_BYTES))
        cipher.updateAAD(MAGIC)
        val start = MAGIC.size + NONCE_BYTES
        read(JSONObject(String(cipher.doFinal(bytes, start, bytes.size - start))))
    } catch (_: GeneralSecurityException) {
        null
    } catch (_: JSONException) {
        null
    }
}

private fun read(pack: JSONObject): Pack? {
    if (pack.getInt("v") != VERSION) return null
    val accounts = pack.getJSONArray("accounts")
    return Pack(
        List(accounts.length()) { index ->
            val account = accounts.getJSONObject(index)
            val codes = account.getJSONArray("codes")
            PackedAccount(
                account.getString("id"), account.getString("issuer"), account.getString("account_name"),
                account.getLong("from_ms"), account.getLong("period_ms"), List(codes.length(), codes::getString),
            )
        },
    )
}

private val MAGIC = "AKW1\n".toByteArray()
private const val NONCE_BYTES = 12
private const val VERSION = 1
