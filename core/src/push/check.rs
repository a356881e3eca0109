//! The check number: six digits that phone and page compute from what they agreed on, and never send.

use sha2::{Digest, Sha256};

use super::ids::{Id, Thumbprint};

/// What both sides agreed on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Agreed {
    /// `jti` of the offer.
    pub offer: Id,
    /// `nonce` of the offer.
    pub nonce: Id,
    /// `snonce` of the reply.
    pub server_nonce: Id,
    /// Thumbprint of the device key.
    pub device: Thumbprint,
    /// Thumbprint of the approval key.
    pub approval: Thumbprint,
    /// Thumbprint of the service key.
    pub service: Thumbprint,
}

/// Returns the six digits to show.
///
/// SHA-256 over `klink-check-1`, the three ids as the text of their claims and the three thumbprints as 32 bytes,
/// each behind its length in bytes as u16 big-endian; the first 8 bytes of that, big-endian, modulo 10⁶.
pub fn check_number(agreed: &Agreed) -> String {
    let Agreed { offer, nonce, server_nonce, device, approval, service } = agreed;
    let mut hash = Sha256::new();
    let mut field = |bytes: &[u8]| {
        let len = u16::try_from(bytes.len()).expect("no field is longer than 43 bytes");
        hash.update(len.to_be_bytes());
        hash.update(bytes);
    };
    field(b"klink-check-1");
    for id in [offer, nonce, server_nonce] {
        field(id.to_string().as_bytes());
    }
    for thumbprint in [device, approval, service] {
        field(&thumbprint.0);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let first = u64::from_be_bytes(digest[..8].try_into().expect("a digest has 32 bytes"));
    format!("{:06}", first % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreed() -> Agreed {
        Agreed {
            offer: Id([1; 16]),
            nonce: Id([2; 16]),
            server_nonce: Id([3; 16]),
            device: Thumbprint([0x11; 32]),
            approval: Thumbprint([0x22; 32]),
            service: Thumbprint([0x33; 32]),
        }
    }

    /// The vector of `docs/push-protocol.md`, which an independent reader computes as well.
    #[test]
    fn the_number_is_that_of_the_document() {
        assert_eq!(check_number(&agreed()), "168164");
    }

    #[test]
    fn every_part_counts() {
        let changes: [fn(&mut Agreed); 6] = [
            |agreed| agreed.offer.0[0] ^= 1,
            |agreed| agreed.nonce.0[15] ^= 1,
            |agreed| agreed.server_nonce.0[7] ^= 1,
            |agreed| agreed.device.0[0] ^= 1,
            |agreed| agreed.approval.0[31] ^= 1,
            |agreed| agreed.service.0[16] ^= 1,
        ];
        for (n, change) in changes.iter().enumerate() {
            let mut other = agreed();
            change(&mut other);
            assert_ne!(check_number(&other), "168164", "part {n}");
        }
    }

    #[test]
    fn the_number_has_six_digits_also_when_it_is_small() {
        let mut agreed = agreed();
        for n in 0..=255 {
            agreed.nonce.0[0] = n;
            assert_eq!(check_number(&agreed).len(), 6);
        }
    }
}
