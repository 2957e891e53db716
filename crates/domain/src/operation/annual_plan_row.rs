//! Rows of the annual plan (D32; R-22, §5.9): what is done for which clause, in which weeks, by whom. What recurs has
//! an occurrence for each time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{
    annual_plan::{AnnualPlan, AnnualPlanState},
    occurrence::{
        CompletionSource, Occurrence, OccurrenceBecause, OccurrenceCompletion, OccurrenceDone, OccurrenceReschedule,
        OccurrenceState, RecordLink, RowChange, RowChangeKind,
    },
    week::{FiscalYear, is_monday, monday_of},
};
use crate::{
    access::{Governed, Resource, Verb},
    catalog::clause,
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Title, Word},
        transition::{Stateful, Transition},
    },
    organization::person::Person,
};

/// A row of an annual plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnnualPlanRow {
    /// Its id.
    pub id: Id<AnnualPlanRow>,
    /// Rises with every change.
    pub revision: Revision,
    /// The plan it stands in.
    pub plan_id: Id<AnnualPlan>,
    /// Its place in the plan, from 1 on.
    pub number: i32,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: AnnualPlanRowDraft,
    /// Who does it.
    pub assignee: Reference,
    /// It was added when the plan was approved already.
    pub added_later: bool,
    /// Where it stands.
    pub state: AnnualPlanRowState,
    /// Each time that it is done, in the order of their weeks.
    pub occurrences: Vec<Occurrence>,
    /// The last day of the weeks of the next occurrence; `null` where nothing is left to do at a planned time.
    #[schema(required)]
    pub due_on: Option<NaiveDate>,
    /// What was moved or opened again, with the reason.
    pub changes: Vec<RowChange>,
    /// Who took it out of the draft, and why.
    #[schema(required)]
    pub withdrawal: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<AnnualPlanRowAction>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for AnnualPlanRow {
    const RESOURCE: Resource = Resource::AnnualPlan;
}

impl Revised for AnnualPlanRow {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnualPlanRowDraft {
    /// The number of the clause that asks for it, as in the catalog (No).
    pub clause: Word,
    /// What it is a part of (実施事項, upper level).
    #[serde(default)]
    #[schema(required = false)]
    pub group: Option<Title>,
    /// What is done (実施事項).
    pub activity: Title,
    /// The document or record that comes out of it (文書名).
    pub document_name: Title,
    /// Who does it.
    pub assignee_id: Id<Person>,
    /// How often.
    #[serde(default)]
    pub recurrence: Recurrence,
    /// The weeks in which it is done, each by its Monday, within the fiscal year. What is done once or yearly
    /// has one occurrence in all of them; what is done monthly or quarterly one in each month or quarter of the fiscal
    /// year, left out: in the first week of each; what is done as needed has none.
    #[serde(default)]
    #[schema(max_items = 53)]
    pub scheduled_weeks: Vec<NaiveDate>,
    /// The kind of record whose approval does it, as in the scopes (`risk_criteria`, `policy` …): then the next
    /// occurrence is marked as done by itself.
    #[serde(default)]
    #[schema(required = false, value_type = Option<String>, pattern = "^[a-z_]+$", max_length = 50)]
    pub fulfilled_by: Option<Resource>,
    /// Remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// How often something is done.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Recurrence {
    /// 一度
    #[default]
    Once,
    /// 年に1回
    Yearly,
    /// 四半期に1回
    Quarterly,
    /// 月に1回
    Monthly,
    /// 随時
    AsNeeded,
}

impl Labelled for Recurrence {
    const NAME: &'static str = "recurrence";

    fn label(&self) -> Label {
        match self {
            Self::Once => label("一度", "once"),
            Self::Yearly => label("年に1回", "once a year"),
            Self::Quarterly => label("四半期に1回", "once a quarter"),
            Self::Monthly => label("月に1回", "once a month"),
            Self::AsNeeded => label("随時", "as needed"),
        }
    }
}

impl Recurrence {
    /// The first Monday of each month of the fiscal year in which it is due, where that follows from how often.
    fn usual_weeks(self, year: &FiscalYear) -> Vec<NaiveDate> {
        let months: &[u32] = match self {
            Self::Monthly => &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
            Self::Quarterly => &[1, 4, 7, 10],
            Self::Once | Self::Yearly | Self::AsNeeded => &[],
        };
        months.iter().filter_map(|month| year.monday(*month, 1)).collect()
    }

    /// Which occurrence of the year a week belongs to.
    fn period_of(self, week: NaiveDate, year: &FiscalYear) -> u32 {
        match self {
            Self::Monthly => year.month_of(week),
            Self::Quarterly => year.quarter_of(week),
            Self::Once | Self::Yearly | Self::AsNeeded => 0,
        }
    }
}

/// Where a row stands: derived from its occurrences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AnnualPlanRowState {
    /// Something is to be done, in time; what is done as needed is always so.
    Scheduled,
    /// The last week of an occurrence has ended, and it is not done.
    Overdue,
    /// Nothing is left to do, and something was done.
    Done,
    /// Everything in it was skipped.
    Skipped,
    /// It was taken out of the draft.
    Withdrawn,
}

impl Labelled for AnnualPlanRowState {
    const NAME: &'static str = "annual_plan_row_state";

    fn label(&self) -> Label {
        match self {
            Self::Scheduled => label("予定", "scheduled"),
            Self::Overdue => label("遅れ", "overdue"),
            Self::Done => label("済み", "done"),
            Self::Skipped => label("見送り", "skipped"),
            Self::Withdrawn => label("取下げ", "withdrawn"),
        }
    }
}

/// A step of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AnnualPlanRowAction {
    /// Change it, while the plan is a draft.
    Revise,
    /// Take it out of the draft (`/withdrawal`).
    Withdraw,
    /// Record, as its assignee, that it is done (`/completion`).
    Complete,
    /// Record for the assignee that it is done (`/attestation`).
    Attest,
    /// Move an occurrence to other weeks (`/reschedule`).
    Reschedule,
    /// Leave an occurrence out (`/skipping`).
    Skip,
    /// Take back that an occurrence is done or skipped (`/reopening`).
    Reopen,
}

impl Labelled for AnnualPlanRowAction {
    const NAME: &'static str = "annual_plan_row_action";

    fn label(&self) -> Label {
        match self {
            Self::Revise => label("変更", "revise"),
            Self::Withdraw => label("取下げ", "withdraw"),
            Self::Complete => label("実施の記録", "complete"),
            Self::Attest => label("代理での実施の記録", "attest"),
            Self::Reschedule => label("日程の変更", "reschedule"),
            Self::Skip => label("見送り", "skip"),
            Self::Reopen => label("取り消して戻す", "reopen"),
        }
    }
}

impl AnnualPlanRowAction {
    /// Whether a plan in this state lets its rows take the step: they are written in a draft, and done once it is
    /// approved (SD-12).
    pub fn is_open_in(self, plan: AnnualPlanState) -> bool {
        match self {
            Self::Revise | Self::Withdraw => plan == AnnualPlanState::Draft,
            _ => plan.is_running(),
        }
    }
}

use AnnualPlanRowState as S;

/// What the row allows. Whether the plan allows it too: [`AnnualPlanRowAction::is_open_in`].
impl Stateful for AnnualPlanRow {
    type Action = AnnualPlanRowAction;
    type State = AnnualPlanRowState;

    const TRANSITIONS: &'static [Transition<AnnualPlanRowAction, AnnualPlanRowState>] = &[
        Transition {
            action: AnnualPlanRowAction::Revise,
            from: &[S::Scheduled],
            grant: (Resource::AnnualPlan, Verb::Update),
        },
        Transition {
            action: AnnualPlanRowAction::Withdraw,
            from: &[S::Scheduled],
            grant: (Resource::AnnualPlan, Verb::Update),
        },
        Transition {
            action: AnnualPlanRowAction::Complete,
            from: &[S::Scheduled, S::Overdue],
            grant: (Resource::AnnualPlan, Verb::Execute),
        },
        Transition {
            action: AnnualPlanRowAction::Attest,
            from: &[S::Scheduled, S::Overdue],
            grant: (Resource::AnnualPlan, Verb::Update),
        },
        Transition {
            action: AnnualPlanRowAction::Reschedule,
            from: &[S::Scheduled, S::Overdue],
            grant: (Resource::AnnualPlan, Verb::Update),
        },
        Transition {
            action: AnnualPlanRowAction::Skip,
            from: &[S::Scheduled, S::Overdue],
            grant: (Resource::AnnualPlan, Verb::Update),
        },
        Transition {
            action: AnnualPlanRowAction::Reopen,
            from: &[S::Scheduled, S::Overdue, S::Done, S::Skipped],
            grant: (Resource::AnnualPlan, Verb::Update),
        },
    ];

    fn state(&self) -> AnnualPlanRowState {
        self.state
    }
}

/// What is wrong with weeks: each is a Monday of the year, once.
fn week_faults(weeks: &[NaiveDate], year: &FiscalYear) -> Vec<Fault> {
    let mut seen = BTreeSet::new();
    let fault = |(at, week): (usize, &NaiveDate)| {
        let at = format!("/scheduled_weeks/{at}");
        if !year.has(*week) {
            let bounds = Fault::new(at, Code::OutOfRange).with("from", year.starts_on.to_string());
            Some(bounds.with("until", year.ends_on.to_string()))
        } else if !is_monday(*week) {
            Some(Fault::new(at, Code::InvalidFormat).with("monday", monday_of(*week).to_string()))
        } else if !seen.insert(*week) {
            Some(Fault::new(at, Code::Duplicate))
        } else {
            None
        }
    };
    weeks.iter().enumerate().filter_map(fault).collect()
}

impl AnnualPlanRowDraft {
    /// The draft as it is kept, with the weeks that were left out and in order, and its occurrences.
    fn settle(mut self, year: &FiscalYear) -> Result<(Self, Vec<Occurrence>), Refusal> {
        let mut faults = week_faults(&self.scheduled_weeks, year);
        if clause::find(self.clause.as_str()).is_none() {
            faults.push(Fault::new("/clause", Code::NotInList));
        }
        match (self.recurrence, self.scheduled_weeks.is_empty()) {
            (Recurrence::AsNeeded, false) => faults.push(Fault::new("/scheduled_weeks", Code::Contradiction)),
            (Recurrence::Once | Recurrence::Yearly, true) => {
                faults.push(Fault::new("/scheduled_weeks", Code::TooShort));
            }
            (recurrence, true) => self.scheduled_weeks = recurrence.usual_weeks(year),
            (_, false) => self.scheduled_weeks.sort(),
        }
        Refusal::unless_empty(faults).map_err(|refusal| refusal.by("R-22"))?;
        let mut periods: BTreeMap<u32, Vec<NaiveDate>> = BTreeMap::new();
        for week in &self.scheduled_weeks {
            periods.entry(self.recurrence.period_of(*week, year)).or_default().push(*week);
        }
        let occurrences = (1..).zip(periods.into_values()).map(|(number, weeks)| Occurrence::planned(number, weeks));
        let occurrences = occurrences.collect();
        Ok((self, occurrences))
    }
}

impl AnnualPlanRow {
    /// A new row of `plan`; of an approved plan it is marked as added later, of any other that is no draft refused
    /// (SD-12).
    pub fn plan(
        draft: AnnualPlanRowDraft,
        plan: &AnnualPlan,
        number: i32,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        if plan.state != AnnualPlanState::Draft && !plan.state.is_running() {
            return Err(Refusal::wrong_state(plan.state).by("SD-12"));
        }
        let (draft, occurrences) = draft.settle(&plan.fiscal_year())?;
        let mut row = Self {
            id: Id::generate(now),
            revision: 1,
            plan_id: plan.id,
            number,
            assignee: Reference::new(draft.assignee_id, ""),
            draft,
            added_later: plan.state.is_running(),
            state: AnnualPlanRowState::Scheduled,
            occurrences,
            due_on: None,
            changes: Vec::new(),
            withdrawal: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        row.due_on = row.next_due();
        Ok(row)
    }

    /// Changes it, while its plan is a draft (SD-12).
    pub fn revise(&mut self, draft: AnnualPlanRowDraft, plan: &AnnualPlan) -> Result<(), Refusal> {
        self.guard_in(AnnualPlanRowAction::Revise, plan)?;
        (self.draft, self.occurrences) = draft.settle(&plan.fiscal_year())?;
        self.due_on = self.next_due();
        Ok(())
    }

    /// Takes it out of the draft, with a reason.
    pub fn withdraw(&mut self, plan: &AnnualPlan, by: Signature) -> Result<(), Refusal> {
        self.guard_in(AnnualPlanRowAction::Withdraw, plan)?;
        self.withdrawal = Some(by);
        self.occurrences.clear();
        self.due_on = None;
        Ok(())
    }

    /// Records that an occurrence is done: by its assignee, or attested by whoever keeps the plan.
    pub fn complete(
        &mut self,
        completion: OccurrenceCompletion,
        source: CompletionSource,
        plan: &AnnualPlan,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        let action = match source {
            CompletionSource::Assignee => AnnualPlanRowAction::Complete,
            CompletionSource::Attestation | CompletionSource::Record => AnnualPlanRowAction::Attest,
        };
        self.guard_in(action, plan)?;
        completion.check(today)?;
        let OccurrenceCompletion { occurrence, done_on, evidence, link } = completion;
        let done = OccurrenceDone { done_on, done_by: Some(by), source, evidence, link };
        if self.draft.recurrence == Recurrence::AsNeeded {
            if occurrence.is_some() {
                return Err(Refusal::field("/occurrence", Code::UnknownReference));
            }
            let number = self.occurrences.last().map_or(0, |last| last.number) + 1;
            let mut extra = Occurrence::planned(number, vec![monday_of(done_on)]);
            extra.done = Some(done);
            self.occurrences.push(extra);
        } else {
            self.open_one(occurrence)?.done = Some(done);
        }
        self.derive(plan.state, today);
        Ok(())
    }

    /// The thing was done: a record that fulfils it was approved on `on`. Marks the earliest open occurrence, and tells
    /// whether there was one.
    pub fn fulfil(&mut self, link: RecordLink, on: NaiveDate, by: Option<Signature>) -> bool {
        let Ok(occurrence) = self.open_one(None) else { return false };
        occurrence.done = Some(OccurrenceDone {
            done_on: on,
            done_by: by,
            source: CompletionSource::Record,
            evidence: Note::default(),
            link: Some(link),
        });
        true
    }

    /// Moves an open occurrence to other weeks of the year, with a reason; what it was stays to be read.
    pub fn reschedule(
        &mut self,
        moved: OccurrenceReschedule,
        plan: &AnnualPlan,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard_in(AnnualPlanRowAction::Reschedule, plan)?;
        let mut faults = week_faults(&moved.scheduled_weeks, &plan.fiscal_year());
        if moved.scheduled_weeks.is_empty() {
            faults.push(Fault::new("/scheduled_weeks", Code::TooShort));
        }
        Refusal::unless_empty(faults).map_err(|refusal| refusal.by("R-22"))?;
        let mut after = moved.scheduled_weeks;
        after.sort();
        let occurrence = self.open_one(moved.occurrence)?;
        let before = std::mem::replace(&mut occurrence.weeks, after.clone());
        let number = occurrence.number;
        let kind = RowChangeKind::Rescheduled;
        self.changes.push(RowChange { kind, occurrence: number, before, after, undone: None, by });
        self.occurrences.sort_by(|a, b| a.weeks.cmp(&b.weeks));
        let weeks: BTreeSet<NaiveDate> = self.occurrences.iter().flat_map(|one| one.weeks.iter().copied()).collect();
        self.draft.scheduled_weeks = weeks.into_iter().collect();
        self.derive(plan.state, today);
        Ok(())
    }

    /// Leaves an open occurrence out, with a reason.
    pub fn skip(
        &mut self,
        which: &OccurrenceBecause,
        plan: &AnnualPlan,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard_in(AnnualPlanRowAction::Skip, plan)?;
        self.open_one(which.occurrence)?.skipped = Some(by);
        self.derive(plan.state, today);
        Ok(())
    }

    /// Takes back, with a reason, that an occurrence is done or skipped; the last one where none is named. What was
    /// recorded stays to be read.
    pub fn reopen(
        &mut self,
        which: &OccurrenceBecause,
        plan: &AnnualPlan,
        by: Signature,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        self.guard_in(AnnualPlanRowAction::Reopen, plan)?;
        let place = match which.occurrence {
            Some(number) => self.occurrences.iter().position(|one| one.number == number),
            None => self.occurrences.iter().rposition(|one| !one.is_open()),
        };
        let Some(occurrence) = place.and_then(|place| self.occurrences.get_mut(place)) else {
            return Err(match which.occurrence {
                Some(_) => Refusal::field("/occurrence", Code::UnknownReference),
                None => Refusal::wrong_state(self.state),
            });
        };
        if occurrence.is_open() {
            return Err(Refusal::wrong_state(occurrence.state));
        }
        let (kind, number) = (RowChangeKind::Reopened, occurrence.number);
        let (undone, weeks) = (occurrence.done.take(), occurrence.weeks.clone());
        occurrence.skipped = None;
        if self.draft.recurrence == Recurrence::AsNeeded {
            self.occurrences.retain(|one| one.number != number);
        }
        self.changes.push(RowChange { kind, occurrence: number, before: weeks.clone(), after: weeks, undone, by });
        self.derive(plan.state, today);
        Ok(())
    }

    /// Derives state, due day and those of its occurrences as of `today`. What is not approved is not overdue.
    pub fn derive(&mut self, plan: AnnualPlanState, today: NaiveDate) {
        for occurrence in &mut self.occurrences {
            occurrence.derive(plan.is_running(), today);
        }
        self.due_on = self.next_due();
        let any = |state| self.occurrences.iter().any(|one| one.state == state);
        self.state = if self.withdrawal.is_some() {
            AnnualPlanRowState::Withdrawn
        } else if any(OccurrenceState::Overdue) {
            AnnualPlanRowState::Overdue
        } else if any(OccurrenceState::Scheduled) || self.draft.recurrence == Recurrence::AsNeeded {
            AnnualPlanRowState::Scheduled
        } else if any(OccurrenceState::Done) {
            AnnualPlanRowState::Done
        } else {
            AnnualPlanRowState::Skipped
        };
    }

    /// Whether its occurrences let it take the step; state and plan are asked elsewhere.
    pub fn has_occurrence_for(&self, action: AnnualPlanRowAction) -> bool {
        match action {
            AnnualPlanRowAction::Reschedule | AnnualPlanRowAction::Skip => self.open().next().is_some(),
            AnnualPlanRowAction::Reopen => self.occurrences.iter().any(|one| !one.is_open()),
            _ => true,
        }
    }

    /// How many occurrences are open, and how many done.
    pub fn counts(&self) -> (i32, i32) {
        let count = |counted: &dyn Fn(&Occurrence) -> bool| {
            i32::try_from(self.occurrences.iter().filter(|one| counted(one)).count()).unwrap_or(i32::MAX)
        };
        (count(&Occurrence::is_open), count(&|one| one.done.is_some()))
    }

    fn open(&self) -> impl Iterator<Item = &Occurrence> {
        self.occurrences.iter().filter(|one| one.is_open())
    }

    /// The last day of the open occurrence that ends first.
    fn next_due(&self) -> Option<NaiveDate> {
        self.open().filter_map(Occurrence::last_day).min()
    }

    /// The open occurrence with this number; the earliest where none is named.
    fn open_one(&mut self, number: Option<i32>) -> Result<&mut Occurrence, Refusal> {
        let Some(number) = number else {
            let state = self.state;
            let open = self.occurrences.iter_mut().filter(|one| one.is_open());
            return open.min_by_key(|one| one.last_day()).ok_or_else(|| Refusal::wrong_state(state));
        };
        let named = self.occurrences.iter_mut().find(|one| one.number == number);
        let named = named.ok_or_else(|| Refusal::field("/occurrence", Code::UnknownReference))?;
        if named.is_open() { Ok(named) } else { Err(Refusal::wrong_state(named.state)) }
    }

    /// The state of the plan, then that of the row.
    fn guard_in(&self, action: AnnualPlanRowAction, plan: &AnnualPlan) -> Result<(), Refusal> {
        if !action.is_open_in(plan.state) {
            return Err(Refusal::wrong_state(plan.state).by("SD-12"));
        }
        self.guard(action)
    }
}

#[cfg(test)]
mod tests;
