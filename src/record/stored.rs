//! How a record lies in its folder: as it is written while its run goes on, and compressed afterwards if it is long.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::files;

/// The name of a record in its folder, and what is added to it when it is compressed.
const FILE: &str = "run.jsonl";
const COMPRESSED: &str = ".zst";
/// A compressed record that is not whole yet has this at its end.
const PARTIAL: &str = ".part";

/// A record that is longer is compressed once its run is over, in bytes: shorter ones are left to `grep` and `jq`.
const SHORT: u64 = 8 << 20;
/// The most that a compressed record may hold, in bytes: a small file could unpack without end.
const LONGEST: u64 = 4 << 30;
/// What a zstd frame begins with (RFC 8878, 3.1.1).
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// More would take longer than the run's reports, for a few percent.
const LEVEL: i32 = 3;

/// Where a run writes its record in a folder.
pub fn new_in(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// The record in a folder. What is not compressed counts: it may have been gone on with.
pub fn in_folder(folder: &Path) -> PathBuf {
    let path = folder.join(FILE);
    let compressed = with(&path, COMPRESSED);
    if !path.exists() && compressed.exists() { compressed } else { path }
}

/// Removes what an earlier run, that a new one takes the place of, left compressed.
pub fn remove_compressed(folder: &Path) -> io::Result<()> {
    let compressed = with(&folder.join(FILE), COMPRESSED);
    [with(&compressed, PARTIAL), compressed].iter().try_for_each(|path| match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    })
}

/// Reads a record, compressed or not.
pub fn read(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut input = BufReader::new(files::open(path)?);
    if !begins_compressed(&mut input)? {
        return Ok(Box::new(input));
    }
    let content = zstd::Decoder::with_buffer(input)?;
    Ok(Box::new(BufReader::new(Bounded { content, left: LONGEST })))
}

/// Whether a record is compressed.
pub fn is_compressed(path: &Path) -> io::Result<bool> {
    begins_compressed(&mut BufReader::new(files::open(path)?))
}

fn begins_compressed(input: &mut BufReader<File>) -> io::Result<bool> {
    Ok(input.fill_buf()?.starts_with(&MAGIC))
}

/// Compresses a record if it is long. It is there, in one form or the other, at every moment.
pub fn compress_if_long(path: &Path) -> io::Result<()> {
    let content = files::open(path)?;
    if content.metadata()?.len() <= SHORT {
        return Ok(());
    }
    let compressed = with(path, COMPRESSED);
    replace(&compressed, |out| {
        let mut encoder = zstd::Encoder::new(out, LEVEL)?;
        encoder.include_checksum(true)?;
        io::copy(&mut BufReader::new(content), &mut encoder)?;
        encoder.finish()
    })?;
    fs::remove_file(path)
}

/// Unpacks a record that is to be gone on with, and returns where it is then.
pub fn expanded(path: &Path) -> io::Result<PathBuf> {
    if !is_compressed(path)? {
        return Ok(path.to_owned());
    }
    let name = path.to_string_lossy();
    let expanded = PathBuf::from(name.strip_suffix(COMPRESSED).map_or_else(|| format!("{name}.jsonl"), str::to_owned));
    let mut content = read(path)?;
    replace(&expanded, |mut out| io::copy(&mut content, &mut out).map(|_| out))?;
    fs::remove_file(path)?;
    Ok(expanded)
}

/// Writes a file next to its place, and puts it there when it is whole and on the disk.
fn replace(path: &Path, write: impl FnOnce(File) -> io::Result<File>) -> io::Result<()> {
    let partial = with(path, PARTIAL);
    let file = files::private().write(true).truncate(true).open(&partial)?;
    let written = write(file).and_then(|file| file.sync_data()).and_then(|()| fs::rename(&partial, path));
    written.inspect_err(|_| drop(fs::remove_file(&partial)))
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// What a compressed record holds, up to a bound.
struct Bounded<R> {
    content: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            let message = format!("it unpacks to more than {} GiB, the most that a record may hold", LONGEST >> 30);
            io::Error::new(io::ErrorKind::FileTooLarge, message)
        })?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(folder: &Path, bytes: u64) -> PathBuf {
        let path = new_in(folder);
        let line = format!("{{\"event\":\"{}\"}}\n", "x".repeat(1 << 10));
        fs::write(&path, line.repeat(usize::try_from(bytes).unwrap() / line.len() + 1)).unwrap();
        path
    }

    fn content(path: &Path) -> String {
        let mut text = String::new();
        read(path).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_long_record_is_compressed_and_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = record(folder.path(), SHORT);
        let written = content(&path);
        compress_if_long(&path).unwrap();
        let stored = in_folder(folder.path());
        assert_eq!(stored.file_name().unwrap(), "run.jsonl.zst");
        assert!(!path.exists() && stored.metadata().unwrap().len() < SHORT / 10);
        assert_eq!(content(&stored), written);
        assert_eq!(expanded(&stored).unwrap(), path);
        assert!(!stored.exists() && content(&path) == written);
    }

    #[test]
    fn a_short_record_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = record(folder.path(), SHORT / 2);
        compress_if_long(&path).unwrap();
        assert_eq!((in_folder(folder.path()), expanded(&path).unwrap()), (path.clone(), path));
    }

    #[test]
    fn every_changed_byte_of_a_compressed_record_is_found_or_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("record");
        let text = (0..200).map(|number| format!("{{\"number\":{number}}}\n")).collect::<String>();
        let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL).unwrap();
        encoder.include_checksum(true).unwrap();
        io::copy(&mut text.as_bytes(), &mut encoder).unwrap();
        let whole = encoder.finish().unwrap();
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 0x10;
            fs::write(&path, &changed).unwrap();
            let mut found = String::new();
            let read = read(&path).and_then(|mut content| content.read_to_string(&mut found));
            assert!(read.is_err() || found == text || place < MAGIC.len(), "byte {place}");
        }
    }

    #[test]
    fn what_unpacks_without_end_is_refused() {
        let mut bounded = Bounded { content: io::repeat(b'x'), left: 1 << 10 };
        let refused = io::copy(&mut bounded, &mut io::sink()).unwrap_err();
        assert!(refused.to_string().contains("4 GiB"), "{refused}");
    }
}
