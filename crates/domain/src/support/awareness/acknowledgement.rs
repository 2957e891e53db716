//! Acknowledgements (D06a, D29; 7.3): who has said that they know the policy, what they contribute, what follows when rules
//! are not kept, and their duties. Each is of one edition: what was said of an older one counts no more.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoEnumIterator};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    access::{Governed, Resource, Verb},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::Note,
        transition::{Stateful, Transition},
    },
    organization::person::Person,
};

/// That a person acknowledged something.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Acknowledgement {
    /// Its id.
    pub id: Id<Acknowledgement>,
    /// Rises with every change.
    pub revision: Revision,
    /// What was said.
    #[serde(flatten)]
    pub draft: AcknowledgementDraft,
    /// The person.
    pub person: Reference,
    /// The edition that was in force when this was recorded.
    pub edition: AcknowledgedEdition,
    /// Whether it counts: the edition is still in force, and this was not voided.
    pub counts: bool,
    /// Who recorded it.
    pub recorded: Signature,
    /// Somebody else recorded it for the person.
    pub on_behalf: bool,
    /// Whether it stands.
    pub state: AcknowledgementState,
    /// Who voided it, with the reason.
    #[schema(required)]
    pub voided: Option<Signature>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<AcknowledgementAction>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for Acknowledgement {
    const RESOURCE: Resource = Resource::Acknowledgement;
}

impl Revised for Acknowledgement {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is said in an acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgementDraft {
    /// Who acknowledges.
    pub person_id: Id<Person>,
    /// What.
    pub item: AwarenessItem,
    /// When; not in the future, and not before the edition was in force.
    pub acknowledged_on: NaiveDate,
    /// On what occasion. `own` is for the person alone; what somebody records for them comes from elsewhere.
    pub source: AcknowledgementSource,
    /// What shows it, and remarks.
    #[serde(default)]
    pub remarks: Note,
}

/// What everybody who works here is aware of (7.3): the three points of D29, and the duties of D06a.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AwarenessItem {
    /// The edition of the policy in force (7.3 a).
    Policy,
    /// What the own work contributes, and what good comes of it (7.3 b).
    Contribution,
    /// What follows when the own tasks are not done (7.3 c).
    Consequences,
    /// The version of the duties in force (D06a).
    Obligations,
}

impl AwarenessItem {
    /// The kind of the record whose edition is acknowledged: what people contribute, and what follows otherwise, goes with
    /// the policy that it serves.
    pub fn edition_of(self) -> Resource {
        match self {
            Self::Policy | Self::Contribution | Self::Consequences => Resource::Policy,
            Self::Obligations => Resource::Obligation,
        }
    }
}

impl Labelled for AwarenessItem {
    const NAME: &'static str = "awareness_item";

    fn label(&self) -> Label {
        match self {
            Self::Policy => label("情報セキュリティ方針", "information security policy"),
            Self::Contribution => label("自分の仕事の貢献と効果", "own contribution and its benefits"),
            Self::Consequences => label("守らない場合の影響", "consequences of not conforming"),
            Self::Obligations => label("従業者の責務", "duties of workers"),
        }
    }
}

/// On what occasion something was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AcknowledgementSource {
    /// The person said so here.
    Own,
    /// In a training.
    Training,
    /// After a communication: a meeting, a notice.
    Communication,
    /// Signed on paper.
    Paper,
}

impl Labelled for AcknowledgementSource {
    const NAME: &'static str = "acknowledgement_source";

    fn label(&self) -> Label {
        match self {
            Self::Own => label("本人の操作", "the person themselves"),
            Self::Training => label("教育", "training"),
            Self::Communication => label("周知", "communication"),
            Self::Paper => label("紙の署名", "signed on paper"),
        }
    }
}

/// The edition that is acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AcknowledgedEdition {
    /// Policy or duties.
    pub resource: Resource,
    /// The record.
    pub id: Uuid,
    /// Its version.
    pub version: i32,
}

/// What holds today, and is known to those who acknowledge it.
#[derive(Clone, Debug, Default)]
pub struct Editions(pub Vec<(AcknowledgedEdition, NaiveDate)>);

impl Editions {
    /// The edition that an item is about, and since when it holds; `None` while there is none.
    pub fn of(&self, item: AwarenessItem) -> Option<&(AcknowledgedEdition, NaiveDate)> {
        self.0.iter().find(|(edition, _)| edition.resource == item.edition_of())
    }

    /// What is to be acknowledged today.
    pub fn items(&self) -> impl Iterator<Item = (AwarenessItem, &AcknowledgedEdition)> {
        AwarenessItem::iter().filter_map(|item| Some((item, &self.of(item)?.0)))
    }

    /// Whether this edition is one of them.
    pub fn hold(&self, id: Uuid) -> bool {
        self.0.iter().any(|(edition, _)| edition.id == id)
    }
}

/// Whether an acknowledgement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AcknowledgementState {
    /// It does.
    Recorded,
    /// It was recorded by mistake.
    Voided,
}

impl Labelled for AcknowledgementState {
    const NAME: &'static str = "acknowledgement_state";

    fn label(&self) -> Label {
        match self {
            Self::Recorded => label("記録済み", "recorded"),
            Self::Voided => label("取消し", "voided"),
        }
    }
}

/// A step of an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AcknowledgementAction {
    /// Void it (`/voiding`).
    Void,
}

impl Labelled for AcknowledgementAction {
    const NAME: &'static str = "acknowledgement_action";

    fn label(&self) -> Label {
        match self {
            Self::Void => label("取消し", "void"),
        }
    }
}

impl Stateful for Acknowledgement {
    type Action = AcknowledgementAction;
    type State = AcknowledgementState;

    const TRANSITIONS: &'static [Transition<AcknowledgementAction, AcknowledgementState>] = &[Transition {
        action: AcknowledgementAction::Void,
        from: &[AcknowledgementState::Recorded],
        grant: (Resource::Acknowledgement, Verb::Update),
    }];

    fn state(&self) -> AcknowledgementState {
        self.state
    }
}

impl Acknowledgement {
    /// Records one, of the edition that holds. Refused while none does.
    pub fn record(
        draft: AcknowledgementDraft,
        person: Reference,
        editions: &Editions,
        by: Signature,
        now: DateTime<Utc>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let Some((edition, since)) = editions.of(draft.item) else { return Err(Refusal::not_ready(["/item"])) };
        let on_behalf = by.person_id != draft.person_id;
        let mut faults = Vec::new();
        if on_behalf == (draft.source == AcknowledgementSource::Own) {
            faults.push(Fault::new("/source", Code::Contradiction).with("other", "/person_id"));
        }
        if draft.acknowledged_on > today {
            faults.push(Fault::new("/acknowledged_on", Code::FutureDate));
        } else if draft.acknowledged_on < *since {
            faults.push(Fault::new("/acknowledged_on", Code::DateOrder).with("since", since.to_string()));
        }
        Refusal::unless_empty(faults)?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            draft,
            person,
            edition: edition.clone(),
            counts: true,
            recorded: by,
            on_behalf,
            state: AcknowledgementState::Recorded,
            voided: None,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// It was recorded by mistake.
    pub fn void(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(AcknowledgementAction::Void)?;
        self.state = AcknowledgementState::Voided;
        self.counts = false;
        self.voided = Some(by);
        Ok(())
    }
}

/// What a person who works here has still to acknowledge.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AcknowledgementGap {
    /// The person.
    pub person: Reference,
    /// Their department.
    #[schema(required)]
    pub department: Option<Reference>,
    /// What is missing.
    pub item: AwarenessItem,
    /// Of which edition.
    pub edition: AcknowledgedEdition,
}

/// How far the organization is, in numbers: nobody is named.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AcknowledgementSummary {
    /// As of this day.
    pub on: NaiveDate,
    /// Each item of which an edition holds.
    pub counts: Vec<AcknowledgementCount>,
}

impl Governed for AcknowledgementSummary {
    const RESOURCE: Resource = Resource::AcknowledgementSummary;
}

/// How many acknowledged one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AcknowledgementCount {
    /// The item.
    pub item: AwarenessItem,
    /// The edition.
    pub edition: AcknowledgedEdition,
    /// How many people work here today; who left counts in no number.
    pub workers: usize,
    /// How many of them acknowledged it.
    pub acknowledged: usize,
    /// How many did not.
    pub missing: usize,
    /// The share of those who did, in whole percent, rounded down; `null` while nobody works here.
    #[schema(required)]
    pub percent: Option<usize>,
}

impl AcknowledgementSummary {
    /// Out of the number of people who work here, and what they have still to acknowledge.
    pub fn of(on: NaiveDate, editions: &Editions, workers: usize, gaps: &[AcknowledgementGap]) -> Self {
        let count = |(item, edition): (AwarenessItem, &AcknowledgedEdition)| {
            let missing = gaps.iter().filter(|gap| gap.item == item).count();
            let acknowledged = workers.saturating_sub(missing);
            let percent = (acknowledged * 100).checked_div(workers);
            AcknowledgementCount { item, edition: edition.clone(), workers, acknowledged, missing, percent }
        };
        Self { on, counts: editions.items().map(count).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn policy() -> Editions {
        let edition = AcknowledgedEdition { resource: Resource::Policy, id: Uuid::from_u128(1), version: 2 };
        Editions(vec![(edition, day("2024-04-01"))])
    }

    fn record(
        item: AwarenessItem,
        on: &str,
        source: AcknowledgementSource,
        own: bool,
    ) -> Result<Acknowledgement, Refusal> {
        let person_id = Id::generate(NOW);
        let recorder = if own { person_id } else { Id::generate(NOW) };
        let by = Signature {
            person_id: recorder,
            name: "高橋".into(),
            posts: vec![],
            at: NOW,
            provisional: false,
            reason: None,
        };
        let draft =
            AcknowledgementDraft { person_id, item, acknowledged_on: day(on), source, remarks: Note::default() };
        Acknowledgement::record(draft, Reference::new(person_id, "高橋"), &policy(), by, NOW, day("2024-04-10"))
    }

    #[test]
    fn everybody_speaks_for_themselves_and_what_others_record_is_marked() {
        use AcknowledgementSource::{Own, Paper, Training};
        let own = record(AwarenessItem::Policy, "2024-04-10", Own, true).unwrap();
        assert_eq!((own.on_behalf, own.edition.version), (false, 2));
        assert!(record(AwarenessItem::Contribution, "2024-04-02", Training, false).unwrap().on_behalf);
        let code = |refused: Result<Acknowledgement, Refusal>| refused.unwrap_err().errors[0].code;
        assert_eq!(code(record(AwarenessItem::Policy, "2024-04-10", Own, false)), Code::Contradiction);
        assert_eq!(code(record(AwarenessItem::Policy, "2024-04-10", Paper, true)), Code::Contradiction);
        assert_eq!(code(record(AwarenessItem::Policy, "2024-03-31", Own, true)), Code::DateOrder, "an older edition");
        assert_eq!(code(record(AwarenessItem::Policy, "2024-04-11", Own, true)), Code::FutureDate);
        assert_eq!(record(AwarenessItem::Obligations, "2024-04-10", Own, true).unwrap_err().code, Code::NotReady);
    }

    #[test]
    fn numbers_are_of_those_who_work_here() {
        let gap = |item| AcknowledgementGap {
            person: Reference::new(Id::<Person>::generate(NOW), "高橋"),
            department: None,
            item,
            edition: policy().0[0].0.clone(),
        };
        let gaps = [gap(AwarenessItem::Policy)];
        let summary = AcknowledgementSummary::of(day("2024-04-10"), &policy(), 3, &gaps);
        let numbers: Vec<_> = summary.counts.iter().map(|one| (one.item, one.acknowledged, one.percent)).collect();
        let expected = [
            (AwarenessItem::Policy, 2, Some(66)),
            (AwarenessItem::Contribution, 3, Some(100)),
            (AwarenessItem::Consequences, 3, Some(100)),
        ];
        assert_eq!(numbers, expected);
        let nobody = AcknowledgementSummary::of(day("2024-04-10"), &policy(), 0, &[]);
        assert!(nobody.counts.iter().all(|one| one.percent.is_none()));
    }
}
