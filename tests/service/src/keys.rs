//! The service's signing keys, ES256: the current one, earlier ones while phones may still hold them as their
//! pin, and the one that signs wake-ups (VAPID). Private halves are sealed columns.

use std::sync::{Arc, PoisonError, RwLock};

use authenticator_core::crypto::p256::PublicKey;
use authenticator_core::push::jwk::{Jwk, KeySet, SetKey, VAPID_KID};
use authenticator_core::push::jws::{Claims, Unsigned};
use authenticator_core::push::wire::{Origin, ServiceKey};
use authenticator_core::secret::SecretBytes;
use ring::rand::SystemRandom;
use ring::signature::{self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use rusqlite::{Connection, params};

use crate::Failure;
use crate::requests::making::date;
use crate::sealing::Sealing;
use crate::store::Tx;

pub(crate) const TABLES: &str = "
CREATE TABLE service_keys (
    kid TEXT PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('sign', 'vapid')),
    pkcs8 BLOB NOT NULL,                -- sealed
    made_at INTEGER NOT NULL,
    successor TEXT,                     -- push-svc-key+jwt: this key signs the next one
    overlap_until INTEGER               -- until then it stands in the key set
) STRICT;
";

/// How long an old key stands in the key set beside the new one, seconds: 90 days.
pub const OVERLAP_S: i64 = 90 * 86_400;

/// The keys in use; clones share them.
#[derive(Clone)]
pub struct Keys {
    set: Arc<RwLock<Arc<Set>>>,
}

struct Set {
    current: Key,
    /// Keys that signed their successor, and until when they stand in the key set.
    old: Vec<(PublicKey, i64)>,
    vapid: Key,
    /// `push-svc-key+jwt`, oldest first.
    chain: Vec<String>,
}

/// A private key and its public half.
struct Key {
    pair: EcdsaKeyPair,
    pkcs8: SecretBytes,
    public: PublicKey,
}

impl Keys {
    /// Opens the keys in the database, and makes the first ones when there are none.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn open(conn: &Connection, sealing: &Sealing, now: i64) -> Result<Self, Failure> {
        for purpose in ["sign", "vapid"] {
            let any = "SELECT count(*) FROM service_keys WHERE purpose = ?1";
            if conn.query_row(any, [purpose], |row| row.get::<_, i64>(0))? == 0 {
                insert(conn, sealing, purpose, &Key::make()?, now)?;
            }
        }
        Ok(Self { set: Arc::new(RwLock::new(Arc::new(read(conn, sealing)?))) })
    }

    /// Signs claims with the current key: a compact JWS.
    ///
    /// # Errors
    /// [`Failure::Key`].
    pub fn sign<C: Claims>(&self, claims: &C) -> Result<String, Failure> {
        self.set().current.sign(claims)
    }

    /// Returns the current key: what new phones pin.
    pub fn current(&self) -> PublicKey {
        self.set().current.public
    }

    /// Returns the key set, RFC 7517: current, old ones in their overlap, and `vapid`.
    pub fn jwks(&self, now: i64) -> KeySet {
        let set = self.set();
        let old = set.old.iter().filter(|(_, until)| *until > now).map(|(key, _)| key);
        let named =
            |key: &PublicKey| SetKey::P256 { key: *key, kid: Some(Jwk(*key).thumbprint().to_string()) };
        let mut keys: Vec<_> = std::iter::once(&set.current.public).chain(old).map(named).collect();
        keys.push(SetKey::P256 { key: set.vapid.public, kid: Some(VAPID_KID.to_owned()) });
        KeySet { keys }
    }

    /// Returns the chain from old keys to the current one, `push-svc-key+jwt`, oldest first.
    pub fn chain(&self) -> Vec<String> {
        self.set().chain.clone()
    }

    /// Returns the private key of wake-ups, PKCS#8 in DER.
    pub fn vapid_pkcs8(&self) -> SecretBytes {
        self.set().vapid.pkcs8.clone()
    }

    /// Makes a new key that the current one signs; the current one stays in the key set for its overlap.
    /// The caller calls [`Self::reload`] after the commit.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn rotate(&self, tx: &Tx<'_>, sealing: &Sealing, iss: &Origin, now: i64) -> Result<String, Failure> {
        let new = Key::make()?;
        let set = self.set();
        let until = now + OVERLAP_S;
        let claims = ServiceKey { iss: iss.clone(), iat: date(now), exp: date(until), jwk: Jwk(new.public) };
        let link = set.current.sign(&claims)?;
        tx.execute(
            "UPDATE service_keys SET successor = ?2, overlap_until = ?3 WHERE kid = ?1",
            params![set.current.kid(), link, until],
        )?;
        insert(tx, sealing, "sign", &new, now)?;
        Ok(new.kid())
    }

    /// Reads the keys again.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn reload(&self, conn: &Connection, sealing: &Sealing) -> Result<(), Failure> {
        let set = Arc::new(read(conn, sealing)?);
        *self.set.write().unwrap_or_else(PoisonError::into_inner) = set;
        Ok(())
    }

    fn set(&self) -> Arc<Set> {
        self.set.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Tells whether a 64-byte signature `r ‖ s` is that of a key's holder over these bytes.
pub fn verifies(point: &[u8], message: &[u8], signature: &[u8]) -> bool {
    signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point)
        .verify(message, signature)
        .is_ok()
}

impl Key {
    fn make() -> Result<Self, Failure> {
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        Self::from_pkcs8(made.map_err(|_| Failure::Key("not made"))?.as_ref())
    }

    fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, Failure> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new())
            .map_err(|_| Failure::Key("not PKCS#8"))?;
        let public =
            PublicKey::from_sec1(pair.public_key().as_ref()).map_err(|_| Failure::Key("not on the curve"))?;
        Ok(Self { pair, pkcs8: SecretBytes::from(pkcs8), public })
    }

    fn kid(&self) -> String {
        Jwk(self.public).thumbprint().to_string()
    }

    fn sign<C: Claims>(&self, claims: &C) -> Result<String, Failure> {
        let unsigned = Unsigned::new(&self.public, claims);
        let signature = self.pair.sign(&SystemRandom::new(), unsigned.signing_input());
        let signature = signature.map_err(|_| Failure::Key("no signature"))?;
        let signature = signature.as_ref().try_into().map_err(|_| Failure::Key("no signature"))?;
        Ok(unsigned.finish(signature))
    }
}

fn insert(conn: &Connection, sealing: &Sealing, purpose: &str, key: &Key, now: i64) -> Result<(), Failure> {
    let kid = key.kid();
    let sealed = sealing.seal("service_keys", &kid, key.pkcs8.expose())?;
    conn.execute(
        "INSERT INTO service_keys (kid, purpose, pkcs8, made_at) VALUES (?1, ?2, ?3, ?4)",
        params![kid, purpose, sealed, now],
    )?;
    Ok(())
}

fn read(conn: &Connection, sealing: &Sealing) -> Result<Set, Failure> {
    let mut current = None;
    let mut vapid = None;
    let (mut old, mut chain) = (Vec::new(), Vec::new());
    let mut query = conn.prepare(
        "SELECT kid, purpose, pkcs8, successor, overlap_until FROM service_keys ORDER BY made_at, rowid",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (kid, purpose): (String, String) = (row.get(0)?, row.get(1)?);
        let pkcs8 = sealing.open("service_keys", &kid, &row.get::<_, Vec<u8>>(2)?)?;
        let key = Key::from_pkcs8(pkcs8.expose())?;
        let successor: Option<String> = row.get(3)?;
        match (purpose.as_str(), successor) {
            ("vapid", _) => vapid = Some(key),
            (_, Some(link)) => {
                old.push((key.public, row.get(4)?));
                chain.push(link);
            }
            (_, None) => current = Some(key),
        }
    }
    let (Some(current), Some(vapid)) = (current, vapid) else { return Err(Failure::Key("missing")) };
    Ok(Set { current, old, vapid, chain })
}
