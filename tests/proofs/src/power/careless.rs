//! The control's connection: SQLite that waits for the disk less often than the vault asks for.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null_mut;

use rusqlite::ffi;

/// How seldom the disk is waited for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum Careless {
    /// SQLite's `NORMAL`: not at a commit.
    Normal,
    /// SQLite's `OFF`: never.
    Off,
}

/// Makes every connection of this process so careless, whatever it is asked for later.
pub fn be_careless(how: Careless) {
    let entry: Entry = match how {
        Careless::Normal => weaken_to_normal,
        Careless::Off => weaken_to_off,
    };
    // SAFETY: the entry points have the type that SQLite documents for extensions, and no connection is open yet.
    unsafe { ffi::sqlite3_auto_extension(Some(entry)) };
}

type Entry =
    unsafe extern "C" fn(*mut ffi::sqlite3, *mut *mut c_char, *const ffi::sqlite3_api_routines) -> c_int;

unsafe extern "C" fn weaken_to_normal(
    db: *mut ffi::sqlite3,
    _: *mut *mut c_char,
    _: *const ffi::sqlite3_api_routines,
) -> c_int {
    // SAFETY: SQLite calls this with a connection that has just been opened.
    unsafe { weaken(db, c"PRAGMA synchronous=NORMAL") }
}

unsafe extern "C" fn weaken_to_off(
    db: *mut ffi::sqlite3,
    _: *mut *mut c_char,
    _: *const ffi::sqlite3_api_routines,
) -> c_int {
    // SAFETY: SQLite calls this with a connection that has just been opened.
    unsafe { weaken(db, c"PRAGMA synchronous=OFF") }
}

/// Runs `pragma` and refuses every later one of its name.
///
/// # Safety
/// `db` is an open connection.
unsafe fn weaken(db: *mut ffi::sqlite3, pragma: &CStr) -> c_int {
    // SAFETY: the connection is open, the text ends with a zero, and the authorizer has no state.
    unsafe {
        let set = ffi::sqlite3_exec(db, pragma.as_ptr(), None, null_mut(), null_mut());
        if set == ffi::SQLITE_OK {
            ffi::sqlite3_set_authorizer(db, Some(keep_it_so), null_mut())
        } else {
            set
        }
    }
}

/// Leaves out every later `PRAGMA synchronous = …`, without a word.
unsafe extern "C" fn keep_it_so(
    _: *mut c_void,
    action: c_int,
    name: *const c_char,
    value: *const c_char,
    _: *const c_char,
    _: *const c_char,
) -> c_int {
    if action != ffi::SQLITE_PRAGMA || name.is_null() || value.is_null() {
        return ffi::SQLITE_OK;
    }
    // SAFETY: SQLite passes a text that ends with a zero, or null, which was seen above.
    let name = unsafe { CStr::from_ptr(name) };
    if name.to_bytes().eq_ignore_ascii_case(b"synchronous") { ffi::SQLITE_IGNORE } else { ffi::SQLITE_OK }
}
