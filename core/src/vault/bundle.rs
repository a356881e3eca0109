//! The accounts of a vault on their way to another device: rows opened, as small as they get, for a few QR codes.
//!
//! What arrives is sealed again at once under keys of its own and is then a copy like any other: compared, shown, merged.
//! Bytes: `docs/move-format.md`, "The bundle".

use minicbor::{Decoder, Encoder};
use zeroize::Zeroizing;

use super::VaultError;
use super::contents::{Contents, DocRow, ItemRow};
use super::docs::DocKind;
use super::ids::ItemId;
use super::keyfile::KeyFile;
use super::keys::WrappedDek;
use super::manifest::Root;
use super::merge::open_row;
use super::read::{COLUMN_BODY, COLUMN_META, COLUMN_SECRET, TABLE_DOC, TABLE_ITEM, aad};
use super::schema;
use super::snapshot::Snapshot;
use super::store::Vault;
use crate::crypto::{random, scrub_stack, seal};
use crate::device::VaultId;
use crate::secret::SecretBytes;

/// A push account that cannot move: its keys stay in the old device. It is enrolled again from this list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Renewal {
    /// The service's host, punycode visible.
    pub host: String,
    /// The user's own name for it, or the organisation's.
    pub service: String,
    /// The account's label there.
    pub account_name: String,
}

/// What goes to another device.
pub struct Bundle {
    /// Everything, open. It leaves only sealed.
    pub plain: SecretBytes,
    /// Accounts in the list.
    pub accounts: u32,
    /// All rows, the trash included.
    pub rows: u32,
    /// Rows that do not open here; they stay where they are.
    pub left_out: Vec<ItemId>,
}

/// A bundle that arrived.
pub struct Arrived {
    /// The accounts, as a copy to compare and to merge.
    pub copy: Snapshot,
    /// What has to be enrolled again.
    pub renew: Vec<Renewal>,
}

const FORMAT: u32 = 1;
/// More than a vault can have, checked before memory is taken.
const MOST_ROWS: u64 = 1_000_000;
const EPOCH: u32 = 1;

impl Vault {
    /// Opens every row for another device. Nothing is changed; a vault that is read-only may move as well.
    ///
    /// # Errors
    /// [`VaultError::Busy`], [`VaultError::Io`], [`VaultError::ChangedOutside`], [`VaultError::TooLarge`].
    pub fn bundle(&mut self, renew: &[Renewal]) -> Result<Bundle, VaultError> {
        let contents = self.contents()?;
        let copy = Snapshot::of_own(contents);
        let accounts = self.known.report.accounts - self.known.report.damaged.len();
        let mut left_out = Vec::new();
        let mut items = Vec::with_capacity(copy.contents.items.len());
        for row in &copy.contents.items {
            match open_row(&self.known.keys, &copy, row) {
                Some(opened) => items.push((row, opened)),
                None => left_out.push(ItemId(row.id)),
            }
        }
        let mut docs = Vec::new();
        for row in copy.contents.docs.iter().filter(|row| moves(row.id)) {
            let aad = aad(self.known.id, TABLE_DOC, COLUMN_BODY, row.id, row.rev, row.epoch);
            if let Ok(plain) = seal::open(&self.known.keys.meta, &aad, &row.body) {
                docs.push((row.id, plain));
            }
        }
        scrub_stack();
        let texts: usize =
            renew.iter().map(|row| row.host.len() + row.service.len() + row.account_name.len() + 16).sum();
        let rows: usize = items.iter().map(|(_, row)| row.meta.len() + row.secret.len() + 48).sum();
        // Padded rows are longer than what is written, so that this never grows and leaves copies behind.
        let room = 256 + texts + rows + docs.iter().map(|(_, plain)| plain.len() + 32).sum::<usize>();
        let mut plain = Zeroizing::new(Vec::with_capacity(room));
        let mut to = Encoder::new(&mut *plain);
        let written = (|| {
            to.map(5)?.u8(0)?.u32(FORMAT)?.u8(1)?.bytes(&self.known.id.0)?;
            to.u8(2)?.array(items.len() as u64)?;
            for (row, opened) in &items {
                to.array(4)?.bytes(&row.id)?.u64(row.rev)?;
                to.bytes(unpadded(&opened.meta))?.bytes(unpadded(&opened.secret))?;
            }
            to.u8(3)?.array(docs.len() as u64)?;
            for (id, plain) in &docs {
                to.array(2)?.bytes(id)?.bytes(unpadded(plain))?;
            }
            to.u8(4)?.array(renew.len() as u64)?;
            for Renewal { host, service, account_name } in renew {
                to.array(3)?.str(host)?.str(service)?.str(account_name)?;
            }
            Ok::<_, minicbor::encode::Error<std::convert::Infallible>>(())
        })();
        written.expect("a vector takes all bytes");
        debug_assert!(plain.len() <= room, "the estimate was too small");
        let count = |n: usize| u32::try_from(n).map_err(|_| VaultError::TooLarge);
        let (accounts, rows) = (count(accounts)?, count(items.len())?);
        Ok(Bundle { plain: SecretBytes::new(std::mem::take(&mut *plain)), accounts, rows, left_out })
    }
}

impl Arrived {
    /// Takes a bundle apart and seals its rows under keys of their own.
    ///
    /// # Errors
    /// [`VaultError::FileDamaged`] when it is none, or of a later format; [`VaultError::Random`].
    pub fn open(plain: &SecretBytes) -> Result<Self, VaultError> {
        let mut from = Decoder::new(plain.expose());
        let parsed = parse(&mut from).map_err(|_| VaultError::FileDamaged)?;
        if from.position() != plain.len() {
            return Err(VaultError::FileDamaged);
        }
        let Parsed { vault, items, docs, renew } = parsed;
        let vk = random::make_secret(seal::KEY)?;
        let dek = WrappedDek::make(vault, EPOCH, &vk)?;
        let keys = dek.unwrap(vault, &vk)?;
        let mut sealed_items = Vec::with_capacity(items.len());
        for (id, rev, meta, secret) in items {
            let seal = |key, column, text: &[u8]| {
                seal::seal(key, &aad(vault, TABLE_ITEM, column, id, rev, EPOCH), &padded(text))
            };
            let meta = seal(&keys.meta, COLUMN_META, meta)?;
            let secret = seal(&keys.secret, COLUMN_SECRET, secret)?;
            sealed_items.push(ItemRow { id, rev, epoch: EPOCH, meta, secret });
        }
        sealed_items.sort_by_key(|row| row.id);
        let twice = sealed_items.windows(2).any(|pair| pair[0].id == pair[1].id);
        let mut sealed_docs = Vec::with_capacity(docs.len());
        for (id, text) in docs.into_iter().filter(|(id, _)| moves(*id)) {
            let aad = aad(vault, TABLE_DOC, COLUMN_BODY, id, 1, EPOCH);
            sealed_docs.push(DocRow {
                id,
                rev: 1,
                epoch: EPOCH,
                body: seal::seal(&keys.meta, &aad, &padded(text))?,
            });
        }
        scrub_stack();
        if twice {
            return Err(VaultError::FileDamaged);
        }
        let contents = Contents {
            user_version: schema::USER_VERSION,
            min_reader: schema::MIN_READER,
            key_rows: KeyFile { vault, slots: Vec::new(), dek },
            items: sealed_items,
            docs: sealed_docs,
            // Nothing checks a root of it: it never becomes a file, and its seal was checked as a whole.
            root: Root { seq: 0, branch: random::make_array()?, prev_root: [0; 32], mac: [0; 32] },
        };
        Ok(Self { copy: Snapshot::new(contents, keys), renew })
    }
}

type Row<'a> = ([u8; 16], u64, &'a [u8], &'a [u8]);

struct Parsed<'a> {
    vault: VaultId,
    items: Vec<Row<'a>>,
    docs: Vec<([u8; 16], &'a [u8])>,
    renew: Vec<Renewal>,
}

fn parse<'a>(from: &mut Decoder<'a>) -> Result<Parsed<'a>, minicbor::decode::Error> {
    let wrong = minicbor::decode::Error::message;
    let expect = |from: &mut Decoder<'a>, key: u8| {
        if from.u8()? == key { Ok(()) } else { Err(wrong("another field")) }
    };
    let list = |from: &mut Decoder<'a>| match from.array()? {
        Some(len) if len <= MOST_ROWS => Ok(len),
        _ => Err(wrong("a length")),
    };
    let id = |from: &mut Decoder<'a>| <[u8; 16]>::try_from(from.bytes()?).map_err(|_| wrong("an id"));
    let tuple = |from: &mut Decoder<'a>, len: u64| {
        if from.array()? == Some(len) { Ok(()) } else { Err(wrong("a row")) }
    };
    if from.map()? != Some(5) {
        return Err(wrong("fields"));
    }
    expect(from, 0)?;
    if from.u32()? != FORMAT {
        return Err(wrong("a later format"));
    }
    expect(from, 1)?;
    let vault = VaultId(id(from)?);
    expect(from, 2)?;
    let mut items = Vec::new();
    for _ in 0..list(from)? {
        tuple(from, 4)?;
        items.push((id(from)?, from.u64()?, from.bytes()?, from.bytes()?));
    }
    expect(from, 3)?;
    let mut docs = Vec::new();
    for _ in 0..list(from)? {
        tuple(from, 2)?;
        docs.push((id(from)?, from.bytes()?));
    }
    expect(from, 4)?;
    let mut renew = Vec::new();
    for _ in 0..list(from)? {
        tuple(from, 3)?;
        let [host, service, account_name] = [from.str()?, from.str()?, from.str()?].map(str::to_owned);
        renew.push(Renewal { host, service, account_name });
    }
    Ok(Parsed { vault, items, docs, renew })
}

/// Tells whether a document goes along: what is remembered of this device's own care and backups does not.
fn moves(id: [u8; 16]) -> bool {
    id != DocKind::Care.id() && id != DocKind::Backups.id()
}

/// Returns what stands in a padded record.
fn unpadded(plain: &SecretBytes) -> &[u8] {
    let text = plain
        .expose()
        .split_first_chunk::<4>()
        .and_then(|(len, rest)| rest.get(..usize::try_from(u32::from_be_bytes(*len)).ok()?));
    // A record of a later version that is not padded so goes along whole.
    text.unwrap_or(plain.expose())
}

/// Pads a record as every row is: to 256 bytes, above 4 KiB to 1,024.
fn padded(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let full = 4 + text.len();
    let full = full.next_multiple_of(if full <= 4096 { 256 } else { 1024 });
    let mut bytes = Zeroizing::new(Vec::with_capacity(full));
    bytes.extend_from_slice(&u32::try_from(text.len()).expect("a bundle is far below 4 GiB").to_be_bytes());
    bytes.extend_from_slice(text);
    bytes.resize(full, 0);
    bytes
}
