//! The checksum of a record's line: the CRC-32 of the text before it, as the last field of the event.

use flate2::Crc;

/// What is between the event and its checksum.
const KEY: &[u8] = b",\"crc32\":\"";
const END: &[u8] = b"\"}";
const DIGITS: usize = 8;

/// The first format whose lines all have a checksum.
const SINCE: u32 = 2;

/// Why a line is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Its text is not that of its checksum.
    #[error("its checksum does not match: it was changed after it was written")]
    Changed,
    /// Every line of its format has a checksum.
    #[error("it has no checksum: it was changed after it was written")]
    Missing,
}

/// Adds its checksum to a line that holds a JSON object.
pub(super) fn add(line: &mut Vec<u8>) {
    line.pop();
    let sum = format!("{:08x}", sum(line));
    line.extend_from_slice(KEY);
    line.extend_from_slice(sum.as_bytes());
    line.extend_from_slice(END);
}

/// Compares a line with its checksum, which only an earlier format may lack.
pub(super) fn check(line: &[u8], format: u32) -> Result<(), Damage> {
    match split(line) {
        Some((text, written)) if format!("{:08x}", sum(text)).as_bytes() != written => Err(Damage::Changed),
        None if format >= SINCE => Err(Damage::Missing),
        _ => Ok(()),
    }
}

/// The text that a checksum is of, and its digits.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.trim_ascii_end().strip_suffix(END)?;
    let (line, digits) = line.split_at_checked(line.len().checked_sub(DIGITS)?)?;
    Some((line.strip_suffix(KEY)?, digits))
}

fn sum(text: &[u8]) -> u32 {
    let mut sum = Crc::new();
    sum.update(text);
    sum.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Vec<u8> {
        let mut line = br#"{"event":"met","case":"a","number":7}"#.to_vec();
        add(&mut line);
        line
    }

    #[test]
    fn a_line_with_a_checksum_is_still_json_and_the_checksum_matches() {
        let line = line();
        let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!((&value["number"], value["crc32"].as_str().unwrap().len()), (&7.into(), 8));
        assert_eq!(check(&line, 2), Ok(()));
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let whole = line();
        for bit in 0..whole.len() * 8 {
            let mut line = whole.clone();
            line[bit / 8] ^= 1 << (bit % 8);
            assert!(check(&line, 2).is_err(), "bit {bit}: {}", String::from_utf8_lossy(&line));
        }
    }

    #[test]
    fn only_lines_of_the_first_format_may_lack_it() {
        let line = br#"{"event":"met","case":"a","number":7}"#;
        assert_eq!((check(line, 1), check(line, 2)), (Ok(()), Err(Damage::Missing)));
    }
}
