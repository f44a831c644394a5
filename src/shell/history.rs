//! The lines of earlier sessions: a file of its user alone.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::files::{self, private};
use crate::output::stderr;

/// So many lines are kept.
pub(super) const MOST_LINES: usize = 1_000;
/// A longer line is not kept, in bytes.
const LONGEST_LINE: usize = 4_096;

/// The file, where there is a place for it.
pub(super) struct HistoryFile {
    path: Option<PathBuf>,
}

impl HistoryFile {
    /// In the user's state folder (XDG Base Directory Specification 0.8).
    pub fn of(environment: &dyn Fn(&str) -> Option<String>) -> Self {
        let folder = |name: &str| environment(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let state = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")));
        Self { path: state.map(|state| state.join("assay/history")) }
    }

    /// The lines that are kept, the oldest first.
    pub fn read(&mut self) -> Vec<String> {
        let Some(path) = &self.path else { return Vec::new() };
        let bytes = match files::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                self.give_up(&error);
                return Vec::new();
            }
        };
        let text = String::from_utf8_lossy(&bytes);
        let all: Vec<_> = text.lines().filter(|line| is_fit(line)).map(str::to_owned).collect();
        let kept = all[all.len().saturating_sub(MOST_LINES)..].to_vec();
        if kept.len() < text.lines().count()
            && let Err(error) = rewrite(path, &kept)
        {
            self.give_up(&error);
        }
        kept
    }

    /// Keeps a line.
    pub fn add(&mut self, line: &str) {
        let Some(path) = self.path.as_ref().filter(|_| is_fit(line)) else { return };
        if let Err(error) = append(path, line) {
            self.give_up(&error);
        }
    }

    /// Says once why no lines are kept.
    fn give_up(&mut self, error: &io::Error) {
        if let Some(path) = self.path.take() {
            stderr!("warning: lines are not kept in {}: {error}", path.display());
        }
    }
}

fn is_fit(line: &str) -> bool {
    !line.is_empty() && line.len() <= LONGEST_LINE && !line.chars().any(char::is_control)
}

fn append(path: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        make_private(folder)?;
    }
    files::check_regular(path)?;
    let mut options = private();
    let mut file = options.append(true).open(path)?;
    keep_private(&file)?;
    file.write_all(format!("{line}\n").as_bytes())
}

/// Leaves nothing but these lines.
fn rewrite(path: &Path, lines: &[String]) -> io::Result<()> {
    let partial = path.with_extension(format!("{}", std::process::id()));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let mut options = private();
    let written =
        options.create_new(true).write(true).open(&partial).and_then(|mut file| file.write_all(text.as_bytes()));
    written.and_then(|()| fs::rename(&partial, path)).inspect_err(|_| {
        // What is half written is of no use; it may not be there.
        let _ = fs::remove_file(&partial);
    })
}

/// A file that was there may be open to others.
fn keep_private(file: &fs::File) -> io::Result<()> {
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &Path) -> HistoryFile {
        let state = folder.to_str().unwrap().to_owned();
        HistoryFile::of(&move |name| (name == "XDG_STATE_HOME").then(|| state.clone()))
    }

    #[test]
    fn lines_are_kept_for_their_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert!(file(folder.path()).read().is_empty());
        file(folder.path()).add("listZones");
        let path = folder.path().join("assay/history");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            file(folder.path()).add("listVolumes");
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        file(folder.path()).add("a\u{1b}[31m");
        assert_eq!(file(folder.path()).read(), ["listZones", "listVolumes"]);
    }

    #[test]
    fn no_more_than_the_latest_lines_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("assay")).unwrap();
        let many: String = (0..MOST_LINES + 5).map(|number| format!("line {number}\n")).collect();
        let path = folder.path().join("assay/history");
        fs::write(&path, many).unwrap();
        let read = file(folder.path()).read();
        assert_eq!((read.len(), read[0].as_str()), (MOST_LINES, "line 5"));
        assert_eq!(fs::read_to_string(path).unwrap().lines().count(), MOST_LINES);
    }

    #[test]
    fn without_a_home_nothing_is_kept() {
        let mut nowhere = HistoryFile::of(&|_| None);
        nowhere.add("listZones");
        assert!(nowhere.read().is_empty());
        assert!(HistoryFile::of(&|_| Some("relative".to_owned())).path.is_none());
    }
}
