//! Records of earlier runs that have still something to remove: they are never overwritten, and they are reported.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::CliError;
use crate::output::stderr;
use crate::record::stored::{in_folder, read};
use assay_formats::record::Survey;

/// The folders that such records are moved to begin with this.
const PREFIX: &str = "unfinished-";
/// So much of a run's name is in the name of its folder.
const RUN_IN_NAME: usize = 8;

/// Moves the record in a folder aside, if it has something to remove, and reports all such records there.
pub(super) fn set_aside(folder: &Path) -> Result<(), CliError> {
    let path = in_folder(folder);
    if let Some(survey) = survey(&path).filter(|survey| survey.open > 0) {
        let aside = free_name(folder, &survey.run);
        let cannot = |error| CliError::could_not(&format!("{} can't be moved aside", path.display()), error);
        fs::create_dir_all(&aside).map_err(cannot)?;
        fs::rename(&path, aside.join(path.file_name().unwrap_or_default())).map_err(cannot)?;
    }
    for aside in all(folder) {
        if let Some(survey) = survey(&in_folder(&aside)).filter(|survey| survey.open > 0) {
            report(&aside, &survey);
        }
    }
    Ok(())
}

fn report(folder: &Path, survey: &Survey) {
    let things = match survey.open {
        1 => "1 thing that it created, or may have created".to_owned(),
        open => format!("{open} things that it created, or may have created"),
    };
    let target = survey.repeat.windows(2).find(|pair| pair[0] == "--target").map_or("reference", |pair| &pair[1]);
    stderr!(
        "warning: an earlier run has not removed {things}; its record is kept in {folder}\n  help: remove them with \
         `assay undo {folder} --target {target}`",
        folder = folder.display()
    );
}

/// What a record has to remove; nothing if there is none. What can't be read to its end may hold something.
fn survey(path: &Path) -> Option<Survey> {
    Survey::of(read(path).ok()?).unwrap_or_else(|_| Some(Survey { open: 1, ..Survey::default() }))
}

/// The folders to which records were moved.
fn all(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    let mut found: Vec<_> = named.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

/// The name of a folder that is not there.
fn free_name(folder: &Path, run: &str) -> PathBuf {
    let run: String = run.chars().filter(char::is_ascii_alphanumeric).take(RUN_IN_NAME).collect();
    let name = folder.join(format!("{PREFIX}{run}"));
    let others = (2_u32..).map(|number| folder.join(format!("{PREFIX}{run}-{number}")));
    std::iter::once(name.clone()).chain(others).find(|path| !path.exists()).unwrap_or(name)
}
