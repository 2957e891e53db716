//! The report of an audit (内部監査結果報告書, D35), with what is counted for it.

use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator;
use utoipa::ToSchema;

use super::{Audit, row::AuditTeamRow};
use crate::{
    evaluation::{criterion::BilingualText, finding::Finding},
    improvement::corrective_action::source::FindingRank,
    kernel::{
        id::Id,
        partial_date::PartialDate,
        reference::Reference,
        sign_off::SignOff,
        text::{Note, Text},
    },
};

/// What the auditors say in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditReport {
    /// What people wrote.
    #[serde(flatten)]
    pub draft: AuditReportDraft,
    /// Who wrote and approved it.
    pub sign_off: SignOff,
}

/// What is written in the report; the rest of it is taken from the plan and from the findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditReportDraft {
    /// When the audit was carried out.
    pub performed_in: PartialDate,
    /// The opinion as a whole (監査総評).
    pub overall_opinion: Text,
    /// How the findings are followed up.
    #[serde(default)]
    pub follow_up_note: Note,
}

/// The report as it is printed: what is taken from the plan, what was written, and what was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditReportSheet {
    /// The audit.
    pub audit: Reference,
    /// What it was for.
    pub purpose: Text,
    /// Who audited what (監査体制).
    pub team: Vec<AuditTeamRow>,
    /// What was written, by whom, and who approved it.
    pub report: AuditReport,
    /// How many findings there are.
    pub counts: FindingCounts,
    /// What is said about them.
    pub sentence: BilingualText,
    /// What was found, the gravest first; numbered anew in each rank.
    pub findings: Vec<ReportedFinding>,
}

/// A finding in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportedFinding {
    /// How grave it is.
    pub rank: FindingRank,
    /// Its number in the rank.
    pub number: usize,
    /// What is not met, with its title.
    pub criterion: BilingualText,
    /// What is required, what was seen, and what is missing.
    pub content: Text,
    /// Where it was found.
    #[schema(required)]
    pub department: Option<Reference>,
    /// The record of it.
    #[schema(value_type = String, format = Uuid)]
    pub finding_id: Id<Finding>,
}

impl AuditReportSheet {
    /// Out of an audit and its findings in the order of their numbers; none before the report was written.
    pub fn of(audit: Audit, findings: Vec<Finding>) -> Option<Self> {
        let report = audit.report?;
        let mut reported = Vec::new();
        for rank in FindingRank::iter() {
            let of_rank = findings.iter().filter(|finding| finding.draft.rank == rank);
            reported.extend((1..).zip(of_rank).map(|(number, finding)| ReportedFinding {
                rank,
                number,
                criterion: finding.criterion.clone(),
                content: finding.draft.content.clone(),
                department: finding.department.clone(),
                finding_id: finding.id,
            }));
        }
        Some(Self {
            audit: Reference::new(audit.id, audit.draft.name.as_str()),
            purpose: audit.draft.purpose,
            team: audit.team,
            report,
            counts: audit.counts,
            sentence: audit.sentence,
            findings: reported,
        })
    }
}

/// How many findings of each rank there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FindingCounts {
    /// Major nonconformities.
    pub major: i64,
    /// Minor nonconformities.
    pub minor: i64,
    /// Observations.
    pub observation: i64,
}

impl FindingCounts {
    /// What the report says about them: with and without major ones, and for none at all.
    pub fn sentence(self) -> BilingualText {
        let ranks = [
            (self.major, "重大な不適合", "major nonconformities"),
            (self.minor, "軽微な不適合", "minor nonconformities"),
            (self.observation, "観察事項", "observations"),
        ];
        let found: Vec<_> = ranks.iter().filter(|(count, ..)| *count > 0).collect();
        if found.is_empty() {
            return BilingualText {
                ja: "不適合および観察事項は、検出されなかった。".to_owned(),
                en: "Neither nonconformities nor observations were found.".to_owned(),
            };
        }
        let ja: Vec<_> = found.iter().map(|(count, ja, _)| format!("{count}件を{ja}")).collect();
        let en: Vec<_> = found.iter().map(|(count, _, en)| format!("{en}: {count}")).collect();
        let (mut ja, mut en) = (
            format!("改善を要する点があり、{}とした。", ja.join("、")),
            format!("Points to improve: {}.", en.join(", ")),
        );
        if self.major == 0 {
            ja.push_str("重大な不適合は、検出されなかった。");
            en.push_str(" No major nonconformity was found.");
        }
        BilingualText { ja, en }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(major: i64, minor: i64, observation: i64) -> String {
        FindingCounts { major, minor, observation }.sentence().ja
    }

    #[test]
    fn aud_6_the_sentence_says_what_was_counted() {
        let seed = said(0, 1, 2);
        assert!(seed.contains("1件を軽微な不適合、2件を観察事項"), "{seed}");
        assert!(seed.ends_with("重大な不適合は、検出されなかった。"), "{seed}");
    }

    #[test]
    fn r_18_other_sentences_with_major_ones_alone_or_not_and_for_none_at_all() {
        assert_eq!(said(2, 0, 0), "改善を要する点があり、2件を重大な不適合とした。");
        assert!(said(1, 3, 0).contains("1件を重大な不適合、3件を軽微な不適合とした。"));
        assert!(!said(1, 0, 1).contains("検出されなかった"));
        assert_eq!(said(0, 0, 0), "不適合および観察事項は、検出されなかった。");
    }
}
