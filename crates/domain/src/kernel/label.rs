//! Words of the API with their Japanese and English labels.

use serde::Serialize;
use utoipa::ToSchema;

/// A label in both languages of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Label {
    /// Japanese.
    pub ja: &'static str,
    /// English.
    pub en: &'static str,
}

/// Shorthand for a [`Label`].
pub const fn label(ja: &'static str, en: &'static str) -> Label {
    Label { ja, en }
}

/// An enum of the API: every word has a label, and the catalog lists them all.
pub trait Labelled: strum::IntoEnumIterator + std::fmt::Display {
    /// The name of the list in `/v1/catalog/enums`, lower snake case.
    const NAME: &'static str;

    /// What to show for this word.
    fn label(&self) -> Label;
}
