//! 4 Context of the organization, and the actions on its risks and opportunities (6.1.1).

pub mod action;
pub mod entry_log;
pub mod interested_party;
pub mod issue;
pub mod network_diagram;
pub mod review;
pub mod scope;
pub mod zone;

use std::{collections::HashSet, hash::Hash};

use crate::kernel::refusal::{Code, Fault};

/// A list with at most `most` items, none of them twice: its faults, at `pointer`.
fn once_each<K: Hash + Eq>(items: impl IntoIterator<Item = K>, most: usize, pointer: &str) -> Vec<Fault> {
    let (mut seen, mut faults, mut count) = (HashSet::new(), Vec::new(), 0);
    for (at, item) in items.into_iter().enumerate() {
        count = at + 1;
        if !seen.insert(item) {
            faults.push(Fault::new(format!("{pointer}/{at}"), Code::Duplicate));
        }
    }
    if count > most {
        faults.push(Fault::new(pointer, Code::TooLong).with("maximum", most));
    }
    faults
}
