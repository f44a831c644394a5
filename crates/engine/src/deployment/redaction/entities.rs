//! The references to characters of XML and HTML.

use super::escape::{Decoded, Escape, hexadecimal};

/// The names that HTML has for the characters of ASCII that are neither letters nor digits, and for white space.
const NAMED: [(&[u8], u8); 46] = [
    (b"amp", b'&'),
    (b"AMP", b'&'),
    (b"lt", b'<'),
    (b"LT", b'<'),
    (b"gt", b'>'),
    (b"GT", b'>'),
    (b"quot", b'"'),
    (b"QUOT", b'"'),
    (b"apos", b'\''),
    (b"sol", b'/'),
    (b"plus", b'+'),
    (b"equals", b'='),
    (b"colon", b':'),
    (b"semi", b';'),
    (b"comma", b','),
    (b"period", b'.'),
    (b"quest", b'?'),
    (b"excl", b'!'),
    (b"num", b'#'),
    (b"dollar", b'$'),
    (b"percnt", b'%'),
    (b"lpar", b'('),
    (b"rpar", b')'),
    (b"ast", b'*'),
    (b"midast", b'*'),
    (b"commat", b'@'),
    (b"lsqb", b'['),
    (b"lbrack", b'['),
    (b"bsol", b'\\'),
    (b"rsqb", b']'),
    (b"rbrack", b']'),
    (b"Hat", b'^'),
    (b"lowbar", b'_'),
    (b"UnderBar", b'_'),
    (b"grave", b'`'),
    (b"DiacriticalGrave", b'`'),
    (b"lcub", b'{'),
    (b"lbrace", b'{'),
    (b"verbar", b'|'),
    (b"vert", b'|'),
    (b"rcub", b'}'),
    (b"rbrace", b'}'),
    (b"hyphen", b'-'),
    (b"Tab", b'\t'),
    (b"NewLine", b'\n'),
    (b"nbsp", b' '),
];
/// So long is a reference at most; leading zeros make numbers longer than they need to be.
const LONGEST: usize = 24;

/// A reference at the beginning of some bytes.
pub(super) fn entity(rest: &[u8]) -> Option<Escape> {
    let body = rest.get(1..)?;
    if body.first() == Some(&b'#') {
        return number(body.get(1..)?);
    }
    let length = body.iter().take(LONGEST).position(|byte| *byte == b';')?;
    let (_, byte) = NAMED.iter().find(|(name, _)| *name == &body[..length])?;
    Some(Escape { decoded: Decoded::Byte(*byte), length: length + 2 })
}

/// `&#47;` and `&#x2f;`. Readers of HTML take them without the semicolon, too.
fn number(digits: &[u8]) -> Option<Escape> {
    let (prefix, is_digit): (usize, fn(&u8) -> bool) = match digits.first()? {
        b'x' | b'X' => (1, u8::is_ascii_hexdigit),
        _ => (0, u8::is_ascii_digit),
    };
    let digits = &digits[prefix..];
    let count = digits.iter().take(LONGEST).take_while(|byte| is_digit(byte)).count();
    let written = &digits[..count];
    let value = match prefix {
        1 => hexadecimal(written)?,
        _ => std::str::from_utf8(written).ok()?.parse().ok()?,
    };
    let closed = usize::from(digits.get(count) == Some(&b';'));
    Escape::of(value, 2 + prefix + count + closed)
}
