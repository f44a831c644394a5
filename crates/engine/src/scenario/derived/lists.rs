//! Parameters do to a list what they say: each case creates two things, of which one shows what is left out.

use std::sync::Arc;

use serde_json::{Number, Value};

use assay_suite::source::{Located, Place};
use assay_suite::{
    ADDRESS, Company, Counted, LOCATION, LawKind, ListFilter, ListLaw, ListLawKind, NextPage, Operation, RequirementId,
    Resource, Variable,
};

use super::build::{
    About, Arguments, Call, accepted, at_path, field, fields_of, identity, in_header, input_of, located, member,
    prepared, scenario,
};
use super::compare::{is_free, property};
use super::maker::{Maker, Scenarios};
use super::positive::replaced;
use super::value::{Extent, Variant};
use crate::scenario::step::{Source, Step};
use crate::scenario::{Ending, Expectation, Matcher, Next, Path, Said, Template, Total};

/// A list, and two things that are created to be in it.
pub(super) struct Listing<'a> {
    pub operation: &'a Operation,
    /// What it takes besides.
    arguments: Arguments,
    /// The path of all items, such as `$.items[*]`.
    pub items: String,
    /// The name of the identity of an item.
    pub key: String,
    pub create: &'a Operation,
    pub created_key: &'a str,
    /// What each of the two is created with.
    pub sent: [Arguments; 2],
}

pub(super) fn one() -> Variable {
    Variable("one".to_owned())
}

pub(super) fn other() -> Variable {
    Variable("other".to_owned())
}

impl<'a> Maker<'a> {
    /// The cases of the parameters of a list.
    pub(super) fn lists(&self, resource: &'a Resource, scenarios: &mut Scenarios) {
        for law in &resource.list_laws {
            let Some(mut listing) = self.listing(resource, &law.requirement) else { continue };
            if let ListLawKind::Filter(filter) = &law.kind {
                listing = self.told_apart(listing, filter);
            }
            let Some(steps) = self.list_steps(&listing, law, resource) else { continue };
            let about = About {
                title: title(&law.kind),
                operation: listing.operation,
                label: law.requirement.0.clone(),
                subject: law.requirement.clone(),
                place: &law.place,
                tag: "stateful",
            };
            let mut made = scenario(self.suite, about, steps);
            // Pages follow one another while nothing comes between.
            if matches!(law.kind, ListLawKind::Pages { .. } | ListLawKind::Total(_) | ListLawKind::PageCount(_))
                && let Some(made) = Arc::get_mut(&mut made)
            {
                made.company = Company::Alone;
            }
            scenarios.push(made);
        }
    }

    fn listing(&self, resource: &'a Resource, requirement: &RequirementId) -> Option<Listing<'a>> {
        let (list, path) = resource.list.as_ref()?;
        let (before, key) = path.split_once("[0].")?;
        let create = self.operation(resource.create.as_ref()?)?;
        let operation = self.operation(list)?;
        let sent = |variant| self.good(create, Extent::All, variant, &requirement.0);
        Some(Listing {
            operation,
            arguments: self.good(operation, Extent::Required, Variant::First, &requirement.0)?,
            items: format!("{before}[*]"),
            key: key.to_owned(),
            create,
            created_key: resource.created_key.as_deref().filter(|key| !key.starts_with(LOCATION))?,
            sent: [sent(Variant::First)?, sent(Variant::Second)?],
        })
    }

    fn list_steps(&self, listing: &Listing<'a>, law: &ListLaw, resource: &Resource) -> Option<Vec<Step>> {
        let mut steps = listing.creating(law)?;
        match &law.kind {
            ListLawKind::Filter(filter) => match self.filtered(listing, law, filter) {
                Some(step) => steps.push(step),
                None => steps.extend(self.of_each_value(listing, law, filter)?),
            },
            ListLawKind::Together(filters) => steps.extend(self.together(listing, law, filters)?),
            ListLawKind::Search { parameter, fields } => {
                steps.extend(Self::sought(listing, law, parameter, fields, resource)?);
            }
            ListLawKind::PageCount(path) => steps.extend(Self::pages_counted(listing, law, path, resource)),
            ListLawKind::Repeats(parameter, path) => steps.extend(Self::repeated(listing, law, parameter, path)?),
            ListLawKind::Least(filter) | ListLawKind::Most(filter) => {
                steps.push(Self::bounded(listing, law, filter, resource)?);
            }
            ListLawKind::Sorted { arguments, field: name, order } => {
                let given = arguments.iter().map(|(name, value)| (name.clone(), Template::text(value)));
                let mut expect = accepted(&law.place);
                expect.extend(field(&member(&listing.items, name), Matcher::Sorted(*order), &law.place));
                steps.push(listing.asked(given.collect(), expect.clone(), law));
                // An order that is the default is there when none is asked for.
                let is_default = |(name, value): &(String, String)| {
                    let default = input_of(listing.operation, name).and_then(|input| input.schema.get("default"));
                    default.and_then(Value::as_str) == Some(value.as_str())
                };
                if arguments.iter().all(is_default) {
                    steps.push(listing.asked(Arguments::new(), expect, law));
                }
            }
            ListLawKind::Size(parameter) => {
                let mut expect = accepted(&law.place);
                expect.extend(field(&listing.items, Matcher::Times(1), &law.place));
                let given = vec![(parameter.clone(), Template::Literal(Value::from(1)))];
                steps.push(listing.asked(given, expect, law));
            }
            ListLawKind::Pages { size, next } => steps.extend(listing.pages(law, size, next)?),
            ListLawKind::Total(counted) => steps.extend(Self::counted(listing, law, counted, resource)?),
        }
        Some(steps)
    }

    /// The list with a filter has one and not the other.
    fn filtered(&self, listing: &Listing<'a>, law: &ListLaw, filter: &ListFilter) -> Option<Step> {
        let (place, name) = (&law.place, &filter.field);
        let [one_value, other_value] = [listing.value(0, name), listing.value(1, name)];
        let (root, item) = self.items_of(&listing.operation.name.value)?;
        if is_free(root, property(root, item, name)?) {
            return None;
        }
        let value = one_value?;
        let differs = match &other_value {
            Some(other) => *other != value,
            // What refers to nothing is not what refers to something.
            None => matches!(value, Template::Variable(_)),
        };
        if !differs || matches!(value, Template::Map(_) | Template::List(_)) {
            return None;
        }
        let mut expect = accepted(place);
        expect.extend(field(&member(&listing.items, name), Matcher::Equals(value.clone()), place));
        let ids = member(&listing.items, &listing.key);
        // Of what others have as well there may be more than fit on a page.
        let is_unique = value.variables().iter().any(|variable| **variable == Variable::unique());
        if is_unique {
            expect.extend(field(&ids, Matcher::Includes(Template::Variable(one())), place));
        }
        expect.extend(field(&ids, Matcher::Excludes(Template::Variable(other())), place));
        Some(listing.asked(vec![(filter.parameter.clone(), value)], expect, law))
    }

    /// The list with a bound has what is within, and not what is beyond.
    fn bounded(listing: &Listing<'a>, law: &ListLaw, filter: &ListFilter, resource: &Resource) -> Option<Step> {
        let (place, name) = (&law.place, &filter.field);
        let number = |which| match listing.value(which, name) {
            Some(Template::Literal(Value::Number(number))) => Some(number),
            _ => None,
        };
        if let (Some(first), Some(second)) = (listing.time(0, name), listing.time(1, name)) {
            return Self::bounded_in_time(listing, law, filter, resource, [first, second]);
        }
        let (first, second): (Number, Number) = (number(0)?, number(1)?);
        if first == second {
            return None;
        }
        let is_least = matches!(law.kind, ListLawKind::Least(_));
        let first_is_beyond = (first.as_f64()? < second.as_f64()?) == is_least;
        let (bound, at_bound, beyond) =
            if first_is_beyond { (second, other(), one()) } else { (first, one(), other()) };
        let matcher = if is_least { Matcher::AtLeast(bound.clone()) } else { Matcher::AtMost(bound.clone()) };
        let mut expect = accepted(place);
        expect.extend(field(&member(&listing.items, name), matcher, place));
        let ids = member(&listing.items, &listing.key);
        expect.extend(field(&ids, Matcher::Excludes(Template::Variable(beyond)), place));
        // A least and a most are values that may be there. What a page lacks may be on the next.
        let given = vec![(filter.parameter.clone(), Template::Literal(Value::Number(bound)))];
        let arguments = paged(resource, place, given, &mut expect);
        if resource.paged.is_some() || resource.laws.iter().any(|law| law.kind == LawKind::Listed) {
            expect.extend(field(&ids, Matcher::Includes(Template::Variable(at_bound)), place));
        }
        Some(listing.asked(arguments, expect, law))
    }
}

/// The request for as long a page as can be; and what shows whether the list goes on after it.
pub(super) fn paged(
    resource: &Resource,
    place: &Place,
    arguments: Arguments,
    expect: &mut Vec<Located<Expectation>>,
) -> Arguments {
    expect.extend(ending(resource).map(|ending| located(Expectation::Whole(ending), place)));
    longest(resource, arguments)
}

/// By what a page of a list shows that it goes on; none where it comes whole.
fn ending(resource: &Resource) -> Option<Ending> {
    let (paged, (_, path)) = (resource.paged.as_ref()?, resource.list.as_ref()?);
    let items = path.split_once("[0]").and_then(|(before, _)| Path::parse(&format!("{before}[*]")).ok())?;
    let next = match &paged.next {
        Some(NextPage::Cursor(_, path) | NextPage::Address(path)) => Path::parse(path).ok().map(Next::Field),
        Some(NextPage::Link) => Some(Next::Link),
        Some(NextPage::Offset(_) | NextPage::Number(..) | NextPage::After(_)) | None => None,
    };
    Some(Ending { items, full: usize::try_from(paged.full).ok()?, next })
}

/// The request for as long a page as can be.
fn longest(resource: &Resource, arguments: Arguments) -> Arguments {
    match resource.paged.as_ref().and_then(|paged| paged.size.as_ref()) {
        Some((name, most)) => replaced(arguments, name, Template::Literal(Value::from(*most))),
        None => arguments,
    }
}

impl<'a> Maker<'a> {
    /// The list with a bound in time has what is within, and not what is beyond. What is at the bound is within where the document
    /// says so; elsewhere the bound is between the two.
    fn bounded_in_time(
        listing: &Listing<'a>,
        law: &ListLaw,
        filter: &ListFilter,
        resource: &Resource,
        [first, second]: [String; 2],
    ) -> Option<Step> {
        const INCLUSIVE: [&str; 10] = [
            "or earlier",
            "or later",
            "inclusive",
            "including",
            "on or",
            "at or",
            "no later",
            "no earlier",
            "up to and",
            "not after",
        ];
        let place = &law.place;
        let input = input_of(listing.operation, &filter.parameter)?;
        let said = input.description.to_lowercase();
        let is_inclusive = INCLUSIVE.iter().any(|word| said.contains(word)) && !said.contains("exclusive");
        let is_least = matches!(law.kind, ListLawKind::Least(_));
        if first == second {
            return None;
        }
        let (within, beyond, at_bound) = match (first < second) == is_least {
            true => (other(), one(), second.clone()),
            false => (one(), other(), first.clone()),
        };
        let asks_for_day = input.schema.get("format").is_some_and(|format| format == "date");
        let bound = match (is_inclusive, asks_for_day) {
            (true, _) if asks_for_day == (at_bound.len() == 10) => at_bound,
            // Between the two, and far from both.
            (_, asks_for_day) => {
                let day = if first < second { &first } else { &second }.get(..5).map(|year| format!("{year}07-01"))?;
                let is_between = |bound: &String| (*bound > first) != (*bound > second);
                Some(day).filter(is_between).map(|day| if asks_for_day { day } else { format!("{day}T00:00:00Z") })?
            }
        };
        let mut expect = accepted(place);
        let ids = member(&listing.items, &listing.key);
        expect.extend(field(&ids, Matcher::Excludes(Template::Variable(beyond)), place));
        let arguments = paged(resource, place, vec![(filter.parameter.clone(), Template::text(&bound))], &mut expect);
        if resource.paged.is_some() || resource.laws.iter().any(|law| law.kind == LawKind::Listed) {
            expect.extend(field(&ids, Matcher::Includes(Template::Variable(within)), place));
        }
        Some(listing.asked(arguments, expect, law))
    }

    /// There is a page where there are items, and with one item on each there are as many pages as items.
    fn pages_counted(listing: &Listing<'a>, law: &ListLaw, path: &str, resource: &Resource) -> Vec<Step> {
        let place = &law.place;
        let mut expect = accepted(place);
        expect.extend(field(path, Matcher::AtLeast(Number::from(1)), place));
        let mut steps = vec![listing.asked(longest(resource, Arguments::new()), expect, law)];
        let laws = &resource.list_laws;
        let size = laws.iter().find_map(|law| match &law.kind {
            ListLawKind::Size(parameter) => Some(parameter.clone()),
            _ => None,
        });
        let total = laws.iter().find_map(|law| match &law.kind {
            ListLawKind::Total(Counted::Field(path)) => at_path(path),
            _ => None,
        });
        if let (Some(size), Some(total)) = (size, total) {
            let (all, one) = (Variable("all".to_owned()), vec![(size, Template::Literal(Value::from(1)))]);
            steps.push(listing.asked_and_kept(one.clone(), vec![(all.clone(), total)], prepared(place), law));
            let mut expect = accepted(place);
            expect.extend(field(path, Matcher::Equals(Template::Variable(all)), place));
            steps.push(listing.asked(one, expect, law));
        }
        steps
    }

    /// The answer repeats what was asked for, and what is the default where nothing was.
    fn repeated(listing: &Listing<'a>, law: &ListLaw, parameter: &str, path: &str) -> Option<Vec<Step>> {
        let place = &law.place;
        let input = input_of(listing.operation, parameter)?;
        let asked = |given: Arguments, value: Value| {
            let mut expect = accepted(place);
            expect.extend(field(path, Matcher::Equals(Template::Literal(value)), place));
            listing.asked(given, expect, law)
        };
        let mut steps = vec![asked(vec![(parameter.to_owned(), Template::Literal(Value::from(1)))], Value::from(1))];
        let default = input.schema.get("default").filter(|default| default.is_u64());
        steps.extend(default.map(|default| asked(Arguments::new(), default.clone())));
        Some(steps)
    }

    /// The longest page and the shortest say of how many items they are.
    fn counted(listing: &Listing<'a>, law: &ListLaw, counted: &Counted, resource: &Resource) -> Option<Vec<Step>> {
        let ending = ending(resource)?;
        let said = match counted {
            Counted::Field(path) => Said::Field(Path::parse(path).ok()?),
            Counted::Header(name) => Said::Header(name.clone()),
        };
        let expect = |ending: Ending| {
            let total = Total { said: said.clone(), least: 2, ending };
            let total = located(Expectation::Total(total), &law.place);
            accepted(&law.place).into_iter().chain([total]).collect()
        };
        let size = resource.list_laws.iter().find_map(|law| match &law.kind {
            ListLawKind::Size(parameter) => Some(parameter.clone()),
            _ => None,
        })?;
        let one = vec![(size, Template::Literal(Value::from(1)))];
        let short = Ending { full: 1, ..ending.clone() };
        Some(vec![
            listing.asked(longest(resource, Arguments::new()), expect(ending), law),
            listing.asked(one, expect(short), law),
        ])
    }
}

impl Listing<'_> {
    /// The time with which a thing is created in a field.
    fn time(&self, which: usize, name: &str) -> Option<String> {
        match self.value(which, name)? {
            Template::Literal(Value::String(text)) if text.get(4..5) == Some("-") => Some(text),
            _ => None,
        }
    }

    /// What a thing is created with in a field.
    pub(super) fn value(&self, which: usize, name: &str) -> Option<Template> {
        let body = self.create.contract.as_deref()?.body()?;
        let mut fields = fields_of(&self.sent[which], &body.argument)?.iter();
        fields.find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// Creates the two.
    fn creating(&self, law: &ListLaw) -> Option<Vec<Step>> {
        let create = |arguments: &Arguments, variable: Variable| {
            let save = vec![(variable, identity(self.created_key, arguments)?)];
            let call = Call { operation: self.create, arguments: arguments.clone(), save };
            Some(call.step(prepared(&law.place), Vec::new()))
        };
        Some(vec![create(&self.sent[0], one())?, create(&self.sent[1], other())?])
    }

    pub(super) fn asked(&self, given: Arguments, expect: Vec<Located<Expectation>>, law: &ListLaw) -> Step {
        self.asked_and_kept(given, Vec::new(), expect, law)
    }

    fn asked_and_kept(
        &self,
        given: Arguments,
        save: Vec<(Variable, Source)>,
        expect: Vec<Located<Expectation>>,
        law: &ListLaw,
    ) -> Step {
        let arguments =
            given.into_iter().fold(self.arguments.clone(), |all, (name, value)| replaced(all, &name, value));
        let verifies = vec![law.requirement.clone()];
        Call { operation: self.operation, arguments, save }.step(expect, verifies)
    }

    /// Two pages of one item each are the page of two items.
    fn pages(&self, law: &ListLaw, size: &str, next: &NextPage) -> Option<Vec<Step>> {
        let place = &law.place;
        let of_size = |count: i64| (size.to_owned(), Template::Literal(Value::from(count)));
        let at = |index: usize| member(&self.items.replacen("[*]", &format!("[{index}]"), 1), &self.key);
        let (first, second, mark) =
            (Variable("first".to_owned()), Variable("second".to_owned()), Variable("mark".to_owned()));
        let save = vec![(first.clone(), at_path(&at(0))?), (second.clone(), at_path(&at(1))?)];
        let both = self.asked_and_kept(vec![of_size(2)], save, prepared(place), law);
        let is = |index, variable: &Variable| {
            field(&at(index), Matcher::Equals(Template::Variable(variable.clone())), place)
        };
        let mut expect = accepted(place);
        expect.extend(is(0, &first));
        let (given, save) = match next {
            NextPage::Offset(name) => ((name.clone(), Template::Literal(Value::from(1))), None),
            NextPage::Number(name, number) => ((name.clone(), Template::Literal(Value::from(*number))), None),
            NextPage::After(name) => ((name.clone(), Template::Variable(first)), None),
            NextPage::Cursor(name, path) => {
                expect.extend(field(path, Matcher::Not(Template::Literal(Value::Null)), place));
                ((name.clone(), Template::Variable(mark.clone())), Some(at_path(path)?))
            }
            NextPage::Address(path) => {
                expect.extend(field(path, Matcher::Type("string".to_owned()), place));
                ((ADDRESS.to_owned(), Template::Variable(mark.clone())), Some(at_path(path)?))
            }
            NextPage::Link => {
                let has_next = regex::Regex::new("(?i)rel=\"?[^\";,]*next").ok()?;
                expect.push(located(Expectation::Header("link".to_owned(), Matcher::Matches(has_next)), place));
                ((ADDRESS.to_owned(), Template::Variable(mark.clone())), Some(in_header("link")))
            }
        };
        let save = save.map(|source| (mark, source)).into_iter().collect();
        let page = self.asked_and_kept(vec![of_size(1)], save, expect, law);
        let mut expect = accepted(place);
        expect.extend(is(0, &second));
        let after = self.asked(vec![of_size(1), given], expect, law);
        Some(vec![both, page, after])
    }
}

fn title(kind: &ListLawKind) -> &'static str {
    match kind {
        ListLawKind::Filter(_) | ListLawKind::Least(_) | ListLawKind::Most(_) => {
            "a filter leaves out what it does not ask for"
        }
        ListLawKind::Together(_) => "several filters at once leave only what each of them leaves",
        ListLawKind::Search { .. } => "a text finds what has it and nothing else",
        ListLawKind::PageCount(_) => "a list says how many pages there are",
        ListLawKind::Repeats(..) => "a page says which part of the list it is",
        ListLawKind::Sorted { .. } => "a list has the order that is asked for",
        ListLawKind::Size(_) => "a page has no more than is asked for",
        ListLawKind::Total(_) => "a list says how many items there are",
        ListLawKind::Pages { .. } => "each page goes on where the one before ends",
    }
}
