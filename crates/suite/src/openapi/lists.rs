//! What the parameters of a list do to it, as far as their names and values say: pages, filters, orders.

use serde_json::Value;

use crate::{
    Contract, Counted, Input, InputKind, ListFilter, ListLaw, ListLawKind, NextPage, Operation, OperationName, Order,
    Paged, RequirementId, Resource,
};

use super::by_name::Operations;
use super::shape::Shape;

/// Parameters by which a list may be cut: what it does not show may be on another page.
const PAGING: [&str; 16] = [
    "limit",
    "offset",
    "page",
    "pagesize",
    "perpage",
    "size",
    "cursor",
    "after",
    "before",
    "pagetoken",
    "maxresults",
    "top",
    "skip",
    "marker",
    "startingafter",
    "count",
];

/// Parameters that say how many items a page has.
const SIZES: [&str; 8] = ["limit", "pagesize", "perpage", "size", "maxresults", "top", "pagelimit", "maxitems"];
/// Parameters that say how many items come before a page.
const OFFSETS: [&str; 4] = ["offset", "skip", "startindex", "from"];
/// Parameters that say the number of a page.
const NUMBERS: [&str; 4] = ["page", "pagenumber", "pageno", "pagenum"];
/// Parameters that take what the page before gave.
const CURSORS: [&str; 10] = [
    "cursor",
    "pagetoken",
    "nexttoken",
    "continuationtoken",
    "continuation",
    "marker",
    "after",
    "nextcursor",
    "nextpagetoken",
    "token",
];
/// Fields of a page that give what its next takes.
const GIVEN: [&str; 10] = [
    "nextcursor",
    "nextpagetoken",
    "nexttoken",
    "continuationtoken",
    "nextmarker",
    "endcursor",
    "next",
    "cursor",
    "nextpage",
    "pagetoken",
];
/// Parameters that name the field of an order.
const ORDERS: [&str; 6] = ["sort", "sortby", "orderby", "order", "ordering", "sortfield"];
/// Parameters that say which end of an order comes first.
const DIRECTIONS: [&str; 6] = ["order", "direction", "sortorder", "sortdirection", "sortdir", "dir"];

/// Fields that say how many items all pages have together.
const TOTALS: [&str; 6] = ["total", "totalcount", "totalitems", "totalelements", "totalresults", "totalrecords"];
/// Headers that say so.
const TOTAL_HEADERS: [&str; 3] = ["x-total-count", "x-total", "total-count"];

/// Fields that say how many pages there are.
const PAGE_COUNTS: [&str; 6] = ["pages", "totalpages", "pagecount", "pagescount", "numpages", "pagestotal"];
/// Fields of the same name that are how many items a page has, whatever was asked for.
const AMBIGUOUS: [&str; 2] = ["size", "count"];
/// Parameters that are a text to be found.
const SEARCHES: [&str; 8] = ["q", "query", "search", "searchterm", "searchtext", "text", "keyword", "term"];
/// Fields that are searched where nothing says which.
const SEARCHED: [&str; 3] = ["name", "title", "subject"];
/// So many fields that are searched are tested.
const MOST_SEARCHED: usize = 2;

/// So many orders of a list are tested.
const MOST_ORDERS: usize = 8;

/// A name as it is compared with others.
fn comparable(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// Whether a list has no parameter that cuts it.
pub(super) fn is_whole(list: &Operation) -> bool {
    !list.parameters.keys().any(|name| PAGING.contains(&comparable(name).as_str()))
}

/// No more items than these are asked for at once.
const MOST_ITEMS: u64 = 1_000;
/// So many items may be a page where nothing says how many are.
const USUAL_PAGE: u64 = 10;

/// What the parameters of the list of a resource do, and how it comes in pages.
pub(super) fn laws<'s>(
    resource: &Resource,
    operations: &Operations,
    answer: &dyn Fn(&str) -> Option<Shape<'s>>,
) -> (Vec<ListLaw>, Option<Paged>) {
    let found = || {
        let (name, path) = resource.list.as_ref()?;
        let list = operations.get(name)?;
        let (contract, whole) = (list.contract.as_deref()?, answer(&name.0)?);
        let finder = Finder { name, contract, whole, item: items_at(whole, path)?, laws: Vec::new() };
        let paged = Some(finder.paged()).filter(|paged| !is_whole(list) || paged.next.is_some());
        Some((finder.laws(), paged))
    };
    found().unwrap_or_default()
}

/// The schema of an item, by the path to the identity of the first: `$.items[0].id`.
fn items_at<'s>(whole: Shape<'s>, path: &str) -> Option<Shape<'s>> {
    let (before, _) = path.split_once("[0]")?;
    match before.trim_start_matches('$').trim_start_matches('.') {
        "" => whole.items(),
        name => whole.property(name)?.items(),
    }
}

struct Finder<'a, 's> {
    name: &'a OperationName,
    contract: &'a Contract,
    whole: Shape<'s>,
    item: Shape<'s>,
    laws: Vec<ListLaw>,
}

impl<'a> Finder<'a, '_> {
    fn laws(mut self) -> Vec<ListLaw> {
        for input in in_query(self.contract) {
            self.filter(input);
        }
        self.together();
        self.search();
        self.orders();
        if let Some(size) = self.size() {
            self.add("limits", size, ListLawKind::Size(size.argument.clone()));
            for input in [Some(size), self.query(&NUMBERS)].into_iter().flatten() {
                let name = comparable(input.name());
                let same = |known: &str| known == name && !AMBIGUOUS.contains(&known);
                if let Some(path) = self.integer(same) {
                    self.add("repeated", input, ListLawKind::Repeats(input.argument.clone(), path));
                }
            }
            if let Some(path) = self.integer(|known| PAGE_COUNTS.contains(&known)) {
                self.add("counts-pages", size, ListLawKind::PageCount(path));
            }
            if let Some((next, by)) = self.next_page() {
                let kind = ListLawKind::Pages { size: size.argument.clone(), next };
                self.add("pages", by.unwrap_or(size), kind);
            }
        }
        if let Some(counted) = self.total() {
            let requirement = RequirementId(format!("{}.total", self.name));
            self.laws.push(ListLaw {
                kind: ListLawKind::Total(counted),
                requirement,
                place: self.contract.place.clone(),
            });
        }
        self.laws
    }

    /// Where a list that comes in pages plainly says how many items there are on all of them.
    fn total(&self) -> Option<Counted> {
        self.size()?;
        let said = self.integer(|name| TOTALS.contains(&name)).map(Counted::Field);
        let headers = self.contract.successes().flat_map(|response| &response.headers);
        let mut headers = headers.filter(|header| TOTAL_HEADERS.contains(&header.name.as_str()));
        said.or_else(|| headers.next().map(|header| Counted::Header(header.name.clone())))
    }

    /// The path of an integer of the answer, or of one object in it, by its name as it is compared.
    fn integer(&self, is_meant: impl Fn(&str) -> bool) -> Option<String> {
        let within = |shape: Shape<'_>| {
            let mut fields = shape.properties().into_iter();
            let found =
                fields.find(|(name, field)| field.value_type() == Some("integer") && is_meant(&comparable(name)));
            found.map(|(name, _)| name.to_owned())
        };
        if let Some(name) = within(self.whole) {
            return Some(format!("$.{name}"));
        }
        self.whole.properties().into_iter().find_map(|(outer, inner)| {
            let name = within(inner).filter(|_| !inner.is_array())?;
            Some(format!("$.{outer}.{name}"))
        })
    }

    /// Several filters at once.
    fn together(&mut self) {
        let filters = self.laws.iter().filter_map(|law| match &law.kind {
            ListLawKind::Filter(filter) => Some(filter.clone()),
            _ => None,
        });
        let filters: Vec<_> = filters.collect();
        if filters.len() > 1 {
            let requirement = RequirementId(format!("{}.filters", self.name));
            let kind = ListLawKind::Together(filters);
            self.laws.push(ListLaw { kind, requirement, place: self.contract.place.clone() });
        }
    }

    /// A text that is looked for in the fields that the document names with it, or in the name of an item.
    fn search(&mut self) {
        let is_text = |input: &&Input| Shape::of(&input.schema).value_type() == Some("string");
        let Some(input) = self.query(&SEARCHES).filter(is_text) else { return };
        let said = input.description.to_lowercase();
        let words: Vec<_> = said.split(|c: char| !c.is_alphanumeric() && c != '_').map(comparable).collect();
        let is_text = |field: Shape<'_>| {
            let closed = ["format", "enum", "const"].iter().any(|key| field.keyword(key).is_some());
            field.value_type() == Some("string") && !closed
        };
        let texts = self.item.properties().into_iter().filter(|(_, field)| is_text(*field));
        let texts: Vec<_> = texts.map(|(name, _)| name.to_owned()).collect();
        if texts.iter().any(|name| comparable(name) == comparable(input.name())) {
            return;
        }
        let mut fields: Vec<_> = texts.iter().filter(|name| words.contains(&comparable(name))).cloned().collect();
        if fields.is_empty() {
            fields.extend(texts.into_iter().find(|name| SEARCHED.contains(&comparable(name).as_str())));
        }
        fields.truncate(MOST_SEARCHED);
        if !fields.is_empty() {
            self.add("search", input, ListLawKind::Search { parameter: input.argument.clone(), fields });
        }
    }

    /// The parameter that says how many items a page has.
    fn size(&self) -> Option<&'a Input> {
        self.query(&SIZES).filter(|size| takes(size, 1))
    }

    /// How the list comes in pages.
    fn paged(&self) -> Paged {
        let size = self.size();
        let number = |key: &str| size.and_then(|size| Shape::of(&size.schema).keyword(key)?.as_u64());
        let most = number("maximum").map(|most| most.min(MOST_ITEMS));
        let full = most.or_else(|| number("default")).unwrap_or(USUAL_PAGE);
        let size = size.zip(most).map(|(size, most)| (size.argument.clone(), most));
        Paged { size, full, next: self.next_page().map(|(next, _)| next) }
    }

    fn query(&self, names: &[&str]) -> Option<&'a Input> {
        names.iter().find_map(|wanted| in_query(self.contract).find(|input| comparable(input.name()) == *wanted))
    }

    fn add(&mut self, law: &str, input: &Input, kind: ListLawKind) {
        let requirement = RequirementId(format!("{}.query.{}.{law}", self.name, input.name()));
        let place = input.place.clone();
        if !self.laws.iter().any(|known| known.requirement == requirement) {
            self.laws.push(ListLaw { kind, requirement, place });
        }
    }

    /// A parameter that is called as a field of the items, or as a bound of one.
    fn filter(&mut self, input: &Input) {
        let name = comparable(input.name());
        let is_taken = [&PAGING[..], &ORDERS, &DIRECTIONS, &CURSORS].iter().any(|names| names.contains(&name.as_str()));
        if is_taken || !Shape::of(&input.schema).is_scalar() {
            return;
        }
        let parameter = input.argument.clone();
        let fields = self.item.properties().into_iter().filter(|(_, field)| field.is_scalar());
        for (field, shape) in fields {
            let wanted = comparable(field);
            let is_number = matches!(shape.value_type(), Some("integer" | "number"));
            let format = shape.keyword("format").and_then(Value::as_str).unwrap_or_default();
            let is_bound_of_time =
                |words: &[&str]| matches!(format, "date" | "date-time") && is_bound(&name, &wanted, words);
            let is = |names: [String; 3]| is_number && names.contains(&name);
            let (parameter, field) = (parameter.clone(), field.to_owned());
            if name == wanted {
                return self.add("filters", input, ListLawKind::Filter(ListFilter { parameter, field }));
            }
            if is([format!("min{wanted}"), format!("{wanted}min"), format!("{wanted}gte")]) || is_bound_of_time(&LEAST)
            {
                return self.add("filters", input, ListLawKind::Least(ListFilter { parameter, field }));
            }
            if is([format!("max{wanted}"), format!("{wanted}max"), format!("{wanted}lte")]) || is_bound_of_time(&MOST) {
                return self.add("filters", input, ListLawKind::Most(ListFilter { parameter, field }));
            }
        }
    }

    /// The listed values of a parameter of order that name a field of the items.
    fn orders(&mut self) {
        let listed = |input: &Input| -> Vec<String> {
            let values = Shape::of(&input.schema).keyword("enum").and_then(Value::as_array);
            values.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let Some(input) = self.query(&ORDERS).filter(|input| !listed(input).is_empty()) else { return };
        let by = self.query(&DIRECTIONS).filter(|by| by.argument != input.argument && !listed(by).is_empty());
        for value in listed(input).into_iter().take(MOST_ORDERS) {
            let Some((field, order)) = self.order(&value) else { continue };
            let argument = (input.argument.clone(), value.clone());
            let law = format!("sorts.{value}");
            match by {
                None => self.add(&law, input, ListLawKind::Sorted { arguments: vec![argument], field, order }),
                Some(by) => {
                    for direction in listed(by) {
                        let order = match direction.to_lowercase() {
                            word if word.starts_with("asc") => Order::Ascending,
                            word if word.starts_with("desc") => Order::Descending,
                            _ => continue,
                        };
                        let arguments = vec![argument.clone(), (by.argument.clone(), direction.clone())];
                        let kind = ListLawKind::Sorted { arguments, field: field.clone(), order };
                        self.add(&format!("{law}.{direction}"), input, kind);
                    }
                }
            }
        }
    }

    /// The field and the order that a value such as `-price` or `price_desc` asks for.
    fn order(&self, value: &str) -> Option<(String, Order)> {
        let lower = value.to_lowercase();
        let ending = |word: &str| {
            lower.strip_suffix(word).filter(|rest| rest.ends_with(['_', '-', ':', '.', ' '])).map(str::to_owned)
        };
        let (base, order) = match (lower.strip_prefix('-'), ending("desc"), ending("asc")) {
            (Some(rest), ..) => (rest.to_owned(), Order::Descending),
            (None, Some(rest), _) => (rest, Order::Descending),
            (None, None, Some(rest)) => (rest, Order::Ascending),
            (None, None, None) => (lower.trim_start_matches('+').to_owned(), Order::Ascending),
        };
        let base = comparable(&base);
        let field =
            self.item.properties().into_iter().find(|(name, field)| comparable(name) == base && field.is_scalar());
        Some((field?.0.to_owned(), order))
    }

    /// How the next page is asked for, and the parameter that does.
    fn next_page(&self) -> Option<(NextPage, Option<&'a Input>)> {
        if let Some(input) = self.query(&OFFSETS) {
            return Some((NextPage::Offset(input.argument.clone()), Some(input)));
        }
        if let Some(input) = self.query(&NUMBERS) {
            let shape = Shape::of(&input.schema);
            let number = |key: &str| shape.keyword(key).and_then(Value::as_i64);
            // Where a count begins with nothing said of it is not known.
            let first = number("minimum").or_else(|| number("default")).filter(|first| matches!(first, 0 | 1))?;
            return Some((NextPage::Number(input.argument.clone(), first + 1), Some(input)));
        }
        if let Some(input) = self.query(&["startingafter", "afterid"]) {
            return Some((NextPage::After(input.argument.clone()), Some(input)));
        }
        let given = self.given();
        // A page that gives no cursor may lead to the next one by its header.
        if let (Some(input), Some((path, _))) = (self.query(&CURSORS), given.clone()) {
            return Some((NextPage::Cursor(input.argument.clone(), path), Some(input)));
        }
        let has_link = self.contract.successes().any(|response| response.headers.iter().any(|one| one.name == "link"));
        if has_link {
            return Some((NextPage::Link, None));
        }
        given.filter(|(_, is_address)| *is_address).map(|(path, _)| (NextPage::Address(path), None))
    }

    /// Where a page gives what its next takes, and whether that is an address.
    fn given(&self) -> Option<(String, bool)> {
        let within = |shape: Shape<'_>| {
            GIVEN.iter().find_map(|wanted| {
                let properties = shape.properties().into_iter();
                let mut scalars = properties.filter(|(_, field)| field.is_scalar());
                let (name, field) = scalars.find(|(name, _)| comparable(name) == *wanted)?;
                let format = field.keyword("format").and_then(Value::as_str).unwrap_or_default();
                Some((name.to_owned(), format.starts_with("uri")))
            })
        };
        if let Some((name, is_address)) = within(self.whole) {
            return Some((format!("$.{name}"), is_address));
        }
        self.whole.properties().into_iter().find_map(|(outer, inner)| {
            let (name, is_address) = within(inner).filter(|_| !inner.is_array())?;
            Some((format!("$.{outer}.{name}"), is_address))
        })
    }
}

/// Words for the earliest of several times.
const LEAST: [&str; 6] = ["from", "after", "since", "gte", "min", "start"];
/// Words for the latest.
const MOST: [&str; 6] = ["to", "before", "until", "lte", "max", "end"];

/// Whether a parameter is called as the bound of a time: `due_from` or `from_due_date` of `due_date`.
fn is_bound(name: &str, field: &str, words: &[&str]) -> bool {
    let short = ["date", "time", "at", "on"].into_iter().find_map(|ending| field.strip_suffix(ending));
    let bases = [Some(field), short].into_iter().flatten().filter(|base| base.len() > 1);
    let mut names =
        bases.flat_map(|base| words.iter().flat_map(move |word| [format!("{base}{word}"), format!("{word}{base}")]));
    names.any(|known| known == name)
}

/// Whether an input takes a number.
fn takes(input: &Input, number: i32) -> bool {
    let shape = Shape::of(&input.schema);
    let least = shape.keyword("minimum").and_then(Value::as_f64);
    shape.value_type() == Some("integer") && least.is_none_or(|least| least <= f64::from(number))
}

/// Whether values of an input are in a query.
fn in_query(contract: &Contract) -> impl Iterator<Item = &Input> {
    contract.inputs.iter().filter(|input| input.kind == InputKind::Query)
}
