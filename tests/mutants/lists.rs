//! Changes of lists and of their pages.

use serde_json::Value;

use assay_suite::plain;
use assay_suite::{List, PageStart, Paging};

use super::change::{Change, altered, at, at_mut};
use super::described::Way;
use super::memory::{Asked, Memory};
use super::mutant::{Aim, Mutant};
use super::operator::Operator;
use super::wire::{Answer, Said};

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    /// None: the list as it comes.
    None,
    First,
    Later,
}

fn page(paging: &Paging, asked: &Asked) -> Page {
    let start = asked.argument(paging.start.parameter()).map(plain);
    match (&paging.start, start) {
        (PageStart::Marker { .. }, Some(_)) => Page::Later,
        (PageStart::Marker { .. }, None) if asked.argument(&paging.size).is_some() => Page::First,
        (_, None) => Page::None,
        (PageStart::Number { first, .. }, Some(start)) if start == first.to_string() => Page::First,
        (PageStart::Offset { .. }, Some(start)) if start == "0" => Page::First,
        (_, Some(_)) => Page::Later,
    }
}

fn list_of(mutant: &Mutant) -> Option<&List> {
    mutant.suite.operations[mutant.operation.as_str()].list.as_ref()
}

fn paging_of(mutant: &Mutant) -> Option<&Paging> {
    mutant.suite.paging_of(&mutant.suite.operations[mutant.operation.as_str()])
}

/// Changes a page of a list, or what it counts, as far as the operator does that.
pub fn changed(mutant: &Mutant, asked: &Asked, said: &mut Value, memory: &Memory) -> Change {
    let Some((list, paging)) = list_of(mutant).zip(paging_of(mutant)) else { return Change::None };
    let (way, page) = (Way::dotted(&list.items), page(paging, asked));
    let held = at(said, &way).and_then(Value::as_array).map_or(0, Vec::len);
    if held == 0 {
        return Change::None;
    }
    if matches!(mutant.operator, Operator::WrongCount | Operator::PageCount) {
        return counted(mutant.operator, paging, said, held, page);
    }
    let Some(items) = at_mut(said, &way).and_then(Value::as_array_mut) else { return Change::None };
    let last = items.len() - 1;
    match (mutant.operator, page) {
        (Operator::LostFromPage, Page::First | Page::Later) => Change::made_if(items.pop().is_some()),
        (Operator::RepeatedAcrossPages, Page::Later) => {
            let first = memory.first_item.clone().filter(|first| *first != items[0]);
            Change::made_if(first.map(|first| items[0] = first).is_some())
        }
        (Operator::SwappedOnPage, Page::First | Page::Later) => {
            let other = stray(list, &items[last]);
            Change::made_if(other.map(|other| items[last] = other).is_some())
        }
        (Operator::LongPage, Page::First | Page::Later) => {
            let size = asked.argument(&paging.size).map(plain).and_then(|size| size.parse().ok());
            let other = stray(list, &items[last]).filter(|_| size.is_some_and(|size: usize| items.len() >= size));
            Change::made_if(other.map(|other| items.push(other)).is_some())
        }
        _ => Change::None,
    }
}

/// An item that the list does not have.
fn stray(list: &List, item: &Value) -> Option<Value> {
    let Some(key) = &list.key else { return altered(item) };
    let mut item = item.clone();
    let key = at_mut(&mut item, &Way::dotted(key))?;
    *key = altered(key)?;
    Some(item)
}

fn counted(operator: Operator, paging: &Paging, said: &mut Value, held: usize, page: Page) -> Change {
    let Some(count) = paging.count.as_ref().and_then(|count| at_mut(said, &Way::dotted(&count.field))) else {
        return Change::None;
    };
    let Some(known) = count.as_u64() else { return Change::None };
    let other = match operator {
        Operator::WrongCount => known + 1,
        _ if page == Page::None => return Change::None,
        _ => held as u64,
    };
    *count = Value::from(other);
    Change::made_if(other != known)
}

/// An answer that is replaced by an earlier one.
pub fn replaced(mutant: &Mutant, asked: &Asked, said: &Said, memory: &Memory) -> Option<Answer> {
    let list = list_of(mutant)?;
    match (mutant.operator, &mutant.aim) {
        (Operator::FilterIgnored, Aim::Parameter(name)) => {
            asked.argument(name)?;
            memory.bare.get(&asked.format).cloned()
        }
        (Operator::PastEndRepeated, _) => {
            let items = at(&said.value, &Way::dotted(&list.items)).and_then(Value::as_array).map_or(0, Vec::len);
            let past_end = items == 0 && page(paging_of(mutant)?, asked) == Page::Later;
            memory.last_page.get(&asked.format).filter(|_| past_end).cloned()
        }
        _ => None,
    }
}

/// Keeps what later pages are mutated by.
pub fn remember(mutant: &Mutant, asked: &Asked, answer: &Answer, said: &Value, memory: &mut Memory) {
    let Some(list) = list_of(mutant) else { return };
    let operation = &mutant.suite.operations[mutant.operation.as_str()];
    let narrows = |(name, _): &(String, Value)| {
        operation.parameters.get(name).is_some_and(|parameter| parameter.filter.is_some())
    };
    let page = paging_of(mutant).map_or(Page::None, |paging| page(paging, asked));
    let items = at(said, &Way::dotted(&list.items)).and_then(Value::as_array);
    let Some(first) = items.and_then(|items| items.first()) else { return };
    if page == Page::First {
        memory.first_item = Some(first.clone());
    }
    if page != Page::None {
        memory.last_page.insert(asked.format, answer.clone());
    } else if !asked.arguments.iter().any(narrows) {
        memory.bare.insert(asked.format, answer.clone());
    }
}
