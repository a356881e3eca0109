package app.klink.presentation

/**
 * Every sentence that says why something did not happen and what helps. The words are in `ui`, one for each language,
 * under the name `error_` and this one in small letters.
 */
enum class Sentence {
    LOCKED,
    SUSPENDED,
    ALREADY_UNLOCKED,
    NO_VAULT,
    VAULT_EXISTS,
    PREVIOUS_VAULT,
    NOT_CONFIRMED,

    /** The number is the place of the character, from 1. */
    CODE_CHARACTER,

    /** The number says how many letters there are. */
    CODE_LENGTH,
    CODE_CHECK,
    CODE_DIFFERS,
    PASSPHRASE_DIFFERS,
    PASSPHRASE_EMPTY,
    NO_SCREEN_LOCK,
    WRONG_KEY,

    /** The number is in seconds. */
    TOO_SOON,
    NO_SUCH_WAY_IN,
    WAY_IN_DAMAGED,
    WAY_IN_TOO_EXPENSIVE,
    NEEDS_PORTABLE,
    NEWER_FORMAT,
    DAMAGED_ROWS,
    TAMPERED,
    ROLLED_BACK,
    OTHER_BRANCH,
    NO_ANCHOR,
    ANCHOR_TORN,
    ANCHOR_UNAVAILABLE,
    ACCOUNT_GONE,
    GROUP_GONE,
    ACCOUNT_UNREADABLE,
    CODE_COUNTS,
    PIN_NEEDED,
    CODE_UNREADABLE,
    BAD_TIME,
    NO_CODE_NOW,
    NOT_COUNTING,
    COUNTER_AT_END,
    TOO_LONG,
    BUSY,
    DISK_FULL,
    CHANGED_OUTSIDE,
    FILE_DAMAGED,
    NOT_READABLE,
    NO_RANDOMNESS,
    FILE_TOO_LARGE,
    FOLDER_REFUSED,
    KEYS_UNAVAILABLE,
    KEYS_CANCELLED,
    KEYS_LOCKED_OUT,
    KEYS_INVALIDATED,
    KEYS_MISSING,
    KEYS_FAULT,
    PICTURE_EMPTY,
    PICTURE_SHAPE,
    PICTURE_TOO_LARGE,
    PICTURE_FORMAT,
    PICTURE_DAMAGED,
    KEY_EMPTY,

    /** The number is the place of the character, from 1. */
    KEY_CHARACTER,
    KEY_SHAPE,
    NOTHING_TO_IMPORT,
    IMPORTED_BEFORE,
    IMPORT_NEEDS_PASSWORD,
    IMPORT_NEEDS_KEY_FILE,
    IMPORT_WRONG_PASSWORD,

    /** The word is the place in the file. */
    IMPORT_DAMAGED,
    IMPORT_CLOSED,
    IMPORT_TOO_EXPENSIVE,
    IMPORT_NOT_ONE,
    EXPORT_REFUSED,
    MOVE_REFUSED,
    NO_ENROLMENT,
    ENROLMENT_GONE,
    REQUEST_GONE,
    OFFER_GONE,
    OFFER_LINK,
    OFFER_HOST,
    OFFER_FORGED,
    OFFER_EXPIRED,
    OFFER_KEY_KIND,
    UPDATE_APP,

    /** The number says how many digits are needed. */
    NUMBER_DIGITS,
    NUMBER_NOT_AN_OPTION,
    NUMBER_SCAN_ONLY,
    NUMBER_OTHER_KIND,
    NUMBER_OTHER_REQUEST,
    HOST_NOT_ALLOWED,
    NO_CONNECTION,
    TLS_EXPIRED,
    TLS_NOT_YET_VALID,
    TLS_WRONG_HOST,
    TLS_UNKNOWN_AUTHORITY,
    TLS_REVOKED,
    TLS_BAD_CERTIFICATE,
    TLS_NO_COMMON,
    NO_REPLY,
    NO_TRUST,

    /** The word is the service's own. */
    SERVICE_REFUSED,

    /** The number is in seconds. */
    SERVICE_BUSY,
    NOT_BELIEVED,
    REVOKED,

    /** The word is a place in our sources: it is sent with a report of the fault. */
    INTERNAL,
}

/** A sentence, with the number or the word that stands in it. */
data class Message(val sentence: Sentence, val number: Long? = null, val word: String? = null)
