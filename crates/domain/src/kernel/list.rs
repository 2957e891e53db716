//! Lists in what people write: how many items they have, and none of them twice.

use std::{collections::HashSet, hash::Hash};

use super::refusal::{Code, Fault};

/// A list with at most `most` items, none of them twice: its faults, at `pointer`.
pub fn once_each<K: Hash + Eq>(items: impl IntoIterator<Item = K>, most: usize, pointer: &str) -> Vec<Fault> {
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

/// The same for a list that must name something.
pub fn some_once_each<K: Hash + Eq>(items: &[K], most: usize, pointer: &str) -> Vec<Fault> {
    if items.is_empty() { vec![Fault::new(pointer, Code::TooShort)] } else { once_each(items, most, pointer) }
}
