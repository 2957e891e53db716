//! A record as it was read, so that storing it can tell what changed.

use std::ops::{Deref, DerefMut};

use mamori_domain::kernel::{
    refusal::{Code, Refusal},
    revision::{Revised, Revision},
};

use super::failure::Outcome;

/// A record and what it was when it was read.
#[derive(Clone, Debug)]
pub struct Loaded<T> {
    /// The record, to be changed.
    pub value: T,
    /// What it was.
    pub original: T,
}

impl<T: Clone> Loaded<T> {
    /// As it was just read.
    pub fn new(value: T) -> Self {
        Self { original: value.clone(), value }
    }
}

impl<T> Deref for Loaded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Loaded<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: Revised> Revised for Loaded<T> {
    fn revision(&self) -> Revision {
        self.value.revision()
    }
}

/// `WHERE revision = …` touched no row: somebody else was faster.
pub fn unless_stale(touched: usize) -> Outcome<()> {
    if touched == 1 { Ok(()) } else { Err(Refusal::new(Code::Stale).into()) }
}
