//! Similar nonconformities in other departments (10.2 b): the same clause or control, or a description and cause that read
//! alike.

use std::collections::HashSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::{CorrectiveAction, step::CorrectiveActionState};
use crate::{
    catalog::control::ControlId,
    kernel::{id::Id, reference::Reference, text::normalized},
};

/// From how much likeness on two texts are shown as similar.
const ALIKE: u8 = 30;

/// What the search compares of a corrective action.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The action.
    pub id: Id<CorrectiveAction>,
    /// Its reference number.
    pub reference_no: String,
    /// The department that it is about.
    pub target_department: Reference,
    /// Where it stands.
    pub state: CorrectiveActionState,
    /// The clause that was not met.
    pub clause: Option<String>,
    /// The control that was not met.
    pub control: Option<ControlId>,
    /// What was not as it should be.
    pub description: String,
    /// Why.
    pub cause: Option<String>,
}

/// A similar corrective action of another department.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimilarAction {
    /// The action.
    pub id: Id<CorrectiveAction>,
    /// Its reference number.
    pub reference_no: String,
    /// The department that it is about.
    pub target_department: Reference,
    /// Where it stands.
    pub state: CorrectiveActionState,
    /// What was not as it should be.
    pub description: String,
    /// Why, where that was evaluated.
    #[schema(required)]
    pub cause: Option<String>,
    /// It is about the same clause of the standard.
    pub same_clause: bool,
    /// It is about the same control of Annex A.
    pub same_control: bool,
    /// How much description and cause read alike, from 0 to 100.
    pub likeness: u8,
    /// Where it stands in the list: a clause or a control in common first, then the likeness.
    #[serde(skip)]
    pub score: u16,
}

impl SimilarAction {
    /// `other` beside `action`, where they are similar.
    pub fn of(action: &CorrectiveAction, other: Compared) -> Option<Self> {
        let clause = action.draft.clause.as_ref().map(|clause| clause.as_str());
        let cause = action.round.evaluation.as_ref().map(|evaluation| evaluation.cause.as_str());
        let likeness = likeness(
            &text(action.draft.description.as_str(), cause),
            &text(&other.description, other.cause.as_deref()),
        );
        let same_clause = clause.is_some() && clause == other.clause.as_deref();
        let same_control = action.draft.control.is_some() && action.draft.control == other.control;
        let score = 100 * (u16::from(same_clause) + u16::from(same_control)) + u16::from(likeness);
        (same_clause || same_control || likeness >= ALIKE).then_some(Self {
            id: other.id,
            reference_no: other.reference_no,
            target_department: other.target_department,
            state: other.state,
            description: other.description,
            cause: other.cause,
            same_clause,
            same_control,
            likeness,
            score,
        })
    }
}

fn text(description: &str, cause: Option<&str>) -> String {
    [description, cause.unwrap_or_default()].join("\n")
}

/// How many pairs of neighbouring characters two texts share, of all that they have (Dice): Japanese has no blanks to
/// split at.
fn likeness(one: &str, other: &str) -> u8 {
    let (one, other) = (pairs(one), pairs(other));
    let all = one.len() + other.len();
    let shared = one.intersection(&other).count();
    u8::try_from((200 * shared).checked_div(all).unwrap_or_default()).unwrap_or(100)
}

fn pairs(text: &str) -> HashSet<(char, char)> {
    let text: Vec<char> = normalized(text).chars().filter(|c| c.is_alphanumeric()).collect();
    text.iter().zip(text.iter().skip(1)).map(|(first, second)| (*first, *second)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_alike_by_what_they_share() {
        assert_eq!(likeness("点検記録が残っていない", "点検記録が残っていない。"), 100);
        assert_eq!(likeness("", ""), 0);
        assert_eq!(likeness("教育", "バックアップ"), 0);
        assert!(likeness("3月の点検記録が残っていない", "ｻｰﾊﾞの点検記録が残っていなかった") >= ALIKE);
    }
}
