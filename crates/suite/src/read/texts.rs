//! Texts without their places.

use crate::source::Located;

pub(super) fn plain(texts: Vec<Located<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}
