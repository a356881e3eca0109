//! What a wake-up is sealed with: Web Push message encryption, RFC 8291 over RFC 8188 (`aes128gcm`).
//!
//! The phone makes a [`Receiver`] and gives its public half away; the service seals to that half. Whoever carries
//! the message learns nothing from it, and inside there are two ids and nothing else.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes128Gcm, Nonce};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::b64;
use super::ids::Id;
use super::json::{self, JsonError};
use crate::crypto::p256::{PrivateKey, PublicKey};
use crate::crypto::random::{self, RandomError};
use crate::secret::SecretBytes;

/// Bytes of a whole message: what RFC 8291 section 4 lets a push service refuse to go beyond.
pub const CAP: usize = 4096;

/// What a wake-up says, also after it was opened: whose it is, and which request.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Wakeup {
    /// The version, 1.
    pub v: u32,
    /// The credential.
    pub c: Id,
    /// The request.
    pub r: Id,
}

/// What a phone gives away to be woken: a public key and 16 bytes that only its services know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subscription {
    /// `p256dh`.
    pub key: PublicKey,
    /// `auth`.
    pub auth: SecretBytes,
}

/// The phone's half of the keys; it lies in `push.db`.
#[derive(Debug)]
pub struct Receiver {
    key: PrivateKey,
    auth: SecretBytes,
}

/// Why a message does not open.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WakeupError {
    /// More than [`CAP`] bytes.
    #[error("a wake-up of {0} bytes")]
    TooLarge(usize),
    /// Not one record of `aes128gcm` with a P-256 key.
    #[error("not a message of RFC 8291")]
    Form,
    /// Sealed to somebody else, or changed on its way.
    #[error("the seal does not open")]
    Seal,
    /// It opened, and does not say what a wake-up says.
    #[error("not a wake-up: {0}")]
    Plain(#[from] JsonError),
    /// It opened and is of a later version: update the app.
    #[error("a wake-up of version {0}")]
    Version(u32),
}

impl Receiver {
    /// Makes the keys of one phone and service.
    ///
    /// # Errors
    /// [`RandomError`].
    pub fn make() -> Result<Self, RandomError> {
        Ok(Self { key: PrivateKey::make()?, auth: random::make_secret(16)? })
    }

    /// Takes keys from where they were kept; none when they are not 32 and 16 bytes that can be keys.
    pub fn from_parts(key: &SecretBytes, auth: SecretBytes) -> Option<Self> {
        let key = PrivateKey::from_bytes(key)?;
        (auth.len() == 16).then_some(Self { key, auth })
    }

    /// Returns the private key (32 bytes) and `auth` (16 bytes), for keeping them sealed.
    pub fn to_parts(&self) -> (SecretBytes, SecretBytes) {
        (self.key.to_bytes(), self.auth.clone())
    }

    /// Returns the half to give away.
    pub fn subscription(&self) -> Subscription {
        Subscription { key: self.key.public(), auth: self.auth.clone() }
    }

    /// Opens a message and returns what was sealed.
    ///
    /// # Errors
    /// [`WakeupError`], all but `Plain` and `Version`.
    pub fn open(&self, message: &[u8]) -> Result<SecretBytes, WakeupError> {
        if message.len() > CAP {
            return Err(WakeupError::TooLarge(message.len()));
        }
        if message.len() < HEADER + 1 + TAG || usize::from(message[20]) != 65 {
            return Err(WakeupError::Form);
        }
        let (header, record) = message.split_at(HEADER);
        let salt: [u8; 16] = header[..16].try_into().expect("16 bytes");
        let size = u32::from_be_bytes(header[16..20].try_into().expect("4 bytes"));
        let sender = PublicKey::from_sec1(&header[21..]).map_err(|_| WakeupError::Form)?;
        // One record is all that a push message may have, RFC 8291 section 4.
        if usize::try_from(size).is_ok_and(|size| record.len() > size) || size < 18 {
            return Err(WakeupError::Form);
        }
        let shared = self.key.agree(&sender);
        let (key, nonce) = derive(&shared, &self.auth, &self.key.public(), &sender, &salt);
        let mut plain = Zeroizing::new(cipher(&key).decrypt(&nonce, record).map_err(|_| WakeupError::Seal)?);
        // Zeros behind the delimiter are padding; 2 is the delimiter of a last record.
        while plain.last() == Some(&0) {
            plain.pop();
        }
        if plain.pop() != Some(2) {
            return Err(WakeupError::Form);
        }
        Ok(SecretBytes::from(plain.as_slice()))
    }

    /// Opens a message and reads what it says.
    ///
    /// # Errors
    /// [`WakeupError`].
    pub fn read(&self, message: &[u8]) -> Result<Wakeup, WakeupError> {
        let wakeup: Wakeup = json::read(self.open(message)?.expose(), CAP)?;
        if wakeup.v != 1 {
            return Err(WakeupError::Version(wakeup.v));
        }
        Ok(wakeup)
    }
}

impl Subscription {
    /// Reads `p256dh` and `auth` as a phone writes them.
    pub fn parse(p256dh: &str, auth: &str) -> Option<Self> {
        let key = PublicKey::from_sec1(&b64::decode_array::<65>(p256dh)?).ok()?;
        let auth = SecretBytes::from(b64::decode_array::<16>(auth)?.as_slice());
        Some(Self { key, auth })
    }

    /// Prints the public key, 87 characters.
    pub fn p256dh(&self) -> String {
        b64::encode(self.key.sec1())
    }

    /// Prints the shared bytes, 22 characters.
    pub fn auth(&self) -> String {
        b64::encode(self.auth.expose())
    }

    /// Seals a message to the phone, with a key and a salt of this message alone.
    ///
    /// # Errors
    /// [`RandomError`].
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, RandomError> {
        Ok(self.seal_with(plain, &PrivateKey::make()?, random::make_array()?))
    }

    /// Seals what a wake-up says.
    ///
    /// # Errors
    /// [`RandomError`].
    pub fn wake(&self, credential: Id, request: Id) -> Result<Vec<u8>, RandomError> {
        self.seal(json::print(&Wakeup { v: 1, c: credential, r: request }).as_bytes())
    }

    /// Seals with a given key and salt. They are for one message: only known answers are made with this.
    pub fn seal_with(&self, plain: &[u8], sender: &PrivateKey, salt: [u8; 16]) -> Vec<u8> {
        let shared = sender.agree(&self.key);
        let (key, nonce) = derive(&shared, &self.auth, &self.key, &sender.public(), &salt);
        let mut padded = Zeroizing::new(plain.to_vec());
        padded.push(2);
        let record = cipher(&key)
            .encrypt(&nonce, padded.as_slice())
            .expect("a message is far below the cipher's limit of 64 GiB");
        let mut message = Vec::with_capacity(HEADER + record.len());
        message.extend_from_slice(&salt);
        message.extend_from_slice(&4096u32.to_be_bytes());
        message.push(65);
        message.extend_from_slice(sender.public().sec1());
        message.extend_from_slice(&record);
        message
    }
}

/// Salt, record size, length of the key's name, the key: RFC 8188 section 2.1.
const HEADER: usize = 16 + 4 + 1 + 65;
const TAG: usize = 16;

type Key = Zeroizing<[u8; 16]>;

/// Derives the content key and the nonce, RFC 8291 section 3.4.
fn derive(
    shared: &SecretBytes,
    auth: &SecretBytes,
    phone: &PublicKey,
    sender: &PublicKey,
    salt: &[u8; 16],
) -> (Key, Nonce<aes_gcm::aead::consts::U12>) {
    let mut info = b"WebPush: info\0".to_vec();
    info.extend_from_slice(phone.sec1());
    info.extend_from_slice(sender.sec1());
    let mut ikm = Zeroizing::new([0; 32]);
    expand(auth.expose(), shared.expose(), &info, ikm.as_mut_slice());
    let mut key = Zeroizing::new([0; 16]);
    expand(salt, ikm.as_slice(), b"Content-Encoding: aes128gcm\0", key.as_mut_slice());
    let mut nonce = [0; 12];
    expand(salt, ikm.as_slice(), b"Content-Encoding: nonce\0", &mut nonce);
    (key, nonce.into())
}

fn expand(salt: &[u8], secret: &[u8], info: &[u8], into: &mut [u8]) {
    Hkdf::<Sha256>::new(Some(salt), secret).expand(info, into).expect("HKDF-SHA256 gives up to 8,160 bytes");
}

fn cipher(key: &Key) -> Aes128Gcm {
    Aes128Gcm::new_from_slice(key.as_slice()).expect("the key has 16 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8291 section 5 and appendix A.
    const MESSAGE: &str = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tl\
         zAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    const PLAIN: &[u8] = b"When I grow up, I want to be a watermelon";

    fn rfc() -> (Receiver, PrivateKey, [u8; 16]) {
        let secret = |text| SecretBytes::new(b64::decode(text).unwrap());
        let receiver = Receiver::from_parts(
            &secret("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"),
            secret("BTBZMqHH6r4Tts7J_aSIgg"),
        );
        let sender = PrivateKey::from_bytes(&secret("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"));
        (receiver.unwrap(), sender.unwrap(), b64::decode_array("DGv6ra1nlYgDCS1FRnbzlw").unwrap())
    }

    #[test]
    fn the_message_of_rfc_8291_is_made_byte_for_byte_and_opens() {
        let (receiver, sender, salt) = rfc();
        let subscription = receiver.subscription();
        let p256dh =
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        assert_eq!(subscription.p256dh(), p256dh);
        assert_eq!(b64::encode(&subscription.seal_with(PLAIN, &sender, salt)), MESSAGE);
        assert_eq!(receiver.open(&b64::decode(MESSAGE).unwrap()).unwrap().expose(), PLAIN);
        assert_eq!(Subscription::parse(p256dh, "BTBZMqHH6r4Tts7J_aSIgg"), Some(subscription));
    }

    #[test]
    fn a_wake_up_says_two_ids() {
        let receiver = Receiver::make().unwrap();
        let message = receiver.subscription().wake(Id([1; 16]), Id([2; 16])).unwrap();
        let expected = Wakeup { v: 1, c: Id([1; 16]), r: Id([2; 16]) };
        assert_eq!(receiver.read(&message), Ok(expected));
        let plain = receiver.open(&message).unwrap();
        let text = r#"{"v":1,"c":"AQEBAQEBAQEBAQEBAQEBAQ","r":"AgICAgICAgICAgICAgICAg"}"#;
        assert_eq!(plain.expose(), text.as_bytes());
        let other = Receiver::make().unwrap();
        assert_eq!(other.read(&message), Err(WakeupError::Seal));
    }

    #[test]
    fn two_messages_never_look_alike() {
        let subscription = Receiver::make().unwrap().subscription();
        let (a, b) = (subscription.seal(b"x").unwrap(), subscription.seal(b"x").unwrap());
        assert!(a.windows(16).all(|part| part == &a[16..32] || !b.windows(16).any(|other| other == part)));
    }

    /// The control is the message itself.
    #[test]
    fn every_flipped_bit_is_noticed() {
        let (receiver, sender, salt) = rfc();
        let message = receiver.subscription().seal_with(PLAIN, &sender, salt);
        assert!(receiver.open(&message).is_ok());
        for n in 0..message.len() * 8 {
            let mut flipped = message.clone();
            flipped[n / 8] ^= 1 << (n % 8);
            // The record size is not authenticated; it only has to be large enough for one record.
            let is_size = (16..20).contains(&(n / 8));
            assert!(is_size || receiver.open(&flipped).is_err(), "bit {n}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        let (receiver, sender, salt) = rfc();
        let subscription = receiver.subscription();
        let message = subscription.seal_with(PLAIN, &sender, salt);
        assert_eq!(receiver.open(&[]).unwrap_err(), WakeupError::Form);
        assert_eq!(receiver.open(&message[..HEADER + TAG]).unwrap_err(), WakeupError::Form);
        assert_eq!(receiver.open(&[0; CAP + 1]).unwrap_err(), WakeupError::TooLarge(CAP + 1));
        let mut small = message.clone();
        small[16..20].copy_from_slice(&20u32.to_be_bytes());
        assert_eq!(receiver.open(&small).unwrap_err(), WakeupError::Form, "a second record");
        let later =
            subscription.seal(br#"{"v":2,"c":"AQEBAQEBAQEBAQEBAQEBAQ","r":"AQEBAQEBAQEBAQEBAQEBAQ"}"#);
        assert_eq!(receiver.read(&later.unwrap()), Err(WakeupError::Version(2)));
        assert!(matches!(receiver.read(&message), Err(WakeupError::Plain(_))));
    }
}
