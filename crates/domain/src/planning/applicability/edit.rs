//! Many controls of a statement changed at once, with a result for each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::control::{ApplicabilityControl, ApplicabilityControlDraft, ApplicabilityDecision, ImplementationStatus};
use crate::kernel::{
    id::Id,
    label::{Label, Labelled, label},
    refusal::{Code, Fault, Params, Refusal},
    revision::Revision,
    text::{Note, Title, Word},
};

/// Changes of several controls of one version.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlEdits {
    /// One for each control.
    #[schema(min_items = 1, max_items = 200)]
    pub edits: Vec<ControlEdit>,
    /// What happens where one is refused.
    #[serde(default)]
    pub on_error: OnRefusedEdit,
}

/// The change of one control: what is left out stays.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlEdit {
    /// Its number in Annex A, or its own id.
    pub control_id: Word,
    /// The revision that was read: where it is given, a control that has changed since is refused.
    #[serde(default)]
    #[schema(required = false)]
    pub revision: Option<Revision>,
    /// Whether it is applicable. Another decision than before lays the status before it down.
    #[serde(default)]
    #[schema(required = false)]
    pub decision: Option<ApplicabilityDecision>,
    /// How far it is in practice.
    #[serde(default)]
    #[schema(required = false)]
    pub implementation_status: Option<ImplementationStatus>,
    /// Why it was included or excluded.
    #[serde(default)]
    #[schema(required = false)]
    pub justification: Option<Note>,
    /// Regulations and procedures that carry it out, by title: all of them.
    #[serde(default)]
    #[schema(required = false, max_items = 50)]
    pub documents: Option<Vec<Title>>,
}

/// What happens where a change is refused.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OnRefusedEdit {
    /// Nothing is changed.
    #[default]
    Refuse,
    /// The others are.
    Skip,
}

impl Labelled for OnRefusedEdit {
    const NAME: &'static str = "on_refused_edit";

    fn label(&self) -> Label {
        match self {
            Self::Refuse => label("すべて取りやめる", "refuse all"),
            Self::Skip => label("その行を飛ばす", "skip those"),
        }
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EditOutcome {
    /// The control changed.
    Changed,
    /// It was so already.
    Unchanged,
    /// It was refused.
    Refused,
}

impl Labelled for EditOutcome {
    const NAME: &'static str = "edit_outcome";

    fn label(&self) -> Label {
        match self {
            Self::Changed => label("変更", "changed"),
            Self::Unchanged => label("変更なし", "unchanged"),
            Self::Refused => label("変更不可", "refused"),
        }
    }
}

/// What was changed, or would be, control by control.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ControlEditReport {
    /// Nothing was stored: this is only what would happen.
    pub validate_only: bool,
    /// Controls that changed.
    pub changed: i64,
    /// Controls that were so already.
    pub unchanged: i64,
    /// Changes that were refused.
    pub refused: i64,
    /// Every change, in the order in which they came.
    pub rows: Vec<ControlEditRow>,
}

/// What became of one change.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ControlEditRow {
    /// The control that it names.
    pub control_id: Word,
    /// What became of it.
    pub outcome: EditOutcome,
    /// The row of that control; `null` where the version has none.
    #[schema(required)]
    pub id: Option<Id<ApplicabilityControl>>,
    /// The revision of the row now.
    #[schema(required)]
    pub revision: Option<Revision>,
    /// Why it was refused.
    pub errors: Vec<EditFault>,
}

/// What is wrong with one field of a change.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EditFault {
    /// JSON pointer into the body: `/edits/3/implementation_status`.
    pub pointer: String,
    /// What is wrong there.
    pub code: Code,
    /// Details for programs.
    #[schema(value_type = Object)]
    pub params: Params,
}

impl ControlEdit {
    /// What a control would say then.
    fn applied_to(&self, draft: &ApplicabilityControlDraft) -> ApplicabilityControlDraft {
        let mut draft = draft.clone();
        if let Some(decision) = self.decision.filter(|decision| *decision != draft.decision) {
            draft.decision = decision;
            draft.implementation_status = None;
        }
        draft.implementation_status = self.implementation_status.or(draft.implementation_status);
        if let Some(justification) = &self.justification {
            draft.justification = justification.clone();
        }
        if let Some(documents) = &self.documents {
            draft.documents = documents.clone();
        }
        draft
    }
}

/// Most changes in one request: a page of controls.
const MOST_EDITS: usize = 200;

impl ControlEdits {
    /// Applies every change to its control among `controls`, all of one draft. Refused changes leave theirs as it is; which
    /// controls changed says the report, in which `revision` is still the one before.
    pub fn apply(&self, controls: &mut BTreeMap<Word, ApplicabilityControl>) -> Result<ControlEditReport, Refusal> {
        match self.edits.len() {
            0 => return Err(Refusal::field("/edits", Code::TooShort)),
            1..=MOST_EDITS => {}
            _ => return Err(Refusal::field("/edits", Code::TooLong)),
        }
        let mut report =
            ControlEditReport { validate_only: false, changed: 0, unchanged: 0, refused: 0, rows: Vec::new() };
        for (at, edit) in self.edits.iter().enumerate() {
            let control = controls.get_mut(&edit.control_id);
            let (id, revision) = (control.as_ref().map(|row| row.id), control.as_ref().map(|row| row.revision));
            let earlier = report.rows.iter().any(|row: &ControlEditRow| row.control_id == edit.control_id);
            let done = match control {
                _ if earlier => Err(Refusal::field("/control_id", Code::Duplicate)),
                None => Err(Refusal::field("/control_id", Code::UnknownReference)),
                Some(row) if edit.revision.is_some_and(|read| read != row.revision) => {
                    let fault = Fault::new("/revision", Code::Stale).with("revision", row.revision);
                    Err(Refusal::new(Code::Invalid).at(fault))
                }
                Some(row) => {
                    let before = row.draft.clone();
                    row.revise(edit.applied_to(&before)).map(|()| row.draft != before)
                }
            };
            let (outcome, errors) = match done {
                Ok(true) => (EditOutcome::Changed, Vec::new()),
                Ok(false) => (EditOutcome::Unchanged, Vec::new()),
                Err(refusal) => (EditOutcome::Refused, refusal.errors),
            };
            *match outcome {
                EditOutcome::Changed => &mut report.changed,
                EditOutcome::Unchanged => &mut report.unchanged,
                EditOutcome::Refused => &mut report.refused,
            } += 1;
            let in_body = |fault: Fault| EditFault {
                pointer: format!("/edits/{at}{}", fault.pointer),
                code: fault.code,
                params: fault.params,
            };
            let errors = errors.into_iter().map(in_body).collect();
            report.rows.push(ControlEditRow { control_id: edit.control_id.clone(), outcome, id, revision, errors });
        }
        Ok(report)
    }
}

impl ControlEditReport {
    /// All that is wrong, as the refusal of the whole request.
    pub fn refusal(&self) -> Refusal {
        let with_control = |row: &ControlEditRow, fault: &EditFault| {
            let params = fault.params.clone().into_iter();
            let control = ("control_id".to_owned(), Value::from(row.control_id.as_str()));
            Fault { pointer: fault.pointer.clone(), code: fault.code, params: params.chain([control]).collect() }
        };
        let faults = self.rows.iter().flat_map(|row| row.errors.iter().map(|fault| with_control(row, fault)));
        Refusal { errors: faults.collect(), ..Refusal::new(Code::RowsRefused) }
    }
}
