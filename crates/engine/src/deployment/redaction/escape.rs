//! One escape: what it means, and how long it is.

/// What an escape means, and how long it is.
pub(super) struct Escape {
    pub decoded: Decoded,
    pub length: usize,
}

pub(super) enum Decoded {
    Byte(u8),
    Character(char),
}

impl Escape {
    pub fn of(number: u32, length: usize) -> Option<Self> {
        char::from_u32(number).map(|character| Self { decoded: Decoded::Character(character), length })
    }
}

/// The number that hexadecimal digits write.
pub(super) fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}
