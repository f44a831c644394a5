//! The counts of a histogram as bytes: those of `HdrHistogram`'s V2 encoding, read without its array of all buckets, which is
//! a hundred times as long as what a second of a load run has.
//!
//! One number after another, each in groups of seven bits (LEB128, the ninth byte whole) with its sign in the lowest bit: a
//! count, or, if it is negative, how many buckets in a row hold nothing.

use std::cell::RefCell;

use flate2::{Decompress, FlushDecompress, Status};

use super::bucket::{Bucket, DIGITS, LONGEST, LONGEST_ENCODING, MOST, NotAHistogram, nanos};

/// What the encodings begin with: of the counts, and of the same deflated.
const COOKIE: u32 = 0x1c84_9313;
const COOKIE_DEFLATED: u32 = 0x1c84_9314;
/// The cookie, and how many bytes follow.
const OUTER: usize = 8;
/// The same, and what the counts are to be read by.
const HEADER: usize = 40;
/// Each power of two has so many buckets, the first twice as many.
const HALF: u64 = 1 << HALF_BITS;
const HALF_BITS: u32 = 10;
/// The place of the byte of a number that is a whole one.
const LAST: u32 = 8;

/// Counts that can be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Packed(Box<[u8]>);

impl Packed {
    /// Buckets in order.
    pub fn new(buckets: impl Iterator<Item = Bucket>) -> Self {
        let (mut bytes, mut next) = (Vec::new(), 0);
        for bucket in buckets {
            let index = index_of(bucket.highest);
            match index.saturating_sub(next) {
                0 => {}
                1 => write(&mut bytes, 0),
                empty => write(&mut bytes, (empty << 1) - 1),
            }
            write(&mut bytes, bucket.count.min(u64::MAX >> 1) << 1);
            next = index + 1;
        }
        Self(bytes.into_boxed_slice())
    }

    /// The counts of an encoding that is deflated.
    pub fn decode(bytes: &[u8]) -> Result<Self, NotAHistogram> {
        let no = |why: &str| NotAHistogram(why.to_owned());
        let (outer, deflated) = bytes.split_at_checked(OUTER).ok_or_else(|| no("it is too short"))?;
        if number(outer, 0) != COOKIE_DEFLATED {
            return Err(no("it does not begin as one"));
        }
        let inflated = inflated(deflated)?;
        let (header, rest) = inflated.split_at_checked(HEADER).ok_or_else(|| no("it is too short"))?;
        if number(header, 0) != COOKIE {
            return Err(no("what is deflated does not begin as one"));
        }
        if number(header, 4) > LONGEST_ENCODING {
            return Err(no("it is longer than one of a load run can be"));
        }
        let low = u64::from(number(header, 16)) << 32 | u64::from(number(header, 20));
        let ratio = u64::from(number(header, 32)) << 32 | u64::from(number(header, 36));
        let (offset, digits) = (number(header, 8), number(header, 12));
        if (offset, digits, low, ratio) != (0, u32::from(DIGITS), 1, 1.0_f64.to_bits()) {
            return Err(no("it has other bounds than those of a load run"));
        }
        let length = usize::try_from(number(header, 4)).unwrap_or(usize::MAX);
        let packed = Self(rest.get(..length).ok_or_else(|| no("it is shorter than it says"))?.into());
        packed.check()?;
        Ok(packed)
    }

    /// The buckets that hold something, the shortest first.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        let (mut bytes, mut index) = (&*self.0, 0_u64);
        std::iter::from_fn(move || {
            // What is read was written here, or checked.
            while let Some(signed) = read(&mut bytes) {
                if is_run(signed) {
                    index += run(signed);
                    continue;
                }
                index += 1;
                if signed > 0 {
                    return Some(bucket(index - 1, signed >> 1));
                }
            }
            None
        })
    }

    fn check(&self) -> Result<(), NotAHistogram> {
        let no = |why: &str| NotAHistogram(why.to_owned());
        let (mut bytes, mut index, mut counted) = (&*self.0, 0_u64, 0_u64);
        // A run of zeros at the end would lead further than that, too.
        let most = index_of(nanos(LONGEST).saturating_mul(2));
        while !bytes.is_empty() {
            let signed = read(&mut bytes).ok_or_else(|| no("its last number is cut off"))?;
            index = index.saturating_add(if is_run(signed) { run(signed) } else { 1 });
            if index > most + 1 {
                return Err(no("it has other bounds than those of a load run"));
            }
            counted = counted.saturating_add(if is_run(signed) { 0 } else { signed >> 1 });
        }
        if counted > MOST {
            return Err(no("it counts more than a load run can"));
        }
        Ok(())
    }
}

/// Whether a number is negative: how many buckets in a row hold nothing.
fn is_run(signed: u64) -> bool {
    signed & 1 == 1
}

fn run(signed: u64) -> u64 {
    (signed >> 1) + 1
}

/// The next number, with its sign in the lowest bit; nothing if there is none, or if it is cut off.
fn read(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for place in 0..=LAST {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if place == LAST {
            return Some(value | u64::from(*byte) << (7 * LAST));
        }
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(value)
}

/// A number with its sign in the lowest bit.
fn write(bytes: &mut Vec<u8>, mut value: u64) {
    for _ in 0..LAST {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            bytes.push(low & 0x7f);
            return;
        }
        bytes.push(low | 0x80);
    }
    let [last, ..] = value.to_le_bytes();
    bytes.push(last);
}

pub(super) fn bucket(index: u64, count: u64) -> Bucket {
    let (shift, place) = match index >> HALF_BITS {
        0 => (0, index),
        half => (half - 1, index % HALF + HALF),
    };
    let lowest = place << shift;
    Bucket { lowest, highest: lowest + (1 << shift) - 1, count }
}

pub(super) fn index_of(nanos: u64) -> u64 {
    // How many times a duration is halved until it is one of the first buckets.
    let shift = u64::BITS - (nanos | (2 * HALF - 1)).leading_zeros() - (HALF_BITS + 1);
    (u64::from(shift) << HALF_BITS) + (nanos >> shift)
}

/// Four bytes of a header as a number.
fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
}

thread_local! {
    /// It is large, and a record has thousands of short texts for it.
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(true));
}

fn inflated(deflated: &[u8]) -> Result<Vec<u8>, NotAHistogram> {
    /// What a second of a load run has takes less.
    const USUAL: usize = 4096;
    let no = |why: String| NotAHistogram(why);
    INFLATER.with_borrow_mut(|inflater| {
        inflater.reset(true);
        let mut inflated = Vec::with_capacity(USUAL);
        loop {
            let before = (inflater.total_in(), inflater.total_out());
            let done = usize::try_from(before.0).unwrap_or(usize::MAX);
            let rest = deflated.get(done..).unwrap_or_default();
            // To finish at once all would have to fit.
            let status = inflater.decompress_vec(rest, &mut inflated, FlushDecompress::None);
            match status.map_err(|error| no(error.to_string()))? {
                Status::StreamEnd => return Ok(inflated),
                _ if inflated.len() > HEADER + LONGEST_ENCODING as usize => {
                    return Err(no("it is longer than one of a load run can be".to_owned()));
                }
                _ if inflated.len() == inflated.capacity() => inflated.reserve(inflated.capacity()),
                _ if (inflater.total_in(), inflater.total_out()) == before => {
                    return Err(no("it is cut off".to_owned()));
                }
                _ => {}
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_those_of_the_library() {
        let library = super::super::empty();
        let values =
            (0..39).flat_map(|power| [1_u64 << power, (1 << power) + 1, (1 << power) * 3 / 2, (2 << power) - 1]);
        for value in values {
            let found = bucket(index_of(value), 1);
            assert!(found.lowest <= value && value <= found.highest, "{value}: {found:?}");
            let expected = (library.lowest_equivalent(value), library.highest_equivalent(value));
            assert_eq!((found.lowest, found.highest), expected, "{value}");
        }
    }

    #[test]
    fn numbers_of_any_length_are_read_as_they_were_written() {
        for value in (0..64).map(|bits| (1_u64 << bits) - 1) {
            let mut bytes = Vec::new();
            write(&mut bytes, value);
            let mut left = bytes.as_slice();
            assert_eq!((read(&mut left), left.is_empty()), (Some(value), true));
            assert_eq!(read(&mut &bytes[..bytes.len() - 1]), None);
        }
        assert_eq!(read(&mut [0xff; 9].as_slice()), Some(u64::MAX));
    }

    #[test]
    fn an_encoding_that_is_longer_than_it_can_be_is_refused() {
        let counts = [&COOKIE.to_be_bytes()[..], &u32::MAX.to_be_bytes(), &[0; 32]].concat();
        let mut deflated = Vec::with_capacity(128);
        let mut deflater = flate2::Compress::new(flate2::Compression::fast(), true);
        deflater.compress_vec(&counts, &mut deflated, flate2::FlushCompress::Finish).unwrap();
        let encoded = [&COOKIE_DEFLATED.to_be_bytes()[..], &[0; 4], &deflated].concat();
        let refused = Packed::decode(&encoded).unwrap_err().to_string();
        assert!(refused.contains("longer than one of a load run"), "{refused}");
        // Cut off anywhere it is refused, too.
        assert!((0..encoded.len()).all(|end| Packed::decode(&encoded[..end]).is_err()));
    }

    #[test]
    fn a_run_that_leads_too_far_is_refused() {
        let mut bytes = Vec::new();
        write(&mut bytes, (1 << 40) | 1);
        assert!(Packed(bytes.into()).check().is_err());
    }
}
