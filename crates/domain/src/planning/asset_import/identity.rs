//! Which stored asset a row of a ledger is about.

use std::collections::HashMap;

use crate::{
    kernel::text::{Title, normalized},
    planning::asset::{AssetDraft, AssetState, Media},
};

/// Which asset a row is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Identity {
    /// The one with this number.
    Number(i32),
    /// Without a number: the one with these words.
    Words(Words),
}

/// What tells assets without a number apart: 業務分類, 名称 and 媒体・保存先, as texts are compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Words {
    category: String,
    name: String,
    media: Media,
    /// `None` where the ledger does not say where on the medium: any place will do.
    location: Option<String>,
}

impl Words {
    pub(super) fn new(category: &Title, name: &Title, media: Media, location: Option<&str>) -> Self {
        Self {
            category: normalized(category.as_str()),
            name: normalized(name.as_str()),
            media,
            location: location.map(normalized),
        }
    }

    /// The words of a stored asset.
    fn of(draft: &AssetDraft) -> Self {
        Self::new(&draft.business_category, &draft.name, draft.media, Some(draft.storage_location.as_str()))
    }

    fn anywhere(&self) -> Self {
        Self { location: None, ..self.clone() }
    }
}

/// The assets that are there already, to be found by the rows of a ledger; `T` is what is remembered of each.
#[derive(Debug)]
pub struct Inventory<T> {
    by_number: HashMap<i32, T>,
    by_words: HashMap<Words, Vec<(Option<String>, T)>>,
}

/// What an inventory holds for a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<T> {
    /// No such asset: the row is a new one.
    None,
    /// This one.
    One(T),
    /// Several assets have these words; only a number tells them apart.
    Several,
}

impl<T> Default for Inventory<T> {
    fn default() -> Self {
        Self { by_number: HashMap::new(), by_words: HashMap::new() }
    }
}

impl<T: Clone> Inventory<T> {
    /// Adds an asset. One that is no longer in use is found by its number only.
    pub fn add(&mut self, number: i32, draft: &AssetDraft, state: AssetState, item: T) {
        if state == AssetState::InUse {
            let words = Words::of(draft);
            self.by_words.entry(words.anywhere()).or_default().push((words.location, item.clone()));
        }
        self.by_number.insert(number, item);
    }

    /// The asset that a row is about.
    pub fn find(&self, identity: &Identity) -> Found<&T> {
        match identity {
            Identity::Number(number) => self.by_number.get(number).map_or(Found::None, Found::One),
            Identity::Words(words) => {
                let places = self.by_words.get(&words.anywhere()).map_or(&[][..], Vec::as_slice);
                let mut fitting =
                    places.iter().filter(|(place, _)| words.location.is_none() || *place == words.location);
                match (fitting.next(), fitting.next()) {
                    (None, _) => Found::None,
                    (Some((_, item)), None) => Found::One(item),
                    (Some(_), Some(_)) => Found::Several,
                }
            }
        }
    }
}
