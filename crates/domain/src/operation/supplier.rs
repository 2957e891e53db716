//! Suppliers and cloud services (8.1; A.5.19 to A.5.23): what they handle, their contracts, how they are evaluated and
//! left.

use std::collections::BTreeSet;

use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text, Title},
        transition::{Stateful, Transition},
    },
    organization::{department::Department, person::Person},
    planning::asset::Asset,
};

/// A supplier or a cloud service.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Supplier {
    /// Its id.
    pub id: Id<Supplier>,
    /// Rises with every change.
    pub revision: Revision,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: SupplierDraft,
    /// The department that uses it.
    pub department: Reference,
    /// Who answers for it.
    pub responsible_person: Reference,
    /// The assets it handles.
    pub assets: Vec<Reference>,
    /// Whether it is used.
    pub state: SupplierState,
    /// How it was evaluated, the earliest first.
    pub evaluations: Vec<SupplierEvaluation>,
    /// The day by which it is evaluated next: an interval after the last evaluation, before that the first day of the
    /// contract. `null` where neither is known, and after the exit.
    #[schema(required)]
    pub next_evaluation_on: Option<NaiveDate>,
    /// That day has passed.
    pub evaluation_overdue: bool,
    /// It handles personal data, and no confidentiality agreement is signed.
    pub nda_missing: bool,
    /// The last day of the contract has passed, and it is still used.
    pub contract_expired: bool,
    /// When, why and how it was left.
    #[schema(required)]
    pub exit: Option<SupplierExit>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<SupplierAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Supplier {
    const RESOURCE: Resource = Resource::Supplier;
}

impl Revised for Supplier {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written about a supplier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplierDraft {
    /// Its name.
    pub name: Title,
    /// Supplier or cloud service.
    pub kind: SupplierKind,
    /// What it does for the organization.
    pub services: Text,
    /// The assets it handles.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub asset_ids: BTreeSet<Id<Asset>>,
    /// It handles personal data.
    #[serde(default)]
    pub handles_personal_data: bool,
    /// First day of the contract.
    #[serde(default)]
    #[schema(required = false)]
    pub starts_on: Option<NaiveDate>,
    /// Last day of the contract; none where it goes on.
    #[serde(default)]
    #[schema(required = false)]
    pub ends_on: Option<NaiveDate>,
    /// When the confidentiality agreement (NDA) was signed.
    #[serde(default)]
    #[schema(required = false)]
    pub nda_signed_on: Option<NaiveDate>,
    /// Months between two evaluations.
    #[serde(default = "a_year")]
    #[schema(minimum = 1, maximum = 60, default = 12)]
    pub evaluation_interval_months: u8,
    /// Who answers for it.
    pub responsible_person_id: Id<Person>,
    /// The department that uses it.
    pub department_id: Id<Department>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

fn a_year() -> u8 {
    12
}

/// Supplier or cloud service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SupplierKind {
    /// 委託先・供給者
    Supplier,
    /// クラウドサービス
    CloudService,
}

impl Labelled for SupplierKind {
    const NAME: &'static str = "supplier_kind";

    fn label(&self) -> Label {
        match self {
            Self::Supplier => label("委託先・供給者", "supplier"),
            Self::CloudService => label("クラウドサービス", "cloud service"),
        }
    }
}

/// An evaluation of a supplier, as it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SupplierEvaluation {
    /// The day on which it was made.
    pub evaluated_on: NaiveDate,
    /// What came of it.
    pub result: EvaluationResult,
    /// What it rests on.
    pub remarks: Note,
    /// The day by which the next one is made.
    pub next_due_on: NaiveDate,
    /// Who made it.
    pub evaluated_by: Signature,
}

/// What is written about an evaluation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplierEvaluationDraft {
    /// The day on which it was made; not in the future.
    pub evaluated_on: NaiveDate,
    /// What came of it.
    pub result: EvaluationResult,
    /// What it rests on. Required where the supplier is not simply suitable.
    #[serde(default)]
    pub remarks: Note,
}

/// What came of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EvaluationResult {
    /// It may go on.
    Suitable,
    /// It may go on where the conditions in the remarks are met.
    Conditional,
    /// It should be left.
    Unsuitable,
}

impl Labelled for EvaluationResult {
    const NAME: &'static str = "evaluation_result";

    fn label(&self) -> Label {
        match self {
            Self::Suitable => label("適", "suitable"),
            Self::Conditional => label("条件付きで適", "conditional"),
            Self::Unsuitable => label("不適", "unsuitable"),
        }
    }
}

/// How a supplier is left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplierExit {
    /// The last day on which it was used; not in the future.
    pub ended_on: NaiveDate,
    /// Why.
    pub reason: Text,
    /// What became of the data.
    pub data: DataDisposition,
    /// What shows that the data was returned or deleted: a certificate, a receipt, a log. Required where there was any.
    #[serde(default)]
    pub evidence: Note,
}

/// What became of the data that a supplier held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DataDisposition {
    /// It was returned.
    Returned,
    /// It was deleted.
    Deleted,
    /// It was returned, and what was left deleted.
    ReturnedAndDeleted,
    /// It held none.
    NoneHeld,
}

impl Labelled for DataDisposition {
    const NAME: &'static str = "data_disposition";

    fn label(&self) -> Label {
        match self {
            Self::Returned => label("返却済み", "returned"),
            Self::Deleted => label("消去済み", "deleted"),
            Self::ReturnedAndDeleted => label("返却・消去済み", "returned and deleted"),
            Self::NoneHeld => label("預けていない", "none held"),
        }
    }
}

/// Whether a supplier is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SupplierState {
    /// It is.
    Active,
    /// It was left.
    Exited,
}

impl Labelled for SupplierState {
    const NAME: &'static str = "supplier_state";

    fn label(&self) -> Label {
        match self {
            Self::Active => label("利用中", "active"),
            Self::Exited => label("終了", "exited"),
        }
    }
}

/// A step of a supplier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SupplierAction {
    /// Change it.
    Revise,
    /// Record an evaluation (`/evaluations`).
    Evaluate,
    /// Leave it (`/exit`).
    Exit,
}

impl Labelled for SupplierAction {
    const NAME: &'static str = "supplier_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Evaluate => label("評価", "evaluate"),
            Self::Exit => label("利用終了", "exit"),
        }
    }
}

impl Stateful for Supplier {
    type Action = SupplierAction;
    type State = SupplierState;

    const TRANSITIONS: &'static [Transition<SupplierAction, SupplierState>] = &[
        Transition {
            action: SupplierAction::Revise,
            from: &[SupplierState::Active],
            grant: (Resource::Supplier, Verb::Update),
        },
        Transition {
            action: SupplierAction::Evaluate,
            from: &[SupplierState::Active],
            grant: (Resource::Supplier, Verb::Update),
        },
        Transition {
            action: SupplierAction::Exit,
            from: &[SupplierState::Active],
            grant: (Resource::Supplier, Verb::Update),
        },
    ];

    fn state(&self) -> SupplierState {
        self.state
    }
}

impl SupplierDraft {
    fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.ends_on.is_some_and(|end| self.starts_on.is_some_and(|start| end < start)) {
            faults.push(Fault::new("/ends_on", Code::DateOrder).with("other", "/starts_on"));
        }
        if self.nda_signed_on.is_some_and(|signed| signed > today) {
            faults.push(Fault::new("/nda_signed_on", Code::FutureDate));
        }
        if !(1..=60).contains(&self.evaluation_interval_months) {
            faults.push(Fault::new("/evaluation_interval_months", Code::OutOfRange));
        }
        if self.asset_ids.len() > 200 {
            faults.push(Fault::new("/asset_ids", Code::TooLong));
        }
        Refusal::unless_empty(faults)
    }
}

impl Supplier {
    /// A new supplier.
    pub fn enter(draft: SupplierDraft, now: DateTime<Utc>, today: NaiveDate) -> Result<Self, Refusal> {
        draft.check(today)?;
        let mut supplier = Self {
            id: Id::generate(now),
            revision: 1,
            department: Reference::new(draft.department_id, ""),
            responsible_person: Reference::new(draft.responsible_person_id, ""),
            assets: Vec::new(),
            draft,
            state: SupplierState::Active,
            evaluations: Vec::new(),
            next_evaluation_on: None,
            evaluation_overdue: false,
            nda_missing: false,
            contract_expired: false,
            exit: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        supplier.derive(today);
        Ok(supplier)
    }

    /// Changes it.
    pub fn revise(&mut self, draft: SupplierDraft, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(SupplierAction::Revise)?;
        draft.check(today)?;
        self.draft = draft;
        self.derive(today);
        Ok(())
    }

    /// Adds an evaluation; the next one is due an interval later.
    pub fn evaluate(&mut self, draft: SupplierEvaluationDraft, by: Signature, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(SupplierAction::Evaluate)?;
        let mut faults = Vec::new();
        if draft.evaluated_on > today {
            faults.push(Fault::new("/evaluated_on", Code::FutureDate));
        }
        if draft.result != EvaluationResult::Suitable && draft.remarks.as_str().trim().is_empty() {
            faults.push(Fault::new("/remarks", Code::RequiredHere));
        }
        Refusal::unless_empty(faults)?;
        let SupplierEvaluationDraft { evaluated_on, result, remarks } = draft;
        let next_due_on = self.after_interval(evaluated_on);
        self.evaluations.push(SupplierEvaluation { evaluated_on, result, remarks, next_due_on, evaluated_by: by });
        self.evaluations.sort_by_key(|evaluation| evaluation.evaluated_on);
        self.derive(today);
        Ok(())
    }

    /// Leaves it. What it held is returned or deleted, and something shows it (A.5.20, A.8.10).
    pub fn leave(&mut self, exit: SupplierExit, today: NaiveDate) -> Result<(), Refusal> {
        self.guard(SupplierAction::Exit)?;
        let mut faults = Vec::new();
        if exit.ended_on > today {
            faults.push(Fault::new("/ended_on", Code::FutureDate));
        }
        if self.draft.starts_on.is_some_and(|start| exit.ended_on < start) {
            faults.push(Fault::new("/ended_on", Code::DateOrder).with("other", "starts_on"));
        }
        let none_held = exit.data == DataDisposition::NoneHeld;
        if none_held && (self.draft.handles_personal_data || !self.draft.asset_ids.is_empty()) {
            faults.push(Fault::new("/data", Code::Contradiction));
        }
        if !none_held && exit.evidence.as_str().trim().is_empty() {
            faults.push(Fault::new("/evidence", Code::RequiredHere));
        }
        Refusal::unless_empty(faults)?;
        self.state = SupplierState::Exited;
        self.exit = Some(exit);
        self.derive(today);
        Ok(())
    }

    /// Derives what is due and what is missing as of `today`.
    pub fn derive(&mut self, today: NaiveDate) {
        let active = self.state == SupplierState::Active;
        let last = self.evaluations.last().map(|evaluation| evaluation.evaluated_on);
        let next = last.map(|last| self.after_interval(last)).or(self.draft.starts_on);
        self.next_evaluation_on = next.filter(|_| active);
        self.evaluation_overdue = self.next_evaluation_on.is_some_and(|next| next < today);
        self.nda_missing = active && self.draft.handles_personal_data && self.draft.nda_signed_on.is_none();
        self.contract_expired = active && self.draft.ends_on.is_some_and(|end| end < today);
    }

    fn after_interval(&self, day: NaiveDate) -> NaiveDate {
        let months = Months::new(u32::from(self.draft.evaluation_interval_months));
        day.checked_add_months(months).unwrap_or(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::annual_plan::tests::somebody;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn draft() -> SupplierDraft {
        SupplierDraft {
            name: Title::new("配送会社").unwrap(),
            kind: SupplierKind::Supplier,
            services: Text::new("商品の発送").unwrap(),
            asset_ids: BTreeSet::new(),
            handles_personal_data: true,
            starts_on: Some(day("2024-04-01")),
            ends_on: Some(day("2025-03-31")),
            nda_signed_on: None,
            evaluation_interval_months: 6,
            responsible_person_id: Id::generate(DateTime::UNIX_EPOCH),
            department_id: Id::generate(DateTime::UNIX_EPOCH),
            remarks: Note::default(),
        }
    }

    fn supplier() -> Supplier {
        Supplier::enter(draft(), DateTime::UNIX_EPOCH, day("2024-04-01")).unwrap()
    }

    fn evaluation(on: &str, result: EvaluationResult, remarks: &str) -> SupplierEvaluationDraft {
        SupplierEvaluationDraft { evaluated_on: day(on), result, remarks: Note::new(remarks).unwrap() }
    }

    #[test]
    fn the_next_evaluation_is_due_an_interval_after_the_last() {
        let mut supplier = supplier();
        assert_eq!(supplier.next_evaluation_on, Some(day("2024-04-01")), "before the first day of the contract ends");
        supplier.derive(day("2024-04-02"));
        assert!(supplier.evaluation_overdue && supplier.nda_missing && !supplier.contract_expired);
        let today = day("2024-04-30");
        supplier.evaluate(evaluation("2024-04-30", EvaluationResult::Suitable, ""), somebody(), today).unwrap();
        supplier.evaluate(evaluation("2024-03-31", EvaluationResult::Suitable, ""), somebody(), today).unwrap();
        assert_eq!(supplier.next_evaluation_on, Some(day("2024-10-30")), "the latest counts, whenever it was entered");
        assert_eq!(supplier.evaluations[0].next_due_on, day("2024-09-30"));
        supplier.derive(day("2025-04-01"));
        assert!(supplier.evaluation_overdue && supplier.contract_expired);
    }

    #[test]
    fn conditions_are_named_and_nothing_is_evaluated_in_the_future() {
        let mut supplier = supplier();
        let today = day("2024-04-01");
        let conditional = evaluation("2024-04-02", EvaluationResult::Conditional, " ");
        let refused = supplier.evaluate(conditional, somebody(), today).unwrap_err();
        let faults: Vec<_> = refused.errors.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!(faults, [("/evaluated_on", Code::FutureDate), ("/remarks", Code::RequiredHere)]);
    }

    #[test]
    fn it_is_left_with_evidence_of_what_became_of_the_data() {
        let exit = |data, evidence: &str| SupplierExit {
            ended_on: day("2024-04-01"),
            reason: Text::new("乗り換え").unwrap(),
            data,
            evidence: Note::new(evidence).unwrap(),
        };
        let today = day("2024-04-01");
        let mut supplier = supplier();
        for (exit, pointer) in
            [(exit(DataDisposition::NoneHeld, ""), "/data"), (exit(DataDisposition::Deleted, ""), "/evidence")]
        {
            assert_eq!(supplier.leave(exit, today).unwrap_err().errors[0].pointer, pointer);
        }
        supplier.leave(exit(DataDisposition::Deleted, "消去証明書"), today).unwrap();
        assert_eq!((supplier.state, supplier.next_evaluation_on), (SupplierState::Exited, None));
        assert!(!supplier.nda_missing);
        assert_eq!(supplier.revise(draft(), today).unwrap_err().code, Code::WrongState);
    }
}
