//! The new device: parts in any order, what is still missing, and the bundle once all are there.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::MoveError;
use super::frame::{CodeError, Frame, Head, MoveId};
use super::receipt::Receipt;
use super::sending::aad;
use crate::crypto::seal;
use crate::secret::{SecretBytes, SecretText};

/// A move that is coming in.
#[derive(Clone, Default)]
pub struct Receiving {
    id: Option<MoveId>,
    head: Option<Head>,
    parts: BTreeMap<u16, Vec<u8>>,
    file: Option<Vec<u8>>,
}

/// What became of a code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Taken {
    /// It is new.
    New,
    /// It was there already.
    Again,
    /// It belongs to another move than the codes before it: nothing was taken. Begin anew to take that one.
    OtherMove,
}

/// Parts beyond this are not believed.
const MOST_PARTS: u16 = 1_000;

impl Receiving {
    /// Takes one scanned text.
    ///
    /// # Errors
    /// [`CodeError`]; nothing was taken.
    pub fn take(&mut self, text: &str) -> Result<Taken, CodeError> {
        let frame = Frame::parse(text)?;
        if self.id.is_some_and(|id| id != frame.id()) {
            return Ok(Taken::OtherMove);
        }
        self.id = Some(frame.id());
        match frame {
            Frame::Head(head) => match &self.head {
                Some(known) if *known == head => Ok(Taken::Again),
                // Two heads of one move: one of them was made by somebody else.
                Some(_) => Err(CodeError::Damaged),
                None if head.parts > MOST_PARTS || self.parts.keys().any(|index| *index >= head.parts) => {
                    Err(CodeError::Damaged)
                }
                None => {
                    self.head = Some(head);
                    Ok(Taken::New)
                }
            },
            Frame::Part { index, chunk, .. } => {
                let most = self.head.as_ref().map_or(MOST_PARTS, |head| head.parts);
                match self.parts.get(&index) {
                    Some(known) if *known == chunk => Ok(Taken::Again),
                    Some(_) => Err(CodeError::Damaged),
                    None if index >= most => Err(CodeError::Damaged),
                    None => {
                        self.parts.insert(index, chunk);
                        Ok(Taken::New)
                    }
                }
            }
        }
    }

    /// Takes the sealed file that the code names; the code comes first.
    ///
    /// # Errors
    /// [`MoveError::Incomplete`] before the code; [`MoveError::OtherFile`].
    pub fn take_file(&mut self, bytes: &[u8]) -> Result<(), MoveError> {
        let head = self.head.as_ref().ok_or(MoveError::Incomplete)?;
        if head.parts != 0
            || bytes.len() as u64 != u64::from(head.bytes)
            || Sha256::digest(bytes)[..] != head.digest
        {
            return Err(MoveError::OtherFile);
        }
        self.file = Some(bytes.to_vec());
        Ok(())
    }

    /// Tells whether no code was taken yet.
    pub fn is_empty(&self) -> bool {
        self.id.is_none()
    }

    /// Returns how many codes there are in all, the head included; `None` before the head.
    pub fn codes(&self) -> Option<u32> {
        self.head.as_ref().map(|head| u32::from(head.parts) + 1)
    }

    /// Returns how many codes were taken.
    pub fn taken(&self) -> u32 {
        u32::from(self.head.is_some()) + self.parts.len() as u32
    }

    /// Tells whether the accounts come in a file; `None` before the head.
    pub fn in_file(&self) -> Option<bool> {
        self.head.as_ref().map(|head| head.parts == 0)
    }

    /// Returns how many accounts are on their way; `None` before the head.
    pub fn accounts(&self) -> Option<u32> {
        self.head.as_ref().map(|head| head.accounts)
    }

    /// Returns the numbers of the codes that are missing, as the old device counts them: from 1, the head first. Before
    /// the head, which says how many there are, only those are named that are known to exist.
    pub fn missing(&self) -> Vec<u32> {
        let known = self.parts.keys().next_back().map_or(0, |last| u32::from(*last) + 1);
        let parts = self.head.as_ref().map_or(known, |head| u32::from(head.parts));
        let head = self.head.is_none().then_some(1);
        let there = |part: &u32| u16::try_from(*part).is_ok_and(|index| self.parts.contains_key(&index));
        head.into_iter().chain((0..parts).filter(|part| !there(part)).map(|part| part + 2)).collect()
    }

    /// Opens the bundle.
    ///
    /// # Errors
    /// [`MoveError::Incomplete`], [`MoveError::Damaged`].
    pub fn open(&self) -> Result<SecretBytes, MoveError> {
        let head = self.head.as_ref().ok_or(MoveError::Incomplete)?;
        if !self.missing().is_empty() || head.parts == 0 && self.file.is_none() {
            return Err(MoveError::Incomplete);
        }
        let sealed = match &self.file {
            Some(file) => file.clone(),
            None => self.parts.values().flatten().copied().collect(),
        };
        let whole =
            sealed.len() as u64 == u64::from(head.bytes) && Sha256::digest(&sealed)[..] == head.digest;
        let plain = seal::open(&head.key, &aad(head.id), &sealed).ok().filter(|_| whole);
        let plain = plain.ok_or(MoveError::Damaged)?;
        let (len, rest) = plain.expose().split_first_chunk::<4>().ok_or(MoveError::Damaged)?;
        let len = usize::try_from(u32::from_be_bytes(*len)).map_err(|_| MoveError::Damaged)?;
        rest.get(..len).map(SecretBytes::from).ok_or(MoveError::Damaged)
    }

    /// Returns the six digits that say how many accounts are in the vault now; `None` before the head.
    pub fn receipt(&self, taken: u32) -> Option<Receipt> {
        self.head.as_ref().map(|head| Receipt::of(head, taken))
    }

    /// Returns everything that was taken, to be kept sealed until the move is done.
    pub fn to_bytes(&self) -> SecretBytes {
        let id = self.id.unwrap_or_default();
        let head = self.head.clone().map(Frame::Head);
        let parts =
            self.parts.iter().map(|(index, chunk)| Frame::Part { id, index: *index, chunk: chunk.clone() });
        let texts: Vec<SecretText> = head.into_iter().chain(parts).map(|frame| frame.print()).collect();
        let file = self.file.as_deref().unwrap_or_default();
        let room = 4 + texts.iter().map(|text| text.expose().len() + 1).sum::<usize>() + file.len();
        let mut bytes = Vec::with_capacity(room);
        bytes.extend_from_slice(&u32::try_from(texts.len()).expect("at most 1,001").to_be_bytes());
        for text in &texts {
            bytes.extend_from_slice(text.expose().as_bytes());
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(file);
        SecretBytes::new(bytes)
    }

    /// Takes a move up again; `None` when that is not what was kept.
    pub fn from_bytes(bytes: &SecretBytes) -> Option<Self> {
        let (count, mut rest) = bytes.expose().split_first_chunk::<4>()?;
        let mut receiving = Self::default();
        for _ in 0..u32::from_be_bytes(*count) {
            let end = rest.iter().position(|byte| *byte == b'\n')?;
            receiving.take(std::str::from_utf8(&rest[..end]).ok()?).ok()?;
            rest = &rest[end + 1..];
        }
        if !rest.is_empty() {
            receiving.take_file(rest).ok()?;
        }
        Some(receiving)
    }
}

#[cfg(test)]
mod tests;
