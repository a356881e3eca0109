//! The bytes of an `.akb` file: `docs/vault-format.md`, "Snapshots and backups".
//!
//! `AKB1\n`, a header with every portable slot and the wrapped data key, and one sealed body that holds the whole
//! vault as sealed rows. All that comes before the body is its associated data.

use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{CborLen, Decode, Encode};

use super::super::VaultError;
use super::super::contents::{Contents, DocRow, ItemRow};
use super::super::keyfile::KeyFile;
use super::super::keys::{Subkeys, WrappedDek};
use super::super::manifest::Root;
use super::super::slots::SlotRow;
use crate::crypto::seal;
use crate::device::VaultId;
use crate::secret::SecretBytes;
use crate::time::UnixTime;

/// What can be read of a file without a key. Only opening the body shows that it is true.
#[derive(Clone, Decode, Encode, CborLen)]
#[cbor(map)]
pub(super) struct Header {
    #[n(0)]
    format: u32,
    #[n(1)]
    vault: ByteArray<16>,
    #[n(2)]
    slots: Vec<(ByteArray<16>, ByteVec)>,
    #[n(3)]
    dek: (u32, ByteVec),
    #[n(4)]
    root_mac: ByteArray<32>,
    #[n(5)]
    created_ms: i64,
    #[n(6)]
    seq: u64,
    /// All rows, the trash and unreadable ones included.
    #[n(7)]
    rows: u64,
    /// Rows in the list.
    #[n(8)]
    accounts: u64,
}

#[derive(Decode, Encode, CborLen)]
#[cbor(map)]
struct Body {
    #[n(0)]
    user_version: u32,
    #[n(1)]
    min_reader: u32,
    #[n(2)]
    branch: ByteArray<16>,
    #[n(3)]
    prev_root: ByteArray<32>,
    #[n(4)]
    slots: Vec<(ByteArray<16>, ByteVec)>,
    #[n(5)]
    items: Vec<SealedItem>,
    #[n(6)]
    docs: Vec<(ByteArray<16>, u64, u32, ByteVec)>,
}

type SealedItem = (ByteArray<16>, u64, u32, ByteVec, ByteVec);

/// A file taken apart, its body still sealed.
#[derive(Clone)]
pub(super) struct Sealed {
    pub(super) header: Header,
    before_body: Vec<u8>,
    body: Vec<u8>,
}

const MAGIC: &[u8; 5] = b"AKB1\n";
const FORMAT: u32 = 1;
const BLOCK: usize = 4096;
/// Slots are 192 bytes; this is room for hundreds.
const MOST_HEADER: usize = 128 * 1024;
/// A vault of 100,000 accounts is far below it.
pub(super) const MOST_BYTES: u64 = 256 * 1024 * 1024;

impl Header {
    pub(super) fn vault(&self) -> VaultId {
        VaultId(*self.vault)
    }

    pub(super) fn created_at(&self) -> UnixTime {
        UnixTime::from_ms(self.created_ms)
    }

    pub(super) fn seq(&self) -> u64 {
        self.seq
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn accounts(&self) -> u64 {
        self.accounts
    }

    pub(super) fn root_mac(&self) -> [u8; 32] {
        *self.root_mac
    }

    /// Returns the portable slots and the wrapped data key.
    pub(super) fn key_rows(&self) -> KeyFile {
        KeyFile {
            vault: self.vault(),
            slots: slots_from(&self.slots),
            dek: WrappedDek { epoch: self.dek.0, body: self.dek.1.to_vec() },
        }
    }
}

/// Returns the bytes of a file that holds `contents`.
pub(super) fn print(
    contents: &Contents,
    accounts: u64,
    snapshot_key: &SecretBytes,
    at: UnixTime,
) -> Result<Vec<u8>, VaultError> {
    let KeyFile { vault, slots, dek } = &contents.key_rows;
    let portable = slots.iter().filter(|slot| slot.kind().is_portable());
    let header = Header {
        format: FORMAT,
        vault: vault.0.into(),
        slots: portable.map(slot_record).collect(),
        dek: (dek.epoch, dek.body.clone().into()),
        root_mac: contents.root.mac.into(),
        created_ms: at.ms(),
        seq: contents.root.seq,
        rows: contents.items.len() as u64,
        accounts,
    };
    let body = Body {
        user_version: contents.user_version,
        min_reader: contents.min_reader,
        branch: contents.root.branch.into(),
        prev_root: contents.root.prev_root.into(),
        slots: slots.iter().map(slot_record).collect(),
        items: contents.items.iter().map(item_record).collect(),
        docs: contents
            .docs
            .iter()
            .map(|row| (row.id.into(), row.rev, row.epoch, row.body.clone().into()))
            .collect(),
    };
    let header = minicbor::to_vec(&header).expect("a vector takes all bytes");
    let len = u32::try_from(header.len()).ok().filter(|_| header.len() <= MOST_HEADER);
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&len.ok_or(VaultError::TooLarge)?.to_be_bytes());
    bytes.extend_from_slice(&header);
    let len = minicbor::len(&body);
    let mut plain = Vec::with_capacity((len + 4).next_multiple_of(BLOCK));
    plain.extend_from_slice(&u32::try_from(len).map_err(|_| VaultError::TooLarge)?.to_be_bytes());
    minicbor::encode(&body, &mut plain).expect("a vector takes all bytes");
    plain.resize(plain.len().next_multiple_of(BLOCK), 0);
    let sealed = seal::seal(snapshot_key, &bytes, &plain)?;
    bytes.extend_from_slice(&sealed);
    if bytes.len() as u64 > MOST_BYTES { Err(VaultError::TooLarge) } else { Ok(bytes) }
}

/// Takes a file apart; `None` when it is no `.akb` file, cut short, or of a later format.
pub(super) fn parse(bytes: &[u8]) -> Option<Sealed> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (len, rest) = rest.split_first_chunk::<4>()?;
    let len = usize::try_from(u32::from_be_bytes(*len)).ok().filter(|len| *len <= MOST_HEADER)?;
    let (header, body) = rest.split_at_checked(len)?;
    let header: Header = decode_whole(header)?;
    if header.format != FORMAT {
        return None;
    }
    let before = bytes.len() - body.len();
    Some(Sealed { header, before_body: bytes[..before].to_vec(), body: body.to_vec() })
}

impl Sealed {
    /// Opens the body and checks that it is the whole commit that the header names.
    pub(super) fn open(&self, keys: &Subkeys) -> Option<Contents> {
        CopyKeys::of(keys).open(self)
    }

    fn open_with(&self, keys: &CopyKeys) -> Option<Contents> {
        let plain = seal::open(&keys.snapshot, &self.before_body, &self.body).ok()?;
        let (len, rest) = plain.expose().split_first_chunk::<4>()?;
        let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
        let Body { user_version, min_reader, branch, prev_root, slots, items, docs } =
            decode_whole(rest.get(..len)?)?;
        let header = &self.header;
        let contents = Contents {
            user_version,
            min_reader,
            key_rows: KeyFile { slots: slots_from(&slots), ..header.key_rows() },
            items: items.into_iter().map(item_from).collect(),
            docs: docs
                .into_iter()
                .map(|(id, rev, epoch, body)| DocRow { id: id.into(), rev, epoch, body: body.into() })
                .collect(),
            root: Root {
                seq: header.seq,
                branch: branch.into(),
                prev_root: prev_root.into(),
                mac: *header.root_mac,
            },
        };
        let counted = contents.items.len() as u64 == header.rows;
        (counted && contents.root_holds(&keys.manifest)).then_some(contents)
    }
}

/// The two keys that make and open a copy.
pub(super) struct CopyKeys {
    pub(super) snapshot: SecretBytes,
    manifest: SecretBytes,
}

impl CopyKeys {
    pub(super) fn of(keys: &Subkeys) -> Self {
        Self { snapshot: keys.snapshot.clone(), manifest: keys.manifest.clone() }
    }

    /// Opens a copy; `None` when it is damaged or has other keys.
    pub(super) fn open(&self, sealed: &Sealed) -> Option<Contents> {
        sealed.open_with(self)
    }

    /// Tells whether bytes that were read back open, and hold the same as `contents`.
    pub(super) fn open_alike(&self, bytes: &[u8], contents: &Contents) -> bool {
        let read = parse(bytes).and_then(|sealed| self.open(&sealed));
        read.is_some_and(|read| read.items == contents.items && read.docs == contents.docs)
    }
}

fn slot_record(slot: &SlotRow) -> (ByteArray<16>, ByteVec) {
    (slot.id.into(), slot.body.clone().into())
}

fn slots_from(records: &[(ByteArray<16>, ByteVec)]) -> Vec<SlotRow> {
    records.iter().map(|(id, body)| SlotRow { id: **id, body: body.to_vec() }).collect()
}

fn item_record(row: &ItemRow) -> SealedItem {
    (row.id.into(), row.rev, row.epoch, row.meta.clone().into(), row.secret.clone().into())
}

fn item_from((id, rev, epoch, meta, secret): SealedItem) -> ItemRow {
    ItemRow { id: id.into(), rev, epoch, meta: meta.into(), secret: secret.into() }
}

/// Decodes a record that takes all of `bytes`: nothing may hide behind it.
fn decode_whole<T: for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Option<T> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let record = decoder.decode().ok()?;
    (decoder.position() == bytes.len()).then_some(record)
}
