//! Risk criteria (D04; 6.1.2 a): versioned data, approved by top management.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::rating::{RISK_LEVELS, Rating, risk_level};
use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Title},
        transition::{Stateful, Transition},
        version::{Version, VersionAction, VersionState},
    },
};

/// One version of the criteria.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RiskCriteria {
    /// Its id.
    pub id: Id<RiskCriteria>,
    /// Rises with every change of this version's text.
    pub revision: Revision,
    /// Which version it is.
    #[serde(flatten)]
    pub version: Version,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: RiskCriteriaDraft,
    /// Steps open to the caller.
    pub allowed_actions: Vec<VersionAction>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for RiskCriteria {
    const RESOURCE: Resource = Resource::RiskCriteria;
}

impl Revised for RiskCriteria {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written in a version of the criteria.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskCriteriaDraft {
    /// Its title.
    pub title: Title,
    /// Likelihood by threat (rows, from 1 to 3) and vulnerability (columns, from 1 to 3).
    #[serde(default = "default_table")]
    #[schema(value_type = Vec<LikelihoodRow>, min_items = 3, max_items = 3)]
    pub likelihood_table: Vec<Vec<Rating>>,
    /// Evaluation and priority of each level: 1, 2, 3, 4, 6, 9.
    #[serde(default = "default_bands")]
    #[schema(min_items = 6, max_items = 6)]
    pub bands: Vec<Band>,
    /// An asset is important when one of its ratings reaches this (R-03c).
    #[serde(default = "high")]
    pub important_asset_from: Rating,
    /// When and how often assessments are performed, and on which occasions.
    #[serde(default)]
    pub conditions: Note,
}

/// A row of the likelihood table: three ratings.
#[derive(ToSchema)]
#[schema(value_type = Vec<Rating>, min_items = 3, max_items = 3)]
#[expect(dead_code, reason = "only describes the schema")]
pub struct LikelihoodRow(Vec<Rating>);

/// What a level means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// 1, 2, 3, 4, 6 or 9.
    #[schema(minimum = 1, maximum = 9)]
    pub risk_level: u8,
    /// Whether it is acceptable.
    pub evaluation: Evaluation,
    /// 1: at once, 2: this term, 3: desirable this term; `null`: no treatment needed.
    #[serde(default)]
    #[schema(required = false)]
    pub priority: Option<Rating>,
}

/// Whether a level is acceptable.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Evaluation {
    /// As it is.
    Acceptable,
    /// With a date on which it is looked at again.
    AcceptableUnderControl,
    /// Not without treatment.
    Unacceptable,
}

impl Labelled for Evaluation {
    const NAME: &'static str = "evaluation";

    fn label(&self) -> Label {
        match self {
            Self::Acceptable => label("受容可能", "acceptable"),
            Self::AcceptableUnderControl => label("管理下で受容可能", "acceptable under control"),
            Self::Unacceptable => label("受容不可", "unacceptable"),
        }
    }
}

impl Stateful for RiskCriteria {
    type Action = VersionAction;
    type State = VersionState;

    const TRANSITIONS: &'static [Transition<VersionAction, VersionState>] = &Version::steps(Resource::RiskCriteria);

    fn state(&self) -> VersionState {
        self.version.state
    }
}

/// Importance, likelihood and what the criteria make of them: kept as a snapshot with the version that was in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Assessment {
    /// 1 to 3.
    pub importance: Rating,
    /// 1 to 3.
    pub likelihood: Rating,
    /// Importance × likelihood.
    #[schema(minimum = 1, maximum = 9)]
    pub risk_level: u8,
    /// Whether it is acceptable.
    pub evaluation: Evaluation,
    /// How urgent treatment is.
    #[schema(required)]
    pub priority: Option<Rating>,
    /// The version of the criteria that says so.
    pub criteria_version: i32,
}

/// What a version of the criteria would change, were every open risk assessed again under it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CriteriaEffect {
    /// How many open risks were looked at.
    pub looked_at: i64,
    /// Those that would change.
    pub changes: Vec<CriteriaChange>,
}

/// One risk that would change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CriteriaChange {
    /// The risk.
    pub risk_id: Id<super::risk::Risk>,
    /// Its number.
    pub risk_number: i32,
    /// As it stands.
    pub before: Assessment,
    /// As it would be.
    pub after: Assessment,
}

fn high() -> Rating {
    Rating::HIGH
}

fn default_table() -> Vec<Vec<Rating>> {
    use Rating as R;
    vec![vec![R::LOW, R::LOW, R::LOW], vec![R::LOW, R::LOW, R::MEDIUM], vec![R::LOW, R::MEDIUM, R::HIGH]]
}

fn default_bands() -> Vec<Band> {
    use Evaluation::{Acceptable, AcceptableUnderControl, Unacceptable};
    [
        (1, Acceptable, None),
        (2, Acceptable, None),
        (3, AcceptableUnderControl, Some(Rating::HIGH)),
        (4, AcceptableUnderControl, Some(Rating::HIGH)),
        (6, Unacceptable, Some(Rating::MEDIUM)),
        (9, Unacceptable, Some(Rating::LOW)),
    ]
    .into_iter()
    .map(|(risk_level, evaluation, priority)| Band { risk_level, evaluation, priority })
    .collect()
}

impl RiskCriteriaDraft {
    /// The criteria that ship: the source's tables.
    pub fn shipped(title: Title) -> Self {
        Self {
            title,
            likelihood_table: default_table(),
            bands: default_bands(),
            important_asset_from: high(),
            conditions: Note::default(),
        }
    }

    /// Likelihood of a threat meeting a vulnerability.
    pub fn likelihood(&self, threat: Rating, vulnerability: Rating) -> Rating {
        let row = self.likelihood_table.get(usize::from(threat.get()) - 1);
        row.and_then(|row| row.get(usize::from(vulnerability.get()) - 1)).copied().unwrap_or(Rating::HIGH)
    }

    /// What this version makes of importance and likelihood.
    pub fn assess(&self, importance: Rating, likelihood: Rating, version: i32) -> Assessment {
        let level = risk_level(importance, likelihood);
        let band = self.bands.iter().find(|band| band.risk_level == level);
        Assessment {
            importance,
            likelihood,
            risk_level: level,
            evaluation: band.map_or(Evaluation::Unacceptable, |band| band.evaluation),
            priority: band.map_or(Some(Rating::LOW), |band| band.priority),
            criteria_version: version,
        }
    }

    /// A table of 3 × 3 that does not fall, and every level once, not milder than the level below it.
    fn check(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        if self.likelihood_table.len() != 3 {
            faults.push(Fault::new("/likelihood_table", Code::OutOfRange));
        }
        for (at, row) in self.likelihood_table.iter().enumerate() {
            if row.len() != 3 {
                faults.push(Fault::new(format!("/likelihood_table/{at}"), Code::OutOfRange));
            }
            for (place, likelihood) in row.iter().enumerate() {
                let weaker = place.checked_sub(1).and_then(|before| row.get(before));
                let rarer = at.checked_sub(1).and_then(|above| self.likelihood_table.get(above)?.get(place));
                if weaker.max(rarer).is_some_and(|lower| lower > likelihood) {
                    faults.push(Fault::new(format!("/likelihood_table/{at}/{place}"), Code::Contradiction));
                }
            }
        }
        let mut seen = BTreeSet::new();
        for (at, band) in self.bands.iter().enumerate() {
            if !RISK_LEVELS.contains(&band.risk_level) {
                faults.push(Fault::new(format!("/bands/{at}/risk_level"), Code::OutOfRange));
            }
            if !seen.insert(band.risk_level) {
                faults.push(Fault::new(format!("/bands/{at}/risk_level"), Code::Duplicate));
            }
            let milder =
                self.bands.iter().any(|lower| lower.risk_level < band.risk_level && lower.evaluation > band.evaluation);
            if milder {
                faults.push(Fault::new(format!("/bands/{at}/evaluation"), Code::Contradiction));
            }
        }
        if seen.len() < RISK_LEVELS.len() {
            faults.push(Fault::new("/bands", Code::TooShort));
        }
        Refusal::unless_empty(faults)
    }
}

impl RiskCriteria {
    /// A new version, as a draft.
    pub fn draft(draft: RiskCriteriaDraft, number: i32, by: Signature, now: DateTime<Utc>) -> Result<Self, Refusal> {
        draft.check()?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            version: Version::draft(number, by),
            draft,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes a draft.
    pub fn revise(&mut self, draft: RiskCriteriaDraft, by: Signature) -> Result<(), Refusal> {
        self.version.revise(by)?;
        draft.check()?;
        self.draft = draft;
        Ok(())
    }

    /// What this version makes of importance and likelihood.
    pub fn assess(&self, importance: Rating, likelihood: Rating) -> Assessment {
        self.draft.assess(importance, likelihood, self.version.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> RiskCriteriaDraft {
        RiskCriteriaDraft::shipped(Title::new("リスク基準").unwrap())
    }

    fn rating(number: i64) -> Rating {
        number.try_into().unwrap()
    }

    #[test]
    fn lik_1_to_9_likelihood_out_of_threat_and_vulnerability() {
        for (id, threat, vulnerability, expected) in [
            ("LIK-1", 3, 3, 3),
            ("LIK-2", 3, 2, 2),
            ("LIK-3", 2, 2, 1),
            ("LIK-4", 2, 1, 1),
            ("LIK-5", 2, 3, 2),
            ("LIK-6", 3, 1, 1),
            ("LIK-7", 1, 3, 1),
            ("LIK-8", 1, 2, 1),
            ("LIK-9", 1, 1, 1),
        ] {
            let likelihood = shipped().likelihood(rating(threat), rating(vulnerability));
            assert_eq!(likelihood.get(), expected, "{id}");
            assert_eq!(i64::from(likelihood.get()), (threat + vulnerability - 3).max(1), "closed form of R-04");
        }
    }

    #[test]
    fn lvl_1_to_9_level_evaluation_and_priority() {
        use Evaluation::{Acceptable, AcceptableUnderControl, Unacceptable};
        for (id, importance, likelihood, level, evaluation, priority) in [
            ("LVL-1", 3, 3, 9, Unacceptable, Some(1)),
            ("LVL-2", 3, 2, 6, Unacceptable, Some(2)),
            ("LVL-3", 2, 2, 4, AcceptableUnderControl, Some(3)),
            ("LVL-4", 2, 3, 6, Unacceptable, Some(2)),
            ("LVL-5", 3, 1, 3, AcceptableUnderControl, Some(3)),
            ("LVL-6", 1, 3, 3, AcceptableUnderControl, Some(3)),
            ("LVL-7", 2, 1, 2, Acceptable, None),
            ("LVL-8", 1, 2, 2, Acceptable, None),
            ("LVL-9", 1, 1, 1, Acceptable, None),
        ] {
            let assessment = shipped().assess(rating(importance), rating(likelihood), 1);
            assert_eq!(assessment.risk_level, level, "{id}");
            assert_eq!(assessment.evaluation, evaluation, "{id}");
            assert_eq!(assessment.priority.map(Rating::get), priority, "{id}");
        }
    }

    #[test]
    fn lvl_10_and_11_priority_is_a_band_not_a_rank() {
        let priority = |importance, likelihood| {
            shipped().assess(rating(importance), rating(likelihood), 1).priority.map(Rating::get)
        };
        assert_eq!([priority(3, 2), priority(2, 2), priority(3, 3)], [Some(2), Some(3), Some(1)], "LVL-10");
        assert_eq!([priority(3, 2), priority(2, 3)], [Some(2), Some(2)], "LVL-11");
    }

    #[test]
    fn bands_name_every_level_once_and_do_not_get_milder() {
        assert!(shipped().check().is_ok());
        let mut missing = shipped();
        missing.bands.pop();
        assert_eq!(missing.check().unwrap_err().errors[0].pointer, "/bands");
        let mut milder = shipped();
        milder.bands[5].evaluation = Evaluation::Acceptable;
        assert_eq!(milder.check().unwrap_err().errors[0].pointer, "/bands/5/evaluation");
        let mut ragged = shipped();
        ragged.likelihood_table[1].pop();
        assert_eq!(ragged.check().unwrap_err().errors[0].pointer, "/likelihood_table/1");
        let mut falling = shipped();
        falling.likelihood_table[2][2] = rating(1);
        assert_eq!(falling.check().unwrap_err().errors[0].pointer, "/likelihood_table/2/2");
    }
}
