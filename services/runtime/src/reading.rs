//! What the reads of all services have in common: an object by its id, and a page of a list. All of an answer
//! comes from one snapshot, so it is true at one index, and the answer says which.

use std::{fmt, str::FromStr};

use granary_book::{
    parties::PARTIES,
    registries::COMMODITIES,
    state::{Base, Key, Objects, Row, View},
    vocabulary::{Code, CommodityNo, Id, No, PartyNo, Time},
};
use granary_proto::statement::v1 as pb;
use serde::{Serialize, de::DeserializeOwned};
use tonic::Status;

use crate::{
    door::Failure,
    paging::{self, Page},
    projection,
    queries::Queries,
    status::{self, BadRequest},
};

/// Most lines of an object's history in one answer. An object that lives through more is read with the
/// audit service, entry by entry.
const HISTORY_MAX: usize = 1_000;

/// One position of the query state.
pub struct Reading<'s> {
    /// The book's tables there.
    pub view: View<'s>,
    /// The index at which all of it is true.
    pub as_of_index: u64,
    /// The chain's time there.
    pub time: Time,
    state: &'s dyn Base,
}

impl Reading<'_> {
    /// What happened to an object, oldest first.
    pub fn history<I: Id>(&self, id: I) -> Vec<pb::HistoryLine> {
        let lines = projection::history(self.state, I::PREFIX, &id.to_bytes(), HISTORY_MAX);
        let line = |line: projection::HistoryLine| pb::HistoryLine {
            index: line.index,
            event: u32::from(line.number),
            type_name: line.type_name,
        };
        lines.into_iter().map(line).collect()
    }

    /// The text form of a party's id.
    pub fn party(&self, no: PartyNo) -> String {
        self.name(&PARTIES, no, |party| party.id)
    }

    /// The code of a commodity.
    pub fn commodity(&self, no: CommodityNo) -> String {
        self.name(&COMMODITIES, no, |commodity| commodity.code.clone())
    }

    /// What people call the object with a number: its id or code. Empty for a number that refers to none,
    /// which the view remembers as a contradiction: such an answer is never given.
    pub fn name<I, N, V, T>(
        &self,
        objects: &Objects<I, N, V>,
        no: N,
        name: impl FnOnce(&V) -> T,
    ) -> String
    where
        I: Key,
        N: Key + No + Serialize + DeserializeOwned,
        V: Serialize + DeserializeOwned,
        T: fmt::Display,
    {
        objects.get(&self.view, no).map(|value| name(&value).to_string()).unwrap_or_default()
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The objects, in order of creation.
    pub objects: Vec<T>,
    /// For the next page; empty: this was the last.
    pub next_page_token: String,
    /// The index at which all of the page was true.
    pub as_of_index: u64,
}

impl Queries {
    /// Answers from one position of the query state.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the state can't be believed; what was read from it is dropped.
    pub fn read<T>(&self, answer: impl FnOnce(&Reading<'_>) -> T) -> Result<T, Status> {
        let snapshot = self.snapshot();
        let reading = Reading {
            view: View::new(&snapshot),
            as_of_index: snapshot.as_of_index(),
            time: Time::from_ms(snapshot.head().time_ms),
            state: &snapshot,
        };
        let answer = answer(&reading);
        if let Some(broken) = reading.view.broken() {
            return Err(Failure::Stopped(broken.to_string()).into());
        }
        if snapshot.has_failed() {
            return Err(Failure::Stopped("the query state could not be read".to_owned()).into());
        }
        Ok(answer)
    }

    /// What `find` finds under an id. `kind` is what people call such an object.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` when the text is no such id, `NOT_FOUND`, `UNAVAILABLE`.
    pub fn find<I, T>(
        &self,
        kind: &str,
        id: &str,
        find: impl FnOnce(&Reading<'_>, &I) -> Option<T>,
    ) -> Result<T, Status>
    where
        I: FromStr<Err: fmt::Display>,
    {
        let mut bad = BadRequest::default();
        let Some(parsed) = bad.take("id", id.parse()) else { return Err(bad.into()) };
        let found = self.read(|reading| find(reading, &parsed))?;
        found.ok_or_else(|| status::not_found(kind, id))
    }

    /// The object with an id. `kind` is what people call such an object.
    ///
    /// # Errors
    ///
    /// As [`Queries::find`].
    pub fn one<I, N, V, T>(
        &self,
        objects: &Objects<I, N, V>,
        kind: &str,
        id: &str,
        convert: impl FnOnce(&Reading<'_>, &Row<N, V>) -> T,
    ) -> Result<T, Status>
    where
        I: Id + Key + FromStr<Err: fmt::Display>,
        N: Key + No + Serialize + DeserializeOwned,
        V: Serialize + DeserializeOwned,
    {
        self.find(kind, id, |reading, id| {
            objects.find(&reading.view, id).map(|row| convert(reading, &row))
        })
    }

    /// A page of a list of objects.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE`.
    pub fn page<I, N, V, T>(
        &self,
        objects: &Objects<I, N, V>,
        wanted: &Wanted,
        convert: impl Fn(&Reading<'_>, &Row<N, V>) -> T,
    ) -> Result<Listed<T>, Status>
    where
        I: Key,
        N: Key + No + Serialize + DeserializeOwned,
        V: Serialize + DeserializeOwned,
    {
        let Wanted { list, page, .. } = wanted;
        self.read(|reading| {
            let numbers = wanted.value(&reading.view).map_or_else(Vec::new, |value| {
                let table = objects.rows().byte;
                projection::list(reading.state, table, *list, &value, page.after, page.size)
            });
            let object = |number: &u64| {
                let no = N::from_u64(*number);
                objects.get(&reading.view, no).map(|value| convert(reading, &Row { no, value }))
            };
            Listed {
                objects: numbers.iter().filter_map(object).collect(),
                next_page_token: page
                    .next_token(numbers.last().copied(), numbers.len() == page.size),
                as_of_index: reading.as_of_index,
            }
        })
    }
}

/// The number that a filter's value has in the query state; `None`: nothing has that value.
type Resolve = Box<dyn Fn(&View<'_>) -> Option<u64> + Send>;

/// The list that the filters of a request come to: all objects, those with one value of one field, and of
/// either, those at one stage.
pub struct Filters {
    method: &'static str,
    bad: BadRequest,
    chosen: Option<(&'static str, u8, Vec<u8>, Resolve)>,
    stage: Option<u8>,
    most: usize,
}

impl Filters {
    /// None yet, of a method.
    pub fn of(method: &'static str) -> Self {
        let bad = BadRequest::default();
        Self { method, bad, chosen: None, stage: None, most: paging::MAX }
    }

    /// Pages hold at most so many objects, where those are large; larger wishes get this.
    #[must_use]
    pub fn most(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// Only objects that stand in `list` under the party with an id.
    #[must_use]
    pub fn party(self, field: &'static str, list: u8, id: Option<&String>) -> Self {
        self.object(field, list, id, &PARTIES)
    }

    /// Only objects that stand in `list` under the object with an id.
    #[must_use]
    pub fn object<I, N, V>(
        mut self,
        field: &'static str,
        list: u8,
        id: Option<&String>,
        objects: &'static Objects<I, N, V>,
    ) -> Self
    where
        I: Id + Key + Send + FromStr<Err: fmt::Display> + 'static,
        N: Key + No + Serialize + DeserializeOwned,
        V: Serialize + DeserializeOwned,
    {
        let Some(text) = id else { return self };
        if let Some(id) = self.bad.take(field, text.parse::<I>()) {
            let number = move |view: &View<'_>| objects.no(view, &id).map(N::to_u64);
            self.choose(field, list, id.to_bytes().to_vec(), Box::new(number));
        }
        self
    }

    /// Only objects that stand in `list` under what has a code; `number` looks it up.
    #[must_use]
    pub fn code(
        mut self,
        field: &'static str,
        list: u8,
        code: Option<&String>,
        number: fn(&View<'_>, &Code) -> Option<u64>,
    ) -> Self {
        let Some(text) = code else { return self };
        if let Some(code) = self.bad.take(field, text.parse::<Code>()) {
            let bound = code.as_str().as_bytes().to_vec();
            self.choose(field, list, bound, Box::new(move |view| number(view, &code)));
        }
        self
    }

    /// Only objects that stand in `list` under a number, or what is wrong with that number.
    #[must_use]
    pub fn number<E: fmt::Display>(
        mut self,
        field: &'static str,
        list: u8,
        number: Option<Result<u64, E>>,
    ) -> Self {
        let Some(number) = number else { return self };
        if let Some(number) = self.bad.take(field, number) {
            let bound = number.to_be_bytes().to_vec();
            self.choose(field, list, bound, Box::new(move |_| Some(number)));
        }
        self
    }

    /// Lists are kept by one field each: of two filters one would have to be searched for.
    fn choose(&mut self, field: &'static str, list: u8, bound: Vec<u8>, number: Resolve) {
        match &self.chosen {
            Some((other, ..)) => {
                let problem = format!("can't be given together with {other}; leave one out");
                self.bad.push(field, problem);
            }
            None => self.chosen = Some((field, list, bound, number)),
        }
    }

    /// Only objects at a stage; see [`projection::by_stage`]. `known` tells the numbers of stages.
    #[must_use]
    pub fn stage(
        mut self,
        field: &'static str,
        stage: Option<i32>,
        known: impl FnOnce(i32) -> bool,
    ) -> Self {
        let Some(number) = stage else { return self };
        match u8::try_from(number) {
            Ok(stage) if stage > 0 && known(number) => self.stage = Some(stage),
            Ok(_) | Err(_) => self.bad.push(field, "is not a known value"),
        }
        self
    }

    /// The page that the request asks for.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` with every violation.
    pub fn page(mut self, size: i32, token: &str) -> Result<Wanted, Status> {
        let (list, bound, number) = match self.chosen {
            Some((_, list, bound, number)) => (list, bound, Some(number)),
            None => (projection::ALL, Vec::new(), None),
        };
        let list = projection::list_at_stage(list, self.stage);
        let stage: Vec<u8> = self.stage.into_iter().collect();
        let binding: [&[u8]; 4] = [self.method.as_bytes(), &[list], &bound, &stage];
        match Page::parse(size, token, &binding, &mut self.bad) {
            Some(mut page) if self.bad.is_empty() => {
                page.size = page.size.min(self.most);
                Ok(Wanted { list, number, stage: self.stage, page })
            }
            _ => Err(self.bad.into()),
        }
    }
}

/// A page that is asked for.
pub struct Wanted {
    list: u8,
    number: Option<Resolve>,
    stage: Option<u8>,
    page: Page,
}

impl Wanted {
    /// The value under which objects stand in the list; `None` when none can.
    fn value(&self, view: &View<'_>) -> Option<Vec<u8>> {
        let number = match &self.number {
            Some(number) => Some(number(view)?),
            None => None,
        };
        Some(projection::list_value(number, self.stage))
    }
}
