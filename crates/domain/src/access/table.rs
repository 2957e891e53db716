//! The permission matrix: role × resource × verb → reach, on one page (domain specification §4.2, amendments §1, §2).
//!
//! A cell lists verbs, each group with its reach: `CRU` on everything, `CRU@dept` in the own departments and those
//! below, `A@asg` where the person is the owner or assignee, `R@own` on own records, `R@pub` on what is published.
//! Cells are read at compile time: a typing error does not build.

use strum::EnumCount;

use super::{Resource, Role, Verb};

/// The verbs of one cell, by reach, as bits in the order of [`Verb`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// On every record.
    pub all: u8,
    /// On records of the own departments.
    pub departments: u8,
    /// On records where the person is owner or assignee.
    pub assigned: u8,
    /// On the person's own records.
    pub own: u8,
    /// On published records.
    pub published: u8,
}

impl Cell {
    /// The bit of a verb.
    pub const fn bit(verb: Verb) -> u8 {
        1 << verb as u8
    }

    /// Reads `"CRU@dept A@asg"`.
    #[expect(clippy::indexing_slicing, clippy::panic, reason = "runs at compile time: a fault does not build")]
    const fn parse(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut cell = Self { all: 0, departments: 0, assigned: 0, own: 0, published: 0 };
        let mut verbs = 0u8;
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b'-' => {}
                b'C' => verbs |= Self::bit(Verb::Create),
                b'R' => verbs |= Self::bit(Verb::Read),
                b'U' => verbs |= Self::bit(Verb::Update),
                b'S' => verbs |= Self::bit(Verb::Submit),
                b'A' => verbs |= Self::bit(Verb::Approve),
                b'X' => verbs |= Self::bit(Verb::Execute),
                b'V' => verbs |= Self::bit(Verb::Verify),
                b' ' => {
                    cell.all |= verbs;
                    verbs = 0;
                }
                b'@' => {
                    match bytes[at + 1] {
                        b'd' => cell.departments |= verbs,
                        b'a' => cell.assigned |= verbs,
                        b'o' => cell.own |= verbs,
                        b'p' => cell.published |= verbs,
                        _ => panic!("reach is @dept, @asg, @own or @pub"),
                    }
                    verbs = 0;
                    while at + 1 < bytes.len() && bytes[at + 1] != b' ' {
                        at += 1;
                    }
                }
                _ => panic!("a verb is one of C R U S A X V"),
            }
            at += 1;
        }
        cell.all |= verbs;
        cell
    }
}

/// A row of the table: one cell per role, in the order of [`Role`].
#[derive(Debug)]
pub struct Row {
    /// What the row is about.
    pub resource: Resource,
    /// The cells.
    pub cells: [Cell; Role::COUNT],
}

#[expect(clippy::indexing_slicing, reason = "runs at compile time: a fault does not build")]
const fn row(resource: Resource, texts: [&str; Role::COUNT]) -> Row {
    let mut cells = [Cell { all: 0, departments: 0, assigned: 0, own: 0, published: 0 }; Role::COUNT];
    let mut at = 0;
    while at < Role::COUNT {
        cells[at] = Cell::parse(texts[at]);
        at += 1;
    }
    Row { resource, cells }
}

use Resource as R;

/// The table. Columns: top management, chair, secretariat, its head, audit manager, auditor, training manager,
/// department manager, system administrator, document controller, HR officer, platform administrator, risk owner, worker,
/// external auditor.
#[rustfmt::skip]
pub static TABLE: [Row; Resource::COUNT] = [
    //                                      TM       CH       SEC      SECH     AH       AU            TR       DM              SA       DC       HR      PA     RO         EM   EXT
    row(R::Organization,                  ["RA",    "RU",    "CRU",   "CRU",   "R",     "R",          "R",     "R",            "R",     "R",     "R",    "RU",   "-",       "R", "-"]),
    row(R::Department,                    ["R",     "CRU",   "CRU",   "CRU",   "R",     "R",          "R",     "R",            "R",     "R",     "CRU",  "R",    "-",       "R", "-"]),
    row(R::Position,                      ["CRU",   "CRU",   "CRU",   "CRU",   "R",     "R",          "R",     "R",            "R",     "R",     "CRU",  "-",    "-",       "R", "-"]),
    row(R::Person,                        ["R",     "CRU",   "CRU",   "CRU",   "R",     "R",          "R",     "R@dept",       "R",     "R",     "CRU",  "R",    "-",       "R@own", "-"]),
    row(R::Appointment,                   ["CRUA",  "CRUA",  "CRUS",  "CRUS",  "CRUA",  "R",          "R",     "R",            "R",     "R",     "R",    "R",    "-",       "R", "-"]),
    row(R::Principal,                     ["-",     "-",     "-",     "-",     "-",     "-",          "-",     "-",            "-",     "-",     "-",    "CRUX", "-",       "-", "-"]),
    row(R::OwnAccess,                     ["CRU@own","CRU@own","CRU@own","CRU@own","CRU@own","CRU@own","CRU@own","CRU@own",    "CRU@own","CRU@own","CRU@own","CRU@own","-", "CRU@own", "CRU@own"]),
    row(R::Catalog,                       ["R",     "R",     "R",     "R",     "R",     "R",          "R",     "R",            "R",     "R",     "R",    "R",    "R",       "R", "R"]),
    row(R::Event,                         ["R",     "R",     "R",     "R",     "R",     "R",          "-",     "-",            "-",     "R",     "-",    "-",    "-",       "-", "-"]),
    row(R::Notice,                        ["R",     "R",     "CRX",   "CRX",   "R",     "-",          "CRX",   "-",            "RX",    "-",     "-",    "-",    "-",       "R@own", "-"]),

    row(R::IncidentCase,                  ["R",     "CRUA",  "CRU",   "CRU",   "R",     "R",          "R",     "CR",           "CR",    "R",     "-",    "-",    "-",       "R", "-"]),
    row(R::Regulation,                    ["RA",    "RA",    "CRUS",  "CRUS",  "R",     "R",          "R",     "CR",           "CRU",   "RX",    "-",    "-",    "-",       "R", "-"]),
    row(R::Backup,                        ["R",     "R",     "R",     "R",     "R",     "R",          "-",     "R",            "CRUX",  "R",     "-",    "-",    "-",       "-", "-"]),

    row(R::ContextIssue,                  ["RA",    "CRU",   "CRUS",  "CRUS",  "R",     "R",          "R",     "CR",           "CR",    "R",     "-",    "-",    "R@asg",   "-", "-"]),
    row(R::InterestedParty,               ["RA",    "CRU",   "CRUS",  "CRUS",  "R",     "R",          "R",     "CR",           "CR",    "R",     "-",    "-",    "R@asg",   "-", "-"]),
    row(R::ContextAction,                 ["R",     "CRUX",  "CRUX",  "CRUX",  "R",     "R",          "RX@asg","CR X@asg",     "CR X@asg","R X@asg","-",  "-",    "-",       "RX@asg", "-"]),
    row(R::ContextReview,                 ["RA",    "CRUS",  "CRUS",  "CRUS",  "R",     "R",          "R",     "R",            "R",     "R",     "-",    "-",    "-",       "-", "-"]),
    row(R::Scope,                         ["RA",    "CRUS",  "CRUS",  "CRUS",  "R",     "R",          "R",     "R",            "CRU",   "R",     "-",    "-",    "-",       "R", "-"]),
    row(R::EntryLog,                      ["R",     "R",     "R",     "R",     "R",     "R",          "-",     "CRX@dept",     "CRX",   "-",     "-",    "-",    "-",       "CR@own", "-"]),

    row(R::LeadershipCommitment,          ["RXA",   "R",     "CRU",   "CRU",   "R",     "R",          "-",     "-",            "-",     "-",     "-",    "-",    "-",       "R", "-"]),
    row(R::Policy,                        ["RAX",   "CRUSX", "CRUS",  "CRUS",  "R",     "R",          "R",     "R",            "R",     "RX",    "-",    "-",    "-",       "R@pub", "-"]),

    row(R::Asset,                         ["R",     "R",     "CRU",   "CRU",   "R",     "R",          "R",     "CRU@dept",     "CRU",   "R",     "-",    "-",    "RA@asg",  "R@dept", "-"]),
    row(R::RiskCriteria,                  ["RA",    "CRUSA", "CRUS",  "CRUS",  "R",     "R",          "R",     "R",            "R",     "R",     "-",    "-",    "R@asg",   "-", "-"]),
    row(R::Risk,                          ["RA",    "CRUSA", "CRUS",  "CRUS",  "R",     "R",          "R",     "CRU@dept",     "CRU",   "R",     "-",    "-",    "R@asg",   "-", "-"]),
    row(R::TreatmentDecision,             ["R",     "RU",    "CRU",   "CRU",   "R",     "R",          "-",     "CRU@dept",     "CRU",   "-",     "-",    "-",    "RA@asg",  "-", "-"]),
    row(R::RiskAcceptance,                ["RX",    "R",     "R",     "R",     "R",     "R",          "-",     "R@dept",       "R",     "-",     "-",    "-",    "RA@asg",  "-", "-"]),
    row(R::TreatmentItem,                 ["R",     "CRU",   "CRU",   "CRU",   "R",     "R",          "RX@asg","RX@asg",       "RX@asg","RX@asg","-",    "-",    "R@asg",   "RX@asg", "-"]),
    row(R::StatementOfApplicability,      ["RA",    "CRUS",  "CRUS",  "CRUS",  "R",     "R",          "R",     "R",            "R",     "R",     "-",    "-",    "R@asg",   "-", "-"]),
    row(R::Objective,                     ["RAX",   "CRUA",  "CRUS",  "CRUS",  "R",     "R",          "CRU",   "CRU@dept",     "CRU",   "R",     "-",    "-",    "-",       "R", "-"]),
    row(R::PlannedChange,                 ["RA",    "CRUSA", "CRUS",  "CRUS",  "R",     "R",          "R",     "CR",           "CR",    "R",     "-",    "-",    "-",       "-", "-"]),

    row(R::Resources,                     ["RA",    "CRUA",  "CRU",   "CRU",   "R",     "R",          "CR",    "CR@dept",      "CR",    "R",     "-",    "-",    "-",       "-", "-"]),
    row(R::CompetenceRequirement,         ["R",     "CRU",   "CRU",   "CRU",   "CRU",   "R",          "R",     "R",            "R",     "R",     "R",    "-",    "-",       "R", "-"]),
    row(R::CompetenceCheck,               ["RA",    "CRUSA", "CRUS",  "CRUS",  "CRUSA", "R",          "R",     "R@own",        "R@own", "R",     "-",    "-",    "-",       "R@own", "-"]),
    row(R::LegalRequirement,              ["R",     "CRU",   "CRU",   "CRU",   "R",     "R",          "R",     "R CU@dept",    "R",     "R",     "-",    "-",    "-",       "-", "-"]),
    row(R::EducationPlan,                 ["RA",    "RA",    "RU",    "RU",    "R",     "R",          "CRUSX", "R",            "R",     "R",     "-",    "-",    "-",       "R", "-"]),
    row(R::EducationDuty,                 ["RU",    "RU",    "CRUX",  "CRUX",  "R",     "R",          "CRUX",  "R@dept",       "-",     "R",     "-",    "-",    "-",       "R@own", "-"]),
    row(R::Test,                          ["-",     "R",     "R",     "R",     "R",     "R",          "CRU",   "-",            "-",     "-",     "-",    "-",    "-",       "X", "-"]),
    row(R::TestAttempt,                   ["-",     "-",     "-",     "-",     "R",     "R",          "R",     "-",            "-",     "-",     "-",    "-",    "-",       "CR@own", "-"]),
    row(R::TestResult,                    ["R",     "R",     "R",     "R",     "R",     "R",          "R",     "-",            "-",     "-",     "-",    "-",    "-",       "-", "-"]),
    row(R::TrainingRecord,                ["RA",    "RA",    "RU",    "RU",    "R",     "R",          "CRUSX", "R@dept",       "-",     "R",     "-",    "-",    "-",       "RX@own", "-"]),
    row(R::Obligation,                    ["RA",    "CRUSA", "CRUS",  "CRUS",  "R",     "R",          "R",     "R",            "R",     "R",     "R",    "-",    "-",       "R@pub", "-"]),
    row(R::Acknowledgement,               ["-",     "R",     "CRU",   "CRU",   "R",     "R",          "CRU",   "R@dept",       "-",     "-",     "-",    "-",    "-",       "CR@own", "-"]),
    row(R::AcknowledgementSummary,        ["R",     "R",     "R",     "R",     "R",     "R",          "R",     "-",            "-",     "-",     "-",    "-",    "-",       "-", "-"]),
    row(R::Communication,                 ["RX",    "R",     "CRUX",  "CRUX",  "R",     "R",          "R",     "RX",           "-",     "R",     "-",    "-",    "-",       "C@own", "-"]),
    row(R::CustomerQuestionnaire,         ["RA",    "RA",    "CRUSX", "CRUSXA","R",     "R",          "R",     "RX@dept",      "-",     "R",     "-",    "-",    "-",       "-", "-"]),
    row(R::Document,                      ["RAX",   "RAX",   "CRUS",  "CRUS",  "R",     "R",          "CRUS",  "CRUS@dept",    "CRUS",  "RUX",   "-",    "-",    "-",       "R@pub", "-"]),

    row(R::RetentionRule,                 ["R",     "CRU",   "CRU",   "CRU",   "R",     "R",          "R",     "R",            "R",     "CRU",   "R",    "-",    "-",       "-", "-"]),
    row(R::Disposal,                      ["RA",    "RA",    "CRUS",  "CRUS",  "R",     "R",          "-",     "-",            "R",     "CRUS",  "CRUS", "-",    "-",       "-", "-"]),

    row(R::AnnualPlan,                    ["RA",    "RA",    "CRUS",  "CRUS",  "R",     "R",          "RX@asg","RX@asg",       "RX@asg","RX@asg","-",    "-",    "-",       "R X@asg", "-"]),
    row(R::Account,                       ["R",     "R",     "RV",    "RV",    "R",     "R",          "-",     "C@dept",       "RX",    "-",     "R",    "-",    "-",       "R@own", "-"]),
    row(R::TakeOut,                       ["RA",    "R",     "R",     "R",     "R",     "R",          "-",     "RA@dept",      "R",     "-",     "-",    "-",    "-",       "CRX@own", "-"]),
    row(R::IncidentNotice,                ["RA",    "RU",    "RUX",   "RUX",   "R",     "R",          "-",     "R@dept",       "RUX",   "-",     "-",    "-",    "-",       "C", "-"]),
    row(R::Supplier,                      ["RA",    "CRU",   "CRU",   "CRU",   "R",     "R",          "-",     "CRU@dept",     "CRU",   "R",     "-",    "-",    "-",       "-", "-"]),

    row(R::Measurement,                   ["R",     "CRU",   "CRU",   "CRU",   "R",     "R",          "CRU",   "CRU@dept",     "CRU",   "R",     "-",    "-",    "-",       "R C@asg", "-"]),
    row(R::AuditProgramme,                ["RA",    "R",     "R",     "R",     "CRUS",  "R",          "R",     "R@dept",       "R",     "R",     "-",    "-",    "-",       "-", "-"]),
    row(R::Audit,                         ["RA",    "R",     "R",     "R",     "CRUS",  "R U@asg",    "R",     "R@dept",       "R",     "R",     "-",    "-",    "-",       "-", "R@asg"]),
    row(R::AuditGuest,                    ["R",     "-",     "-",     "-",     "CRU",   "-",          "-",     "-",            "-",     "-",     "-",    "-",    "-",       "-", "-"]),
    row(R::AuditChecklist,                ["-",     "-",     "-",     "-",     "CRU",   "CRU@asg",    "-",     "-",            "-",     "-",     "-",    "-",    "-",       "-", "CRU@asg"]),
    row(R::ExternalAudit,                 ["R",     "R",     "CRU",   "CRU",   "CRU",   "R",          "R",     "R",            "R",     "R",     "-",    "-",    "-",       "R@asg", "-"]),
    // Own are findings of external audits: the secretariat's to write, and for whoever answers for the audit to answer.
    row(R::Finding,                       ["RXA",   "RX",    "RX CU@own","RX CU@own","CRUXA","CRU@asg","R",    "RX@dept",      "RX",    "R",     "-",    "-",    "-",       "RX@own", "CRU@asg"]),
    row(R::InterestedPartyFeedback,       ["R",     "CRU",   "CRU",   "CRU",   "R",     "R",          "R",     "CRU@dept",     "CRU",   "R",     "-",    "-",    "-",       "-", "-"]),
    row(R::ManagementReview,              ["RA",    "CRU",   "CRUS",  "CRUS",  "CRU",   "R",          "CRU",   "CRU",          "CRU",   "R",     "-",    "-",    "-",       "R@pub", "-"]),
    row(R::ReviewAction,                  ["RX",    "RUX",   "RUX",   "RUX",   "R X@asg","R X@asg",   "R X@asg","R X@asg",     "R X@asg","R X@asg","-",  "-",    "-",       "RX@asg", "-"]),

    row(R::CorrectiveActionRequest,       ["RA",    "CRUSA", "CRUS",  "CRUS",  "CRUSA", "R C@asg",    "CR",    "CR",           "CR",    "CR",    "-",    "-",    "-",       "CRUS@own R@asg", "-"]),
    row(R::CorrectiveActionResponse,      ["RA",    "RA",    "R",     "R",     "R",     "R",          "-",     "RUS@dept",     "R",     "-",     "-",    "-",    "-",       "RUS@asg", "-"]),
    row(R::CorrectiveActionVerification,  ["RVA",   "RVA",   "R",     "R",     "RVA",   "R V@asg",    "-",     "-",            "-",     "-",     "-",    "-",    "-",       "-", "-"]),
];

/// The cell of a role on a resource.
pub fn cell(role: Role, resource: Resource) -> Cell {
    TABLE.get(resource as usize).and_then(|row| row.cells.get(role as usize)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_resources() {
        for (row, resource) in TABLE.iter().zip(Resource::iter()) {
            assert_eq!(row.resource, resource);
        }
    }

    #[test]
    fn only_the_risk_owner_accepts_risks() {
        for role in Role::iter() {
            let cell = cell(role, Resource::RiskAcceptance);
            let approves = (cell.all | cell.departments | cell.assigned) & Cell::bit(Verb::Approve) != 0;
            assert_eq!(approves, role == Role::RiskOwner, "{role}");
        }
    }

    #[test]
    fn an_external_auditor_has_no_rights_beyond_the_one_audit() {
        let granted = TABLE.iter().filter(|row| row.cells[Role::ExternalAuditor as usize] != Cell::default());
        let granted: Vec<Resource> = granted.map(|row| row.resource).collect();
        assert_eq!(granted, [R::OwnAccess, R::Catalog, R::Audit, R::AuditChecklist, R::Finding]);
        for resource in [R::Audit, R::AuditChecklist, R::Finding] {
            assert_eq!(cell(Role::ExternalAuditor, resource).all, 0, "{resource}");
        }
    }

    #[test]
    fn the_platform_administrator_has_no_rights_on_content() {
        for row in TABLE.iter().filter(|row| row.resource > Resource::Event) {
            assert_eq!(row.cells[Role::PlatformAdmin as usize], Cell::default(), "{}", row.resource);
        }
    }
}
