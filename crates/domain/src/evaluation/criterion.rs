//! What an audit measures against: a clause of the standard, a control of Annex A, or a section of an own document
//! (amendments §4, R-18).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    catalog::{clause, control::ControlId},
    kernel::{
        id::Id,
        refusal::{Code, Fault},
        text::{Note, Word},
    },
    support::document::Document,
};

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BilingualText {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// Exactly one of the three, as drafts name them.
#[derive(Clone, Copy, Debug)]
pub struct Criterion<'a> {
    /// A clause, such as `5.2`.
    pub clause: Option<&'a Word>,
    /// A control of Annex A, such as `5.12`.
    pub control: Option<ControlId>,
    /// An own document.
    pub document: Option<Id<Document>>,
    /// Which part of it.
    pub section: &'a Note,
}

impl Criterion<'_> {
    /// What is wrong with it (AUD-9).
    pub(super) fn faults(self) -> Vec<Fault> {
        let named = [self.clause.is_some(), self.control.is_some(), self.document.is_some()];
        if named.into_iter().filter(|named| *named).count() != 1 {
            let others = vec!["control", "document_id"];
            return vec![Fault::new("/clause", Code::ExactlyOne).with("other", others).with("rule", "R-18")];
        }
        match self.clause {
            Some(clause) if clause::find(clause.as_str()).is_none() => vec![Fault::new("/clause", Code::NotInList)],
            _ => Vec::new(),
        }
    }

    /// How it is printed: number and title. `document` is the title of the document, where it is one.
    pub fn title(self, document: &str) -> BilingualText {
        let known = self.clause.and_then(|clause| clause::find(clause.as_str()));
        if let Some(clause) = known {
            let of = |title| format!("{} {title}", clause.id);
            return BilingualText { ja: of(clause.title_ja), en: of(clause.title_en) };
        }
        if let Some(control) = self.control.map(ControlId::control) {
            let of = |title| format!("A.{} {title}", control.id);
            return BilingualText { ja: of(control.title_ja), en: of(control.title_en) };
        }
        let text = format!("{document} {}", self.section).trim().to_owned();
        BilingualText { ja: text.clone(), en: text }
    }
}
