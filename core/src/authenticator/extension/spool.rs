//! The spool: messages that an extension leaves for the app, each taken exactly once.
//!
//! The extension writes `<32 hex digits>.msg` in one step (aside, sync, rename). Taking claims a message by renaming
//! it; done deletes it. A claim that was never done, because the app was killed, is handed out again first: who reads
//! must know a message by its id, as push knows a request by its own. Nothing in a message is believed.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::vault::IdError;

/// The folder between an extension and the app.
pub struct Spool(PathBuf);

/// Names a message: 16 random bytes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MessageId([u8; 16]);

/// A message that was claimed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// Its name.
    pub id: MessageId,
    /// Whatever the extension was sent: untrusted.
    pub bytes: Vec<u8>,
    /// Whether it was claimed before and not done: the app may have shown it already.
    pub again: bool,
}

/// Why the spool could not be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SpoolError {
    /// A message beyond 16 KiB: it was not written.
    #[error("a message of {0} bytes is too large")]
    TooLarge(usize),
    /// So many messages wait already: it was not written.
    #[error("{0} messages wait already")]
    Full(usize),
    /// The folder could not be read or written.
    #[error("the spool could not be used: {0}")]
    Io(ErrorKind),
    /// The system gave no random bytes.
    #[error(transparent)]
    Random(#[from] crate::crypto::random::RandomError),
}

const MOST_BYTES: usize = 16 * 1024;
/// More than a day of requests; beyond it somebody fills the disk.
const MOST_MESSAGES: usize = 256;
const WAITING: &str = "msg";
const CLAIMED: &str = "taken";

impl Spool {
    /// Names the folder; nothing is made yet.
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Leaves a message, as an extension does. It is on the disk when this returns.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub fn leave(&self, bytes: &[u8]) -> Result<MessageId, SpoolError> {
        if bytes.len() > MOST_BYTES {
            return Err(SpoolError::TooLarge(bytes.len()));
        }
        fs::create_dir_all(&self.0)?;
        let waiting = self.list(WAITING)?.len();
        if waiting >= MOST_MESSAGES {
            return Err(SpoolError::Full(waiting));
        }
        let id = MessageId(crate::crypto::random::make_array()?);
        let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(self.path(id, WAITING)).map_err(|error| error.error)?;
        File::open(&self.0)?.sync_all()?;
        Ok(id)
    }

    /// Claims every message: those of a run that was killed first. Files that are no messages are left alone.
    ///
    /// # Errors
    /// [`SpoolError::Io`].
    pub fn take(&self) -> Result<Vec<Message>, SpoolError> {
        let mut taken = Vec::new();
        for id in self.list(CLAIMED)? {
            taken.extend(self.read(id)?.map(|bytes| Message { id, bytes, again: true }));
        }
        for id in self.list(WAITING)?.into_iter().take(MOST_MESSAGES) {
            match fs::rename(self.path(id, WAITING), self.path(id, CLAIMED)) {
                Ok(()) => taken.extend(self.read(id)?.map(|bytes| Message { id, bytes, again: false })),
                // Somebody else claimed it in between.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        if !taken.is_empty() {
            File::open(&self.0)?.sync_all()?;
        }
        Ok(taken)
    }

    /// Says that a message was dealt with; it is not handed out again.
    ///
    /// # Errors
    /// [`SpoolError::Io`].
    pub fn done(&self, id: MessageId) -> Result<(), SpoolError> {
        match fs::remove_file(self.path(id, CLAIMED)) {
            Ok(()) => Ok(File::open(&self.0)?.sync_all()?),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a claimed message; one that is too large is cut off, and is then nothing that anybody understands.
    fn read(&self, id: MessageId) -> Result<Option<Vec<u8>>, SpoolError> {
        match File::open(self.path(id, CLAIMED)) {
            Ok(file) => {
                let mut bytes = Vec::new();
                file.take(MOST_BYTES as u64).read_to_end(&mut bytes)?;
                Ok(Some(bytes))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn list(&self, end: &str) -> Result<Vec<MessageId>, SpoolError> {
        let files = match fs::read_dir(&self.0) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut found = Vec::new();
        for file in files {
            found.extend(named(&file?.path(), end));
        }
        found.sort();
        Ok(found)
    }

    fn path(&self, id: MessageId, end: &str) -> PathBuf {
        self.0.join(format!("{id}.{end}"))
    }
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::str::FromStr for MessageId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        crate::device::parse_hex16(text).map(Self).ok_or(IdError)
    }
}

fn named(path: &Path, end: &str) -> Option<MessageId> {
    let ours = path.extension().is_some_and(|found| found == end);
    ours.then(|| path.file_stem()?.to_str()?.parse().ok())?
}

impl From<std::io::Error> for SpoolError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool() -> (tempfile::TempDir, Spool) {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::new(folder.path().join("in"));
        (folder, spool)
    }

    #[test]
    fn a_message_is_taken_once_and_never_again_after_it_was_done() {
        let (_folder, spool) = spool();
        let id = spool.leave(b"two ids").unwrap();
        let taken = spool.take().unwrap();
        assert_eq!(taken, [Message { id, bytes: b"two ids".to_vec(), again: false }]);
        spool.done(id).unwrap();
        assert_eq!(spool.take().unwrap(), []);
        spool.done(id).unwrap();
    }

    #[test]
    fn a_claim_of_a_killed_app_is_handed_out_again_and_says_so() {
        let (_folder, spool) = spool();
        let first = spool.leave(b"first").unwrap();
        spool.take().unwrap();
        let second = spool.leave(b"second").unwrap();
        let again: Vec<(MessageId, bool)> = spool.take().unwrap().iter().map(|m| (m.id, m.again)).collect();
        assert_eq!(again, [(first, true), (second, false)]);
    }

    #[test]
    fn four_takers_get_each_message_once() {
        let (_folder, spool) = spool();
        let left: Vec<MessageId> = (0..100u8).map(|n| spool.leave(&[n]).unwrap()).collect();
        let fresh: Vec<MessageId> = std::thread::scope(|scope| {
            let takers: Vec<_> = (0..4).map(|_| scope.spawn(|| spool.take().unwrap())).collect();
            let taken = takers.into_iter().flat_map(|taker| taker.join().unwrap());
            taken.filter(|message| !message.again).map(|message| message.id).collect()
        });
        assert_eq!(fresh.len(), 100);
        assert!(left.iter().all(|id| fresh.contains(id)));
    }

    #[test]
    fn what_is_no_message_is_left_alone_and_what_is_too_large_is_not_taken_whole() {
        let (_folder, spool) = spool();
        assert_eq!(spool.leave(&vec![0; MOST_BYTES + 1]), Err(SpoolError::TooLarge(MOST_BYTES + 1)));
        let id = spool.leave(b"x").unwrap();
        fs::write(spool.0.join("not-a-name.msg"), b"?").unwrap();
        fs::write(spool.0.join("0123.tmp"), b"half").unwrap();
        fs::write(spool.path(id, WAITING), vec![7; 1_000_000]).unwrap();
        let taken = spool.take().unwrap();
        assert_eq!((taken.len(), taken[0].bytes.len()), (1, MOST_BYTES));
        assert!(spool.0.join("not-a-name.msg").exists());
    }

    #[test]
    fn nobody_fills_the_disk() {
        let (_folder, spool) = spool();
        for _ in 0..MOST_MESSAGES {
            spool.leave(b"x").unwrap();
        }
        assert_eq!(spool.leave(b"x"), Err(SpoolError::Full(MOST_MESSAGES)));
    }
}
