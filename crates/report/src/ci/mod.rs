//! What other programs of continuous integration read: annotations of GitHub, SARIF, CTRF, GitLab's code quality.

mod annotation;
mod ctrf;
mod github;
mod gitlab;
mod sarif;

pub use ctrf::ctrf;
pub use github::github;
pub use gitlab::gitlab;
pub use sarif::sarif;
