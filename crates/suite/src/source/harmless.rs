//! What a server sent, made fit to be shown: nothing in it can hide, reorder or steer what is around it.

use std::fmt::Write as _;

/// A text of several lines: line ends and tabs stay, every other invisible or steering character is spelt out.
pub fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    escaped(&text, |character| steers(character) && !matches!(character, '\n' | '\t'))
}

/// A text for one line: line ends and tabs are spelt out, too.
pub fn line(text: &str) -> String {
    escaped(text, steers)
}

/// The first `most` bytes of a text, ending between characters, and whether that is less than all of it.
pub fn clipped(text: &str, most: usize) -> (&str, bool) {
    if text.len() <= most {
        return (text, false);
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    (&text[..end], true)
}

/// A text for one line that is not longer than `most` bytes by much.
pub fn short_line(text: &str, most: usize) -> String {
    let (start, clipped) = clipped(text, most);
    let mut line = line(start);
    if clipped {
        line.push('…');
    }
    line
}

/// Spells characters as JSON does, so that a pretty-printed body reads the same all through.
fn escaped(text: &str, spelt_out: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' if spelt_out('\n') => escaped.push_str("\\n"),
            '\t' if spelt_out('\t') => escaped.push_str("\\t"),
            character if spelt_out(character) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a string can't fail.
                    let _ = write!(escaped, "\\u{unit:04x}");
                }
            }
            character => escaped.push(character),
        }
    }
    escaped
}

/// Whether a character controls how others are shown, or can't be seen itself.
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Direction: marks, embeddings, overrides and isolates.
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Without width. Joiners stay: scripts and emoji need them.
            | '\u{00ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
            // Line ends that scripts see and readers don't.
            | '\u{2028}' | '\u{2029}'
            // Annotations, tags, and what XML forbids.
            | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_spelt_out() {
        assert_eq!(lines("a\u{0}b\r\nc\td\u{202e}e\u{1b}[31m"), "a\\u0000b\nc\td\\u202ee\\u001b[31m");
        assert_eq!(line("a\nb\tc\u{e0041}"), "a\\nb\\tc\\udb40\\udc41");
    }

    #[test]
    fn ordinary_text_stays() {
        let text = "日本語, émile, 👩‍💻 and <b>\"quotes\"</b>";
        assert_eq!(line(text), text);
    }

    #[test]
    fn a_clip_ends_between_characters() {
        assert_eq!(clipped("aé", 2), ("a", true));
        assert_eq!(clipped("aé", 3), ("aé", false));
        assert_eq!(short_line("abc", 2), "ab…");
    }
}
