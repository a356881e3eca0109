//! A disk that loses power: what was synced is there; of the rest, some sectors and some names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::trace::Call;

/// What a disk writes in one piece.
const SECTOR: u64 = 512;
/// How likely an unsynced sector is on the disk: one of these for each image.
const CHANCES: [f64; 6] = [0.0, 0.1, 0.5, 0.9, 0.99, 1.0];

/// The files below one folder.
pub struct Disk {
    files: Vec<File>,
    /// What every name means to a process now.
    names: BTreeMap<PathBuf, usize>,
    /// What every name means on the disk for certain.
    kept: BTreeMap<PathBuf, usize>,
    folders: BTreeSet<PathBuf>,
    /// For each folder, what happened to its names since it was synced, in order.
    loose: BTreeMap<PathBuf, Vec<Change>>,
}

/// A file's bytes for certain, and what was done to them since.
#[derive(Default)]
struct File {
    kept: Vec<u8>,
    now: Vec<u8>,
    loose: Vec<Loose>,
}

enum Loose {
    Write { at: u64, bytes: Vec<u8> },
    Truncate(u64),
}

#[derive(Clone)]
enum Change {
    Put(PathBuf, usize),
    Remove(PathBuf),
    /// In one step.
    Move(PathBuf, PathBuf, usize),
}

impl Disk {
    /// Takes what is below `root` as kept.
    pub fn of(root: &Path) -> std::io::Result<Self> {
        let mut disk = Self {
            files: Vec::new(),
            names: BTreeMap::new(),
            kept: BTreeMap::new(),
            folders: BTreeSet::new(),
            loose: BTreeMap::new(),
        };
        disk.walk(root)?;
        Ok(disk)
    }

    fn walk(&mut self, folder: &Path) -> std::io::Result<()> {
        self.folders.insert(folder.to_owned());
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.walk(&path)?;
            } else {
                let bytes = fs::read(&path)?;
                self.files.push(File { kept: bytes.clone(), now: bytes, loose: Vec::new() });
                self.names.insert(path.clone(), self.files.len() - 1);
                self.kept.insert(path, self.files.len() - 1);
            }
        }
        Ok(())
    }

    /// Does what the call did.
    pub fn take(&mut self, call: &Call) {
        match call {
            Call::Create(path) => {
                if !self.names.contains_key(path) && !self.folders.contains(path) {
                    self.files.push(File::default());
                    let file = self.files.len() - 1;
                    self.names.insert(path.clone(), file);
                    self.change(path, Change::Put(path.clone(), file));
                }
            }
            Call::Truncate(path, length) => {
                if let Some(file) = self.file(path) {
                    apply(&mut file.now, &Loose::Truncate(*length));
                    file.loose.push(Loose::Truncate(*length));
                }
            }
            Call::Write(path, at, bytes) => {
                if let Some(file) = self.file(path) {
                    let loose = Loose::Write { at: *at, bytes: bytes.clone() };
                    apply(&mut file.now, &loose);
                    file.loose.push(loose);
                }
            }
            Call::Sync(path) if self.folders.contains(path) => {
                for change in self.loose.remove(path).unwrap_or_default() {
                    change.apply(&mut self.kept);
                }
            }
            Call::Sync(path) => {
                if let Some(file) = self.file(path) {
                    file.kept.clone_from(&file.now);
                    file.loose.clear();
                }
            }
            Call::Rename(from, to) => {
                if let Some(file) = self.names.remove(from) {
                    self.names.insert(to.clone(), file);
                    self.change(to, Change::Move(from.clone(), to.clone(), file));
                }
            }
            Call::Unlink(path) => {
                if self.names.remove(path).is_some() {
                    self.change(path, Change::Remove(path.clone()));
                }
            }
            // A folder is kept at once: nothing of ours depends on when.
            Call::MakeFolder(path) => drop(self.folders.insert(path.clone())),
            Call::Say(_) => {}
        }
    }

    /// Tells whether the database in `folder` and its log are on the disk as they are now.
    pub fn is_synced(&self, folder: &Path) -> bool {
        ["vault.db", "vault.db-wal"].iter().all(|name| {
            let file = self.names.get(&folder.join(name)).and_then(|file| self.files.get(*file));
            file.is_none_or(|file| {
                // A log that was emptied needs no sync: its old frames say less than the file, and never more.
                let since = file.loose.iter().rev().take_while(|loose| !matches!(loose, Loose::Truncate(0)));
                since.into_iter().all(|loose| matches!(loose, Loose::Truncate(_)))
            })
        })
    }

    /// Writes what may be on the disk after the power went now, to `image` instead of `root`.
    pub fn write_image(&self, root: &Path, image: &Path, random: &mut fastrand::Rng) -> std::io::Result<()> {
        let mut names = self.kept.clone();
        for changes in self.loose.values() {
            // A folder's names change in their order: some of the first are kept.
            for change in changes.iter().take(random.usize(..=changes.len())) {
                change.apply(&mut names);
            }
        }
        let moved = |path: &Path| image.join(path.strip_prefix(root).unwrap_or(path));
        for folder in &self.folders {
            fs::create_dir_all(moved(folder))?;
        }
        // SQLite's index of the log is memory that processes share; after a start it is made anew.
        for (path, file) in names.iter().filter(|(path, _)| !path.ends_with("vault.db-shm")) {
            fs::write(moved(path), self.files[*file].after_power_loss(random))?;
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Option<&mut File> {
        self.names.get(path).and_then(|file| self.files.get_mut(*file))
    }

    fn change(&mut self, path: &Path, change: Change) {
        if let Some(folder) = path.parent() {
            self.loose.entry(folder.to_owned()).or_default().push(change);
        }
    }
}

impl Change {
    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Put(path, file) => {
                names.insert(path.clone(), *file);
            }
            Self::Remove(path) => {
                names.remove(path);
            }
            Self::Move(from, to, file) => {
                names.remove(from);
                names.insert(to.clone(), *file);
            }
        }
    }
}

impl File {
    /// Returns the kept bytes with some of the loose sectors.
    fn after_power_loss(&self, random: &mut fastrand::Rng) -> Vec<u8> {
        let mut bytes = self.kept.clone();
        let chance = CHANCES[random.usize(..CHANCES.len())];
        for loose in &self.loose {
            match loose {
                Loose::Truncate(_) => {
                    if random.f64() < chance {
                        apply(&mut bytes, loose);
                    }
                }
                Loose::Write { at, bytes: written } => {
                    let (mut from, end) = (*at, at + written.len() as u64);
                    while from < end {
                        let to = end.min((from / SECTOR + 1) * SECTOR);
                        if random.f64() < chance {
                            let piece = &written[(from - at) as usize..(to - at) as usize];
                            put(&mut bytes, from, piece);
                        }
                        from = to;
                    }
                }
            }
        }
        bytes
    }
}

fn apply(bytes: &mut Vec<u8>, loose: &Loose) {
    match loose {
        Loose::Truncate(length) => bytes.resize(*length as usize, 0),
        Loose::Write { at, bytes: written } => put(bytes, *at, written),
    }
}

fn put(bytes: &mut Vec<u8>, at: u64, written: &[u8]) {
    let (from, to) = (at as usize, at as usize + written.len());
    if bytes.len() < to {
        bytes.resize(to, 0);
    }
    bytes[from..to].copy_from_slice(written);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(calls: &[Call]) -> BTreeSet<Vec<(String, Vec<u8>)>> {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("root");
        fs::create_dir(&root).expect("a folder");
        let mut disk = Disk::of(&root).expect("an empty folder");
        let below = |path: &Path| root.join(path.strip_prefix("/r").unwrap_or(path));
        for call in calls {
            disk.take(&match call {
                Call::Create(path) => Call::Create(below(path)),
                Call::Truncate(path, length) => Call::Truncate(below(path), *length),
                Call::Write(path, at, bytes) => Call::Write(below(path), *at, bytes.clone()),
                Call::Sync(path) => Call::Sync(below(path)),
                Call::Rename(from, to) => Call::Rename(below(from), below(to)),
                Call::Unlink(path) => Call::Unlink(below(path)),
                Call::MakeFolder(path) => Call::MakeFolder(below(path)),
                Call::Say(text) => Call::Say(text.clone()),
            });
        }
        let mut random = fastrand::Rng::with_seed(1);
        let image = folder.path().join("image");
        (0..200)
            .map(|_| {
                disk.write_image(&root, &image, &mut random).expect("an image");
                let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(&image)
                    .expect("a folder")
                    .map(|entry| entry.expect("a file"))
                    .map(|entry| {
                        let name = entry.file_name().to_string_lossy().into_owned();
                        (name, fs::read(entry.path()).expect("a file"))
                    })
                    .collect();
                files.sort();
                fs::remove_dir_all(&image).expect("an image");
                files
            })
            .collect()
    }

    fn file(name: &str, byte: u8, length: usize) -> (String, Vec<u8>) {
        (name.to_owned(), vec![byte; length])
    }

    #[test]
    fn what_was_synced_is_always_there_and_nothing_else_for_certain() {
        let name = || PathBuf::from("/r/a");
        let write = |byte| Call::Write(name(), 0, vec![byte; 1024]);
        let mut calls = vec![Call::Create(name()), write(1), Call::Sync(name()), Call::Sync("/r".into())];
        assert_eq!(images(&calls), BTreeSet::from([vec![file("a", 1, 1024)]]));
        calls.push(write(2));
        let seen = images(&calls);
        // Two sectors, each old or new.
        assert_eq!(seen.len(), 4);
        assert!(seen.contains(&vec![file("a", 1, 1024)]) && seen.contains(&vec![file("a", 2, 1024)]));
    }

    #[test]
    fn a_name_without_its_folder_synced_may_be_missing_and_a_replacement_is_one_step() {
        let (a, b) = (|| PathBuf::from("/r/a"), || PathBuf::from("/r/b"));
        let mut calls = vec![Call::Create(a()), Call::Write(a(), 0, vec![1]), Call::Sync(a())];
        assert_eq!(images(&calls), BTreeSet::from([vec![], vec![file("a", 1, 1)]]));
        calls.extend([Call::Sync("/r".into()), Call::Create(b()), Call::Write(b(), 0, vec![2])]);
        calls.extend([Call::Sync(b()), Call::Rename(b(), a())]);
        let seen = images(&calls);
        assert!(seen.iter().all(|files| files.iter().any(|(name, _)| name == "a")), "{seen:?}");
        assert!(seen.contains(&vec![file("a", 2, 1)]) && seen.contains(&vec![file("a", 1, 1)]));
    }
}
