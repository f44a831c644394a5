//! What a mutant does to an answer.

/// Which answers of an operation are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Site {
    /// Those to accepted requests.
    Answer,
    /// Those that describe the operation's jobs.
    Job,
    /// Those to refused requests.
    Refusal,
}

/// What a mutant does to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// A field that is always there is not.
    Dropped,
    /// It has another name.
    Renamed,
    /// Its value has another type.
    Retyped,
    /// Its value is null.
    Nulled,
    /// It is there twice, with two values.
    Doubled,
    /// It has none of the documented values.
    Undocumented,
    /// A date is written in another way.
    OtherDate,
    /// A value that has a documented form has another.
    Malformed,
    /// A text that says something says nothing.
    Blank,
    /// A number is below its least.
    BelowLeast,
    /// What the request said comes back as something else.
    EchoChanged,
    /// The id by which a thing is asked for is of something else.
    OtherId,
    /// A page lacks its last item.
    LostFromPage,
    /// A later page begins with the first item of the list.
    RepeatedAcrossPages,
    /// An item of a page is swapped for one that the list does not have.
    SwappedOnPage,
    /// A full page has one item more.
    LongPage,
    /// The page after the last has the items of the last.
    PastEndRepeated,
    /// The count is one too high.
    WrongCount,
    /// The count of a page is that of its items, where the whole list is to be counted.
    PageCount,
    /// A filter changes nothing.
    FilterIgnored,
    /// What is accepted is answered as a failure of the server.
    Failed,
    /// What must be accepted is refused.
    Refused,
    /// What succeeds has another status of success than the documented ones.
    OtherSuccess,
    /// What is refused is answered as a failure of the server.
    RefusalFailed,
    /// What must be refused is answered as if it had been carried out.
    Accepted,
    /// What is around the answer has another name.
    OtherEnvelope,
    /// Nothing is around the answer.
    NoEnvelope,
    /// Something is around the answer.
    NewEnvelope,
    /// JSON where XML was asked for, and the reverse.
    OtherFormat,
    /// The content type is that of a web page.
    OtherContentType,
    /// The text is not UTF-8.
    NotUtf8,
    /// The text is UTF-16.
    Utf16,
    /// The second half is missing.
    Truncated,
    /// There is no body.
    Emptied,
    /// Something follows the answer.
    Trailing,
    /// A job never ends.
    NeverEnds,
    /// A job that had ended is pending again.
    GoesBack,
    /// A job that had ended well has ended badly, or the reverse.
    EndsOtherwise,
    /// A job that had ended has another result.
    ResultChanges,
    /// A job that has ended has no result.
    ResultLost,
    /// A job is in a state that the document does not know.
    UnknownState,
    /// A job that succeeds is said to have failed.
    JobFails,
    /// A job that fails is said to have succeeded.
    JobSucceeds,
    /// A read after a write is answered as before it.
    Stale,
    /// A read is answered with what belongs to another account.
    OtherAccount,
    /// Nothing is changed.
    Untouched,
    /// The order of the fields and the white space are others.
    Reformatted,
    /// There is a field that no document is about.
    NewField,
}

use Operator as O;

impl Operator {
    /// All operators, with the names that tables give them.
    pub const NAMES: [(&'static str, Self); 48] = [
        ("field dropped", O::Dropped),
        ("field renamed", O::Renamed),
        ("field retyped", O::Retyped),
        ("field null", O::Nulled),
        ("field twice", O::Doubled),
        ("undocumented value", O::Undocumented),
        ("other date format", O::OtherDate),
        ("malformed value", O::Malformed),
        ("blank value", O::Blank),
        ("below the least", O::BelowLeast),
        ("echo changed", O::EchoChanged),
        ("other id", O::OtherId),
        ("item lost from a page", O::LostFromPage),
        ("item repeated across pages", O::RepeatedAcrossPages),
        ("item swapped on a page", O::SwappedOnPage),
        ("page too long", O::LongPage),
        ("page past the end repeated", O::PastEndRepeated),
        ("count one too high", O::WrongCount),
        ("count of the page", O::PageCount),
        ("filter ignored", O::FilterIgnored),
        ("failure for success", O::Failed),
        ("refusal for success", O::Refused),
        ("other status of success", O::OtherSuccess),
        ("failure for refusal", O::RefusalFailed),
        ("success for refusal", O::Accepted),
        ("other envelope", O::OtherEnvelope),
        ("no envelope", O::NoEnvelope),
        ("new envelope", O::NewEnvelope),
        ("other format", O::OtherFormat),
        ("other content type", O::OtherContentType),
        ("not UTF-8", O::NotUtf8),
        ("UTF-16", O::Utf16),
        ("truncated", O::Truncated),
        ("emptied", O::Emptied),
        ("something follows", O::Trailing),
        ("job never ends", O::NeverEnds),
        ("job goes back", O::GoesBack),
        ("job ends otherwise", O::EndsOtherwise),
        ("job's result changes", O::ResultChanges),
        ("job's result lost", O::ResultLost),
        ("job in unknown state", O::UnknownState),
        ("job fails", O::JobFails),
        ("job succeeds", O::JobSucceeds),
        ("stale read", O::Stale),
        ("another account's data", O::OtherAccount),
        ("untouched", O::Untouched),
        ("reformatted", O::Reformatted),
        ("new field", O::NewField),
    ];

    /// The name that tables give it.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, operator)| *operator == self).map_or("", |(name, _)| name)
    }

    /// Whether it breaks no promise: what it changes must not be reported.
    pub fn is_harmless(self) -> bool {
        matches!(self, O::Untouched | O::Reformatted | O::NewField)
    }
}
