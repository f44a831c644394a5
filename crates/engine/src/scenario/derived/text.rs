//! Good texts.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::scenario::pattern::Pattern;
use crate::scenario::template::Part;
use crate::scenario::{Choice, Chosen, Template};
use assay_suite::Variable;

use super::value::{Generator, Variant, comparable, examples, seed};

/// The length of what means `${unique}`.
const UNIQUE: usize = 12;

impl Generator<'_> {
    pub(super) fn text(&self, schema: &Map<String, Value>, name: &str) -> Option<Template> {
        let length =
            |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|length| usize::try_from(length).ok());
        let (least, most) = (length("minLength").unwrap_or(0), length("maxLength").unwrap_or(usize::MAX));
        if least > most || least > 100_000 {
            return None;
        }
        let pattern = schema.get("pattern").and_then(Value::as_str).map(Pattern::read);
        let fits = |text: &str| (least..=most).contains(&text.chars().count());
        let shown = |text: &str| fits(text) && pattern.as_ref().is_none_or(|pattern| pattern.finds(text));
        let examples: Vec<_> =
            examples(schema).into_iter().filter_map(Value::as_str).filter(|text| shown(text)).collect();
        if let Some(pattern) = &pattern {
            if is_name(name)
                && let Some(made) = self.unique_of(pattern, least..=most)
            {
                return Some(made);
            }
            let source = schema.get("pattern").and_then(Value::as_str).unwrap_or_default();
            if let Some(made) = self.chosen(source, least..=most, name) {
                return Some(made);
            }
            let made = (0..20_u64).find_map(|more| {
                let seed = self.seed.wrapping_add(more).wrapping_add(u64::from(self.variant == Variant::Second) * 7);
                pattern.matching(&(least..=most), seed)
            });
            let text = made.or_else(|| examples.first().map(|text| (*text).to_owned()))?;
            return Some(Template::text(&text));
        }
        if let Some(made) = schema.get("format").and_then(Value::as_str).and_then(|format| self.formatted(format, most))
        {
            return Some(made);
        }
        let chosen = match self.variant {
            Variant::First => examples.first(),
            Variant::Second => examples.last().filter(|_| examples.len() > 1),
        };
        if let Some(text) = chosen.filter(|_| !is_name(name)) {
            return Some(Template::text(text));
        }
        let prefix = if self.variant == Variant::First { "assay-" } else { "assay-b-" };
        if most >= prefix.len() + UNIQUE {
            let padding = "x".repeat(least.saturating_sub(prefix.len() + UNIQUE));
            return Some(unique(prefix, &padding));
        }
        if most >= UNIQUE {
            let padding = "x".repeat(least.saturating_sub(UNIQUE));
            return Some(unique("", &padding));
        }
        self.chosen("^[0-9a-z]*$", least.max(most.min(6))..=most, name).or_else(|| Some(Template::text("")))
    }

    /// A text of a pattern that is another in each case, where there are several.
    fn chosen(&self, pattern: &str, lengths: RangeInclusive<usize>, name: &str) -> Option<Template> {
        let read = Pattern::read(pattern);
        let one = read.distinct(&lengths, 1)?;
        (2..20)
            .map(|seed| read.distinct(&lengths, seed))
            .find(|other| other.as_ref().is_some_and(|other| *other != one))?;
        let (least, most) = (*lengths.start(), *lengths.end());
        let first = seed(name).rotate_left(7).wrapping_add(self.seed);
        let (key, other) = match self.variant {
            Variant::First => (first, None),
            Variant::Second => (first.wrapping_add(1), Some(first)),
        };
        let choice = Choice::Matching { pattern: pattern.to_owned(), least, most };
        Some(Template::Text(vec![Part::Chosen(Chosen { choice, key, other })]))
    }

    /// A text that no other case has, where a pattern allows one.
    fn unique_of(&self, pattern: &Pattern, lengths: RangeInclusive<usize>) -> Option<Template> {
        // What `${unique}` means is of digits and the letters from a to f.
        const MEANINGS: [&str; 4] = ["0123456789ab", "000000000000", "fedcbafedcba", "a1b2c3d4e5f6"];
        let prefixes =
            if self.variant == Variant::First { ["assay-", "assay", "a", ""] } else { ["assay-b-", "assayb", "b", ""] };
        prefixes.into_iter().find_map(|prefix| {
            let length = prefix.len() + UNIQUE;
            let padding = "x".repeat(lengths.start().saturating_sub(length));
            let is_good = |meaning: &str| pattern.finds(&format!("{prefix}{meaning}{padding}"));
            (lengths.contains(&length.max(*lengths.start())) && MEANINGS.into_iter().all(is_good))
                .then(|| unique(prefix, &padding))
        })
    }

    fn formatted(&self, format: &str, most: usize) -> Option<Template> {
        let first = self.variant == Variant::First;
        let one = |one: &str, other: &str| Some(Template::text(if first { one } else { other }));
        match format {
            "date" => one("2030-01-15", "2031-02-16"),
            "date-time" => one("2030-01-15T10:00:00Z", "2031-02-16T11:30:00Z"),
            "time" => one("10:00:00Z", "11:30:00Z"),
            "duration" => one("P1D", "PT2H"),
            "email" | "idn-email" if most >= 32 => {
                Some(unique(if first { "assay-" } else { "assay-b-" }, "@example.com"))
            }
            "email" | "idn-email" => one("a@b.com", "c@d.com"),
            "uri" | "url" | "uri-reference" | "iri" if most >= 48 => {
                Some(unique(if first { "https://example.com/" } else { "https://example.com/b/" }, ""))
            }
            "hostname" => one("example.com", "www.example.com"),
            "ipv4" => one("192.0.2.10", "192.0.2.11"),
            "ipv6" => one("2001:db8::10", "2001:db8::11"),
            "uuid" | "guid" => {
                let seed = self.seed.wrapping_add(u64::from(!first)) & 0xffff_ffff;
                Some(unique(&format!("{seed:08x}-0000-4000-8000-"), ""))
            }
            "byte" => one("YXNzYXk=", "YXNzYXktYg=="),
            _ => None,
        }
    }
}

/// Text around what no other case has.
fn unique(before: &str, after: &str) -> Template {
    let literal = |text: &str| (!text.is_empty()).then(|| Part::Literal(text.to_owned()));
    let parts = literal(before).into_iter().chain([Part::Variable(Variable::unique())]).chain(literal(after));
    Template::Text(parts.collect())
}

/// Whether a field names what it is of: its values are best not shared.
fn is_name(name: &str) -> bool {
    const NAMES: [&str; 10] =
        ["name", "title", "label", "email", "username", "login", "slug", "sku", "displayname", "handle"];
    NAMES.iter().any(|known| comparable(name).ends_with(known))
}
