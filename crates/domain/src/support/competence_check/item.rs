//! One requirement of a check: its rating, the improvements, and what class the items make together.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, de};
use strum::{Display, EnumIter, EnumString};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

use crate::kernel::{
    label::{Label, Labelled, label},
    refusal::{Code, Refusal},
    sign_off::Signature,
    text::{Note, Text},
};

/// A rating from 1 (must be improved) over 2 (could be better), 3 (with support), 4 (without support) to 5 (can teach).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct CompetenceRating(u8);

/// A competence is rated 1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a competence is rated 1 to 5")]
pub struct NotACompetenceRating;

impl CompetenceRating {
    /// What is rated so, or lower, has to be improved.
    pub const LACKING: Self = Self(2);

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<i64> for CompetenceRating {
    type Error = NotACompetenceRating;

    fn try_from(number: i64) -> Result<Self, NotACompetenceRating> {
        u8::try_from(number).ok().filter(|number| (1..=5).contains(number)).map(Self).ok_or(NotACompetenceRating)
    }
}

impl<'de> Deserialize<'de> for CompetenceRating {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer)?.try_into().map_err(de::Error::custom)
    }
}

impl PartialSchema for CompetenceRating {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .maximum(Some(5))
            .description(Some("1 must be improved, 2 could be better, 3 with support, 4 without support, 5 can teach"))
            .into()
    }
}

impl ToSchema for CompetenceRating {}

/// The rating of one requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemRating {
    /// The number of the requirement.
    #[schema(minimum = 1)]
    pub number: i32,
    /// How far it is met.
    pub rating: CompetenceRating,
    /// What is done about it; it counts as a plan only with a day and an action.
    #[serde(default)]
    #[schema(required = false)]
    pub improvement: Option<ImprovementPlan>,
}

/// A planned improvement, as far as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImprovementPlan {
    /// The day by which it is made.
    #[serde(default)]
    #[schema(required = false)]
    pub due_on: Option<NaiveDate>,
    /// What is done.
    #[serde(default)]
    pub action: Note,
}

/// An improvement that is planned after the check was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImprovementDraft {
    /// The number of the requirement.
    #[schema(minimum = 1)]
    pub number: i32,
    /// The day by which it is made.
    pub due_on: NaiveDate,
    /// What is done.
    pub action: Text,
}

/// What is written when an improvement is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImprovementConfirmationDraft {
    /// The number of the requirement.
    #[schema(minimum = 1)]
    pub number: i32,
    /// How far it is met now.
    pub post_rating: CompetenceRating,
    /// The day on which that was looked at; not in the future.
    pub confirmed_on: NaiveDate,
}

/// What was found when an improvement was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImprovementConfirmation {
    /// How far the requirement is met now.
    pub post_rating: CompetenceRating,
    /// The day on which that was looked at.
    pub confirmed_on: NaiveDate,
    /// Who looked.
    pub confirmed_by: Signature,
}

/// An improvement of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Improvement {
    /// The day by which it is made.
    #[schema(required)]
    pub due_on: Option<NaiveDate>,
    /// What is done.
    pub action: Note,
    /// What came of it; `null` while it is open.
    #[schema(required)]
    pub confirmation: Option<ImprovementConfirmation>,
}

impl Improvement {
    /// A plan has a day and an action, and is not confirmed.
    fn is_plan(&self) -> bool {
        self.due_on.is_some() && !self.action.as_str().trim().is_empty() && self.confirmation.is_none()
    }
}

/// A requirement of the role, as it was on the day of the check, and how far the person meets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CompetenceItem {
    /// Its number.
    pub number: i32,
    /// What is demanded.
    pub requirement: Text,
    /// The rating of the check.
    pub rating: CompetenceRating,
    /// The rating that counts: that of the last confirmed improvement, before that the one of the check.
    pub effective_rating: CompetenceRating,
    /// Its improvements, the earliest first; one that did not help stays on record.
    pub improvements: Vec<Improvement>,
}

impl CompetenceItem {
    /// As it was rated.
    pub(super) fn rated(rating: &ItemRating, requirement: &Text) -> Self {
        let planned = rating.improvement.clone();
        let open = |plan: ImprovementPlan| Improvement { due_on: plan.due_on, action: plan.action, confirmation: None };
        Self {
            number: rating.number,
            requirement: requirement.clone(),
            rating: rating.rating,
            effective_rating: rating.rating,
            improvements: planned.map(open).into_iter().collect(),
        }
    }

    fn is_lacking(&self) -> bool {
        self.effective_rating <= CompetenceRating::LACKING
    }

    fn plan(&self) -> Option<&Improvement> {
        self.improvements.last().filter(|improvement| improvement.is_plan())
    }

    /// The day by which its open improvement is due.
    pub(super) fn due_on(&self) -> Option<NaiveDate> {
        self.plan().and_then(|plan| plan.due_on)
    }

    /// When its last improvement was confirmed.
    pub(super) fn confirmed_on(&self) -> Option<NaiveDate> {
        let last = self.improvements.iter().rev().find_map(|improvement| improvement.confirmation.as_ref());
        last.map(|confirmation| confirmation.confirmed_on)
    }

    pub(super) fn confirm(&mut self, draft: ImprovementConfirmationDraft, by: Signature) -> Result<(), Refusal> {
        let ImprovementConfirmationDraft { number: _, post_rating, confirmed_on } = draft;
        let open = self.improvements.last_mut().filter(|improvement| improvement.is_plan());
        let open = open.ok_or_else(|| Refusal::field("/number", Code::Contradiction).by("R-15b"))?;
        open.confirmation = Some(ImprovementConfirmation { post_rating, confirmed_on, confirmed_by: by });
        self.effective_rating = post_rating;
        Ok(())
    }

    pub(super) fn replan(&mut self, draft: ImprovementDraft) -> Result<(), Refusal> {
        if !self.is_lacking() || self.plan().is_some() {
            return Err(Refusal::field("/number", Code::Contradiction).by("R-15b"));
        }
        let ImprovementDraft { number: _, due_on, action } = draft;
        let action = Note::from(action);
        self.improvements.push(Improvement { due_on: Some(due_on), action, confirmation: None });
        Ok(())
    }
}

/// Whether a person may be appointed to the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
pub enum CompetenceClass {
    /// 任命可: nothing is lacking.
    A,
    /// 改善確認後任命可: provisionally, until every improvement is confirmed.
    B,
    /// 任命不可: something is lacking, and nothing is planned about it.
    C,
}

impl Labelled for CompetenceClass {
    const NAME: &'static str = "competence_class";

    fn label(&self) -> Label {
        match self {
            Self::A => label("A 任命可", "A may be appointed"),
            Self::B => label("B 改善確認後任命可", "B may be appointed once improvement is confirmed"),
            Self::C => label("C 任命不可", "C may not be appointed"),
        }
    }
}

impl CompetenceClass {
    /// What the items make together.
    pub(super) fn of(items: &[CompetenceItem]) -> Self {
        let mut lacking = items.iter().filter(|item| item.is_lacking()).peekable();
        if lacking.peek().is_none() {
            Self::A
        } else if lacking.all(|item| item.plan().is_some()) {
            Self::B
        } else {
            Self::C
        }
    }
}
