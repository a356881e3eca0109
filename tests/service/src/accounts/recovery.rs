//! Printed recovery codes: ten, shown once, one use each; stored as keyed digests.

use authenticator_core::crypto::random;
use authenticator_core::secret::SecretText;
use rusqlite::{Connection, params};

use super::{Method, Session, Stage, Verify, notices, sessions, totp};
use crate::{Failure, Service};

/// Codes of a sheet.
const CODES: usize = 10;
/// Characters of a code: 60 bits.
const LENGTH: usize = 12;
/// Crockford's alphabet: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Makes ten new codes, `ABCD-EFGH-JKMN`; old ones are worth nothing then. None when a factor must be proved
/// first.
///
/// # Errors
/// [`Failure`].
pub async fn make(service: &Service, session: &Session) -> Result<Option<Vec<SecretText>>, Failure> {
    let now = service.clock().now();
    if session.stage != Stage::SignedIn || !session.may_change(now) {
        return Ok(None);
    }
    let codes = (0..CODES).map(|_| make_code().map(SecretText::new)).collect::<Result<Vec<_>, _>>()?;
    let marks: Vec<_> = codes.iter().map(|code| mark(service, &session.user.id, code.expose())).collect();
    let user = session.user.id.clone();
    service
        .store()
        .write(move |tx| {
            tx.execute("DELETE FROM recovery_codes WHERE user = ?1", [&user])?;
            for mark in marks {
                tx.execute(
                    "INSERT INTO recovery_codes (user, mark, made_at) VALUES (?1, ?2, ?3)",
                    params![user, mark, now],
                )?;
            }
            notices::add(tx, &user, notices::Kind::CodesMade, "", now)?;
            tx.changed(&user);
            Ok(())
        })
        .await?;
    Ok(Some(codes))
}

/// Looks at a recovery code, whatever its case and dashes; a right one is used up.
///
/// # Errors
/// [`Failure`].
pub async fn verify(service: &Service, session: &Session, code: &str) -> Result<Verify, Failure> {
    let now = service.clock().now();
    let mark = mark(service, &session.user.id, code);
    let key = session.key.clone();
    service
        .store()
        .write(move |tx| {
            let Some(session) = sessions::read(tx, &key, now)? else { return Ok(Verify::Wrong { left: 0 }) };
            totp::under_limit(tx, &session, Method::Recovery, now, |tx| {
                let used = tx.execute(
                    "UPDATE recovery_codes SET used_at = ?3 WHERE user = ?1 AND mark = ?2 AND used_at IS NULL",
                    params![session.user.id, mark, now],
                )?;
                if used == 1 {
                    notices::add(tx, &session.user.id, notices::Kind::CodeUsed, "", now)?;
                }
                Ok(used == 1)
            })
        })
        .await
}

/// Returns how many codes are left.
pub(super) fn left(conn: &Connection, user: &str) -> Result<u32, Failure> {
    let mut query =
        conn.prepare_cached("SELECT count(*) FROM recovery_codes WHERE user = ?1 AND used_at IS NULL")?;
    Ok(query.query_row([user], |row| row.get(0))?)
}

/// Makes a code of 12 Crockford characters in three groups: one that can be typed.
pub(crate) fn make_code() -> Result<String, Failure> {
    let random = random::make_array::<LENGTH>()?;
    let letters: Vec<char> = random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// Reads a code as people type it: case, spaces and dashes do not matter, O is 0, I and L are 1.
pub(crate) fn normal(code: &str) -> String {
    let kept = code.chars().filter(char::is_ascii_alphanumeric).take(64);
    kept.map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    })
    .collect()
}

fn mark(service: &Service, user: &str, code: &str) -> Vec<u8> {
    service.sealing().mark("recovery", &format!("{user}/{}", normal(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let code = make_code().unwrap();
        assert_eq!(code.len(), 14);
        let typed = code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        assert_eq!(normal(&typed), code.replace('-', ""));
    }
}
