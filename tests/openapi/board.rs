//! A server of boards with cards: states with actions, filters, a text that is looked for, and numbers that the server counts.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::small::{self, Answer, Serves};
use super::{Run, test_document};

/// What a server does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A board that is archived takes new cards.
    ArchivedTakesCards,
    /// A card that is closed can be closed.
    ClosesTwice,
    /// A card that is open can be reopened.
    ReopensOpen,
    /// A card is said to be closed, and is not.
    CloseIsNotKept,
    /// The number of cards does not go down.
    CountStays,
    /// A board with cards is removed.
    FullBoardIsRemoved,
    /// A text is found only in the case that it is written in.
    CaseCounts,
    /// The list has cards in all states.
    StateIsNotKept,
    /// Of two filters one suffices.
    EitherFilter,
    /// What is due on the last day is left out.
    LastDayIsLeftOut,
    /// The cards come in another order than the usual one.
    AnotherOrder,
    /// The number of pages is rounded down.
    PagesAreRoundedDown,
    /// The usual page has another length than the documented one.
    AnotherLength,
    /// A change says by whom a card was made.
    MakerIsSet,
    /// A removed card is still listed.
    RemovedIsListed,
}

/// Each, with the requirement that it breaks.
pub const FAULTS: [(Fault, &str); 15] = [
    (Fault::ArchivedTakesCards, "createCard.refused.archived"),
    (Fault::ClosesTwice, "closeCard.refused.closed"),
    (Fault::ReopensOpen, "reopenCard.refused.not-closed"),
    (Fault::CloseIsNotKept, "closeCard.leads-to.closed"),
    (Fault::CountStays, "cardId.counted"),
    (Fault::FullBoardIsRemoved, "cardId.kept"),
    (Fault::CaseCounts, "listCards.query.q.search"),
    (Fault::StateIsNotKept, "listCards.query.state.filters"),
    (Fault::EitherFilter, "listCards.filters"),
    (Fault::LastDayIsLeftOut, "listCards.query.due_to.filters"),
    (Fault::AnotherOrder, "listCards.query.sort.sorts.title"),
    (Fault::PagesAreRoundedDown, "listCards.query.per_page.counts-pages"),
    (Fault::AnotherLength, "listCards.query.per_page.repeated"),
    (Fault::MakerIsSet, "cardId.read-only"),
    (Fault::RemovedIsListed, "cardId.gone"),
];

pub const DOCUMENT: &str = r##"
openapi: 3.0.3
info: {title: Boards, version: "1"}
paths:
  /boards:
    post:
      operationId: createBoard
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/BoardInput"}}}}
      responses:
        "201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Board"}}}}
        "400": {description: wrong}
  /boards/{boardId}:
    parameters: [{$ref: "#/components/parameters/boardId"}]
    get:
      operationId: readBoard
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Board"}}}}
        "404": {description: none}
    delete:
      operationId: removeBoard
      responses: {"204": {description: gone}, "404": {description: none}, "409": {description: The board still has cards}}
  /boards/{boardId}/archive:
    parameters: [{$ref: "#/components/parameters/boardId"}]
    post:
      operationId: archiveBoard
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Board"}}}}
        "404": {description: none}
        "409": {description: The board is archived already}
  /boards/{boardId}/cards:
    parameters: [{$ref: "#/components/parameters/boardId"}]
    get:
      operationId: listCards
      parameters:
        - {name: page, in: query, schema: {type: integer, minimum: 1, default: 1}}
        - {name: per_page, in: query, schema: {type: integer, minimum: 1, maximum: 50, default: 20}}
        - {name: q, in: query, description: "Only cards whose title contains this text, regardless of case", schema: {type: string}}
        - {name: state, in: query, schema: {type: string, enum: [open, closed]}}
        - {name: colour, in: query, schema: {type: string, enum: [red, blue]}}
        - {name: due_to, in: query, description: Only cards that are due on this day or earlier, schema: {type: string, format: date}}
        - {name: sort, in: query, schema: {type: string, enum: [title, -title], default: title}}
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                required: [items, total, pages, per_page]
                properties:
                  items: {type: array, items: {$ref: "#/components/schemas/Card"}}
                  total: {type: integer}
                  pages: {type: integer}
                  per_page: {type: integer}
        "400": {description: wrong}
        "404": {description: none}
    post:
      operationId: createCard
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Card"}}}}
      responses:
        "201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Card"}}}}
        "400": {description: wrong}
        "404": {description: none}
        "409": {description: The board is archived}
  /boards/{boardId}/cards/{cardId}:
    parameters: [{$ref: "#/components/parameters/boardId"}, {$ref: "#/components/parameters/cardId"}]
    get:
      operationId: readCard
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Card"}}}}
        "404": {description: none}
    put:
      operationId: replaceCard
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Card"}}}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Card"}}}}
        "400": {description: wrong}
        "404": {description: none}
    delete: {operationId: removeCard, responses: {"204": {description: gone}, "404": {description: none}}}
  /boards/{boardId}/cards/{cardId}/close:
    parameters: [{$ref: "#/components/parameters/boardId"}, {$ref: "#/components/parameters/cardId"}]
    post:
      operationId: closeCard
      description: The card becomes closed.
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Card"}}}}
        "404": {description: none}
        "409": {description: "It is closed already, or its board is archived"}
  /boards/{boardId}/cards/{cardId}/reopen:
    parameters: [{$ref: "#/components/parameters/boardId"}, {$ref: "#/components/parameters/cardId"}]
    post:
      operationId: reopenCard
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Card"}}}}
        "404": {description: none}
        "409": {description: The card is not closed}
components:
  parameters:
    boardId: {name: boardId, in: path, required: true, schema: {type: integer}}
    cardId: {name: cardId, in: path, required: true, schema: {type: integer}}
  schemas:
    BoardInput: {type: object, required: [name], properties: {name: {type: string}}}
    Board:
      type: object
      required: [id, name, archived, card_count]
      properties: {id: {type: integer}, name: {type: string}, archived: {type: boolean}, card_count: {type: integer}}
    Card:
      type: object
      required: [title]
      properties:
        id: {type: integer, readOnly: true}
        state: {type: string, enum: [open, closed], readOnly: true}
        made_by: {type: string, readOnly: true}
        title: {type: string}
        colour: {type: string, enum: [red, blue]}
        due: {type: string, format: date}
"##;

#[derive(Default)]
struct Board {
    name: String,
    archived: bool,
    cards: BTreeMap<u64, Value>,
    removed: Vec<Value>,
    counted: usize,
}

#[derive(Default)]
struct Kept {
    boards: BTreeMap<u64, Board>,
    numbers: u64,
}

pub struct Server {
    fault: Option<Fault>,
    kept: Mutex<Kept>,
}

pub type Running = small::Running<Server>;

impl Running {
    pub fn start(fault: Option<Fault>) -> Self {
        Self::of(Server { fault, kept: Mutex::default() })
    }

    /// How many things there are.
    pub fn things(&self) -> usize {
        self.server.kept.lock().unwrap().boards.values().map(|board| 1 + board.cards.len()).sum()
    }
}

fn said(status: u16, value: Value) -> Answer {
    (status, value, None)
}

impl Serves for Server {
    fn answer(&self, method: &str, path: &str, query: &str, body: Option<Value>) -> Answer {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let mut kept = self.kept.lock().unwrap();
        kept.numbers += 1;
        let number = kept.numbers;
        if let ("POST", ["boards"]) = (method, parts.as_slice()) {
            let Some(name) = body.and_then(|body| Some(body["name"].as_str()?.to_owned())) else {
                return said(400, Value::Null);
            };
            kept.boards.insert(number, Board { name, ..Board::default() });
            return said(201, self.shown(number, &kept.boards[&number]));
        }
        let allow = match parts.as_slice() {
            ["boards"] => "POST",
            ["boards", _] => "GET, DELETE",
            ["boards", _, "cards"] => "GET, POST",
            ["boards", _, "cards", _] => "GET, PUT, DELETE",
            ["boards", _, "archive"] | ["boards", _, "cards", _, "close" | "reopen"] => "POST",
            _ => return said(404, Value::Null),
        };
        if !allow.split(", ").any(|known| known == method) {
            return (405, Value::Null, Some(("allow", allow.to_owned())));
        }
        let id = parts[1].parse::<u64>().unwrap_or_default();
        let Some(board) = kept.boards.get_mut(&id) else { return said(404, Value::Null) };
        match (method, &parts[2..]) {
            ("GET", []) => said(200, self.shown(id, board)),
            (_, []) if !board.cards.is_empty() && self.fault != Some(Fault::FullBoardIsRemoved) => {
                said(409, Value::Null)
            }
            (_, []) => {
                kept.boards.remove(&id);
                said(204, Value::Null)
            }
            (_, ["archive"]) if board.archived => said(409, Value::Null),
            (_, ["archive"]) => {
                board.archived = true;
                said(200, self.shown(id, board))
            }
            ("GET", ["cards"]) => self.list(board, query).map_or(said(400, Value::Null), |page| said(200, page)),
            (_, ["cards"]) => match checked(body) {
                None => said(400, Value::Null),
                Some(_) if board.archived && self.fault != Some(Fault::ArchivedTakesCards) => said(409, Value::Null),
                Some(mut card) => {
                    (card["id"], card["state"], card["made_by"]) = (json!(number), json!("open"), json!("me"));
                    board.cards.insert(number, card.clone());
                    board.counted += 1;
                    said(201, card)
                }
            },
            (method, ["cards", card, action @ ..]) => self.card(board, method, card, action, body),
            _ => said(404, Value::Null),
        }
    }
}

/// What a card is made from.
fn checked(body: Option<Value>) -> Option<Value> {
    let body = body.filter(Value::is_object)?;
    let is_date = |due: &str| due.len() == 10 && due.parse::<jiff::civil::Date>().is_ok();
    let is_good = body["title"].is_string()
        && body.get("colour").is_none_or(|colour| colour == "red" || colour == "blue")
        && body.get("due").is_none_or(|due| due.as_str().is_some_and(is_date));
    is_good.then_some(body)
}

impl Server {
    fn shown(&self, id: u64, board: &Board) -> Value {
        let count = if self.fault == Some(Fault::CountStays) { board.counted } else { board.cards.len() };
        json!({"id": id, "name": board.name, "archived": board.archived, "card_count": count})
    }

    fn card(&self, board: &mut Board, method: &str, id: &str, action: &[&str], body: Option<Value>) -> Answer {
        let id = id.parse::<u64>().unwrap_or_default();
        let Some(card) = board.cards.get_mut(&id) else { return said(404, Value::Null) };
        let is_closed = card["state"] == "closed";
        match (method, action) {
            ("GET", _) => said(200, card.clone()),
            ("PUT", _) => {
                let Some(mut new) = checked(body) else { return said(400, Value::Null) };
                for name in ["id", "state", "made_by"] {
                    if name != "made_by" || self.fault != Some(Fault::MakerIsSet) || new[name].is_null() {
                        new[name] = card[name].clone();
                    }
                }
                *card = new;
                said(200, card.clone())
            }
            ("DELETE", _) => {
                let removed = board.cards.remove(&id);
                board.removed.extend(removed);
                said(204, Value::Null)
            }
            (_, ["close"]) if (is_closed && self.fault != Some(Fault::ClosesTwice)) || board.archived => {
                said(409, Value::Null)
            }
            (_, ["close"]) => {
                let mut closed = card.clone();
                closed["state"] = json!("closed");
                if self.fault != Some(Fault::CloseIsNotKept) {
                    *card = closed.clone();
                }
                said(200, closed)
            }
            _ if !is_closed && self.fault != Some(Fault::ReopensOpen) => said(409, Value::Null),
            _ => {
                card["state"] = json!("open");
                said(200, card.clone())
            }
        }
    }

    fn list(&self, board: &Board, query: &str) -> Option<Value> {
        let has = |fault| self.fault == Some(fault);
        let given: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let number = |name: &str, usual: usize| given.get(name).map_or(Some(usual), |text| text.parse().ok());
        let listed = |name: &str, values: &[&str]| given.get(name).is_none_or(|value| values.contains(value));
        let usual = if has(Fault::AnotherLength) { 10 } else { 20 };
        let (page @ 1.., size @ 1..=50) = (number("page", 1)?, number("per_page", usual)?) else { return None };
        let is_good = listed("state", &["open", "closed"])
            && listed("colour", &["red", "blue"])
            && listed("sort", &["title", "-title"]);
        let is_date = |due: &&str| due.len() == 10 && due.parse::<jiff::civil::Date>().is_ok();
        if !is_good || !given.get("due_to").is_none_or(is_date) {
            return None;
        }
        let is = |card: &Value, name: &str| given.get(name).is_none_or(|value| card[name] == *value);
        let (has_state, has_colour) = (given.contains_key("state"), given.contains_key("colour"));
        let removed = board.removed.iter().filter(|_| has(Fault::RemovedIsListed));
        let mut cards: Vec<&Value> = board.cards.values().chain(removed).collect();
        cards.retain(|card| {
            let (state, colour) = (has(Fault::StateIsNotKept) || is(card, "state"), is(card, "colour"));
            let kept =
                if has(Fault::EitherFilter) && has_state && has_colour { state || colour } else { state && colour };
            let title = card["title"].as_str().unwrap_or_default();
            let is_found = given.get("q").is_none_or(|text| match has(Fault::CaseCounts) {
                true => title.contains(text),
                false => title.to_lowercase().contains(&text.to_lowercase()),
            });
            let is_due = given.get("due_to").is_none_or(|last| {
                let due = card["due"].as_str().unwrap_or("9999-12-31");
                if has(Fault::LastDayIsLeftOut) { due < *last } else { due <= *last }
            });
            kept && is_found && is_due
        });
        cards.sort_by_key(|card| card["title"].as_str().map(str::to_lowercase));
        if given.get("sort") == Some(&"-title") || (has(Fault::AnotherOrder) && !given.contains_key("sort")) {
            cards.reverse();
        }
        let pages = if has(Fault::PagesAreRoundedDown) { cards.len() / size } else { cards.len().div_ceil(size) };
        let shown: Vec<_> = cards.iter().skip((page - 1) * size).take(size).collect();
        Some(json!({"items": shown, "total": cards.len(), "pages": pages, "per_page": size}))
    }
}

/// A run against boards, and how many things are there afterwards.
fn test_boards(fault: Option<Fault>) -> (Run, usize) {
    let server = Running::start(fault);
    let folder = tempfile::tempdir().unwrap();
    let target = format!("target: a\nsuites:\n  boards:\n    url: {}\nallow: [reads, creates, changes]\n", server.url);
    std::fs::write(folder.path().join("target.yaml"), target).unwrap();
    std::fs::write(folder.path().join("boards.yaml"), DOCUMENT).unwrap();
    (test_document(&folder, "boards.yaml"), server.things())
}

/// States are reached by the actions that lead there; what a document says of them is in its words.
#[test]
fn what_the_words_of_a_document_say_of_states_and_lists_holds_of_a_server_that_keeps_to_it() {
    let (run, things) = test_boards(None);
    assert_eq!((run.code, run.violated(), things), (Some(0), Vec::new(), 0), "{}", run.printed);
    let verdicts = &run.report["suites"][0]["requirements"];
    for requirement in ["reopenCard", "archiveBoard.leads-to.archived", "archiveBoard.refused.archived"]
        .into_iter()
        .chain(FAULTS.map(|(_, requirement)| requirement))
    {
        assert_eq!(verdicts[requirement], "conforms", "{requirement}\n{}", run.printed);
    }
}

#[test]
fn each_fault_of_boards_is_found() {
    for (fault, requirement) in FAULTS {
        let (run, _) = test_boards(Some(fault));
        assert!(run.violated().contains(&requirement.to_owned()), "{fault:?}: {:?}\n{}", run.violated(), run.printed);
    }
}
