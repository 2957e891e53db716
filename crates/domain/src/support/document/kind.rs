//! The kinds of documents, with their numbers and who approves them.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::Role,
    kernel::label::{Label, Labelled, label},
};

/// The kinds of documents, each with a series of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DocumentKind {
    /// A: what top management lays down.
    Basic,
    /// B: how the ISMS is built.
    Manual,
    /// C: how something is done.
    Procedure,
    /// D: forms and records.
    Record,
    /// From outside, without a number.
    External,
}

impl DocumentKind {
    /// The letter of its numbers.
    pub fn letter(self) -> Option<char> {
        match self {
            Self::Basic => Some('A'),
            Self::Manual => Some('B'),
            Self::Procedure => Some('C'),
            Self::Record => Some('D'),
            Self::External => None,
        }
    }

    /// Its series of numbers.
    pub fn series(self) -> &'static str {
        match self {
            Self::Basic => "document_a",
            Self::Manual => "document_b",
            Self::Procedure => "document_c",
            Self::Record => "document_d",
            Self::External => "document_external",
        }
    }

    /// The number of the document at this place in the series.
    pub fn number(self, serial: i32) -> Option<String> {
        self.letter().map(|letter| format!("{letter}-{serial:02}"))
    }

    /// Who approves its versions, before anybody who stands in: top management what is policy, the chair the rest (§4.2).
    pub fn approver(self) -> Role {
        match self {
            Self::Basic => Role::TopManagement,
            Self::Manual | Self::Procedure | Self::Record | Self::External => Role::SecurityCommitteeChair,
        }
    }
}

impl Labelled for DocumentKind {
    const NAME: &'static str = "document_kind";

    fn label(&self) -> Label {
        match self {
            Self::Basic => label("基本文書", "basic document"),
            Self::Manual => label("マニュアル", "manual"),
            Self::Procedure => label("手順書", "procedure"),
            Self::Record => label("記録類", "record or form"),
            Self::External => label("外部文書", "external document"),
        }
    }
}
