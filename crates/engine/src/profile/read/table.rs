//! Reads a CSV file that is next to a profile.

use std::sync::Arc;

use assay_suite::source::{Diagnostic, Diagnostics, Located, Place, SourceFile, closest};

use super::sources::Sources;

/// A CSV file: its first line names the columns.
pub(super) struct Table {
    /// The path of the file.
    path: String,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The other lines.
    pub rows: Vec<Located<Vec<String>>>,
}

pub(super) fn read(name: &Located<String>, sources: Sources<'_>, mistakes: &mut Diagnostics) -> Option<Table> {
    let folder = sources.file.path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let path = format!("{folder}{}", name.value);
    let Some(file) = sources.documents.get(&path) else {
        let others = sources.documents.below(&folder).filter_map(|file| file.path.strip_prefix(&folder));
        let near = closest(&name.value, others.filter(|name| name.ends_with(".csv")).collect::<Vec<_>>());
        let help = near.map_or("put the CSV file next to the profile that names it".to_owned(), |near| {
            format!("did you mean `{near}`?")
        });
        mistakes.add(Diagnostic::error(&name.place, format!("there is no {path}")).help(help));
        return None;
    };
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(file.text.as_bytes());
    let columns = reader.headers().map(|row| row.iter().map(str::to_owned).collect());
    let mut rows = Vec::new();
    let read = columns.and_then(|columns| {
        for row in reader.records() {
            let row = row?;
            rows.push(Located { value: row.iter().map(str::to_owned).collect(), place: line_at(file, row.position()) });
        }
        Ok(columns)
    });
    match read {
        Ok(columns) => Some(Table { path, columns, rows }),
        Err(error) => {
            let place = line_at(file, error.position());
            mistakes.add(match error.kind() {
                csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                    let message = format!("this line has {len} cells, and the first has {expected_len}");
                    Diagnostic::error(&place, message).help("leave a cell empty, but keep its comma")
                }
                _ => Diagnostic::error(&place, format!("this is not CSV: {error}"))
                    .help("separate cells by commas, and put text that holds commas in double quotes"),
            });
            None
        }
    }
}

/// The line of a position, which the reader gives as the end of the line before: comments and empty lines may follow.
fn line_at(file: &Arc<SourceFile>, position: Option<&csv::Position>) -> Place {
    let Some(position) = position else { return Place::start_of(file) };
    let (mut line, mut start) = (position.line(), usize::try_from(position.byte()).unwrap_or(usize::MAX));
    let rest = file.text.get(start..).unwrap_or_default();
    let unread = rest.split_inclusive('\n').take_while(|text| text.trim().is_empty() || text.starts_with('#'));
    for text in unread {
        (line, start) = (line + 1, start + text.len());
    }
    Place::line_at(file, u32::try_from(line).unwrap_or(u32::MAX), start)
}

impl Table {
    /// Where a column is in each line; the place is where it is asked for.
    pub fn column(&self, name: &str, place: &Place, mistakes: &mut Diagnostics) -> Option<usize> {
        let found = self.columns.iter().position(|column| column == name);
        if found.is_none() {
            // Of a name of two letters everything is near.
            let near = closest(name, self.columns.iter().map(String::as_str)).filter(|_| name.len() > 2);
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => match self.columns.as_slice() {
                    [only] if only.contains([';', '\t']) => "separate cells by commas".to_owned(),
                    [] => "its first line names its columns: at,operation".to_owned(),
                    columns => format!("its columns are: {}; the first line names them", columns.join(", ")),
                },
            };
            let mistake = Diagnostic::error(place, format!("{} has no column `{name}`", self.path));
            mistakes.add(mistake.help(help));
        }
        found
    }
}
