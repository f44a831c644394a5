//! Laws: what anybody expects of an API that keeps things, whatever its document says. They become cases of every operation that
//! they fit.

mod law;
mod lists;
mod maker;
mod refused;
mod request;
mod resource;
mod steps;
mod strangers;
mod things;
mod unknown;
mod updates;

use assay_schema::Schemas;
use assay_suite::Suite;

use super::document::Written;

pub use law::{Law, LawName};
use maker::Maker;

/// Adds the cases of the laws for a suite.
pub(crate) fn add(suite: &Suite, schemas: &Schemas, written: &mut Written) {
    let owned = strangers::variables_owned(suite, written);
    let laws = std::mem::take(&mut written.laws);
    for law in &laws {
        let maker = Maker { suite, schemas, law, owned: &owned };
        written.scenarios.extend(maker.scenarios());
    }
    written.laws = laws;
}
