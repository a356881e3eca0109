//! A text that waits for its signatures.

use super::super::json;
use super::super::jws::Unsigned;
use super::super::wire;
use super::privacyidea;

/// One of a phone's keys.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Signer {
    /// The key without a prompt.
    Device,
    /// The key that asks for presence.
    Approval,
    /// The key that is to take another's place.
    New,
    /// The key without a prompt, after a secret that asks for presence was taken out: there is no second key.
    Gated,
}

/// A text that waits for its signatures.
pub struct Draft {
    signers: Vec<Signer>,
    shape: Shape,
}

/// What the device gave is no signature that can be sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a signature")]
pub struct UnfitSignature;

/// What becomes of the signatures.
enum Shape {
    /// Nothing is signed and nothing sent but the call itself.
    Nothing,
    /// One JWS is the whole text.
    Jws(Unsigned),
    /// An enrolment: the same payload twice.
    Enrol { device: Unsigned, approval: Unsigned },
    /// A rotation: the same payload twice.
    Rotate { old: Unsigned, new: Unsigned },
    /// A form, and the text that is signed when one is.
    Form { fields: Vec<(&'static str, String)>, signed: String },
}

impl Draft {
    pub(super) fn nothing() -> Self {
        Self { signers: Vec::new(), shape: Shape::Nothing }
    }

    pub(crate) fn jws(signer: Signer, unsigned: Unsigned) -> Self {
        Self { signers: vec![signer], shape: Shape::Jws(unsigned) }
    }

    pub(super) fn enrol(device: Unsigned, approval: Unsigned) -> Self {
        Self { signers: vec![Signer::Device, Signer::Approval], shape: Shape::Enrol { device, approval } }
    }

    pub(super) fn rotate(by: Signer, old: Unsigned, new: Unsigned) -> Self {
        Self { signers: vec![by, Signer::New], shape: Shape::Rotate { old, new } }
    }

    pub(super) fn form(signed: Option<(Signer, String)>, fields: Vec<(&'static str, String)>) -> Self {
        let (signer, signed) = signed.unzip();
        let signed = signed.unwrap_or_default();
        Self { signers: signer.into_iter().collect(), shape: Shape::Form { fields, signed } }
    }

    /// Returns who signs which bytes, in the order in which [`Draft::finish`] takes the signatures.
    pub fn parts(&self) -> Vec<(Signer, Vec<u8>)> {
        let jws = |unsigned: &Unsigned| unsigned.signing_input().to_vec();
        let texts = match &self.shape {
            Shape::Nothing => Vec::new(),
            Shape::Jws(one) => vec![jws(one)],
            Shape::Enrol { device: one, approval: two } | Shape::Rotate { old: one, new: two } => {
                vec![jws(one), jws(two)]
            }
            Shape::Form { signed, .. } => vec![signed.clone().into_bytes()],
        };
        self.signers.iter().copied().zip(texts).collect()
    }

    /// Puts the signatures in, as the device gave them: ASN.1 DER for P-256, PKCS#1 v1.5 for RSA.
    ///
    /// # Errors
    /// [`UnfitSignature`]; one that is missing as well.
    pub fn finish(self, signatures: &[Vec<u8>]) -> Result<String, UnfitSignature> {
        let signed = |unsigned: &Unsigned, at: usize| {
            let signature = signatures.get(at).ok_or(UnfitSignature)?;
            unsigned.finish_der(signature).map_err(|_| UnfitSignature)
        };
        Ok(match &self.shape {
            Shape::Nothing => String::new(),
            Shape::Jws(unsigned) => signed(unsigned, 0)?,
            Shape::Enrol { device, approval } => {
                let (device, approval) = (signed(device, 0)?, signed(approval, 1)?);
                json::print(&wire::EnrolBody { device, approval })
            }
            Shape::Form { fields, .. } => {
                let signature = match (self.signers.len(), signatures) {
                    (0, []) => None,
                    (1, [signature]) => Some(signature.as_slice()),
                    _ => return Err(UnfitSignature),
                };
                privacyidea::print(fields, signature)
            }
            Shape::Rotate { old, new } => {
                let (old, new) = (signed(old, 0)?, signed(new, 1)?);
                json::print(&wire::RotateBody { old, new })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::p256::PrivateKey;
    use crate::secret::SecretBytes;

    fn key(seed: u8) -> PrivateKey {
        PrivateKey::from_bytes(&SecretBytes::new(vec![seed; 32])).unwrap()
    }

    fn claims() -> wire::ServiceKey {
        let at = crate::time::UnixTime::from_seconds(100);
        let jwk = super::super::super::jwk::Jwk(key(2).public());
        wire::ServiceKey { iss: "https://a.example".parse().unwrap(), iat: at.into(), exp: at.into(), jwk }
    }

    #[test]
    fn each_signature_goes_to_its_own_text() {
        let unsigned = |seed| Unsigned::new(&key(seed).public(), &claims());
        let draft = Draft::enrol(unsigned(1), unsigned(2));
        let signatures: Vec<Vec<u8>> = draft
            .parts()
            .iter()
            .map(|(signer, bytes)| key(if *signer == Signer::Device { 1 } else { 2 }).sign_der(bytes))
            .collect();
        let body: wire::EnrolBody =
            json::read(draft.finish(&signatures).unwrap().as_bytes(), json::CAP).unwrap();
        assert_eq!(body.device, unsigned(1).sign(&key(1)));
        assert_eq!(body.approval, unsigned(2).sign(&key(2)));
    }

    #[test]
    fn a_text_without_its_signature_is_not_sent() {
        let draft = || Draft::jws(Signer::Device, Unsigned::new(&key(1).public(), &claims()));
        assert_eq!(draft().finish(&[]), Err(UnfitSignature));
        assert_eq!(draft().finish(&[b"not DER".to_vec()]), Err(UnfitSignature));
        assert!(draft().finish(&[key(1).sign_der(&draft().parts()[0].1)]).is_ok());
        assert_eq!(Draft::nothing().finish(&[]).as_deref(), Ok(""));
    }
}
