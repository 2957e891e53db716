//! The organization chart (D17) and the descriptions of the roles (D18, 5.3): views on the appointments of a day.

use chrono::NaiveDate;
use serde::Serialize;
use strum::IntoEnumIterator;
use utoipa::ToSchema;

use super::appointment::{Appointment, AppointmentKind};
use crate::{
    access::Role,
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        reference::Reference,
    },
};

/// Somebody who holds a role on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SeatHolder {
    /// The appointment that says so.
    pub appointment_id: Id<Appointment>,
    /// Who.
    pub person: Reference,
    /// The department, for department managers.
    #[schema(required)]
    pub department: Option<Reference>,
    /// Formal or provisional.
    pub kind: AppointmentKind,
    /// Stands in for the appointed person.
    pub as_deputy: bool,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day; open while `null`.
    #[schema(required)]
    pub ends_on: Option<NaiveDate>,
}

/// Who holds which role on a day.
pub type Seats = [(Role, SeatHolder)];

/// The organization chart of a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrganizationChart {
    /// The day.
    pub date: NaiveDate,
    /// Top management, and under it everybody else.
    pub top: ChartNode,
}

/// A role in the chart.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChartNode {
    /// The role.
    pub role: Role,
    /// What to show for it.
    pub label: Label,
    /// Nobody holds it, nor stands in for its holder.
    pub vacant: bool,
    /// Who holds it, deputies within their period included.
    pub holders: Vec<SeatHolder>,
    /// The roles that report to it.
    #[schema(no_recursion)]
    pub reports: Vec<ChartNode>,
}

/// What a role is for, and who holds it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoleDescription {
    /// The role.
    pub role: Role,
    /// What to show for it.
    pub label: Label,
    /// What its holder does.
    pub duties: Vec<Label>,
    /// The roles that appoint to it; none where it follows from a record: who owns a risk, who works here.
    pub appointed_by: Vec<Role>,
    /// The role that it reports to; `null` at the top and for roles outside of the chart.
    #[schema(required)]
    pub reports_to: Option<Role>,
    /// At most one person holds it at a time.
    pub single_seat: bool,
    /// Somebody is to be appointed to it, and nobody is, nor stands in.
    pub vacant: bool,
    /// Who holds it today, deputies within their period included.
    pub holders: Vec<SeatHolder>,
}

/// The role that another one reports to: whoever appoints to it, so that the audit manager stands beside the chair,
/// directly under top management. The platform administrator keeps the service running and has no place in the ISMS.
pub fn reports_to(role: Role) -> Option<Role> {
    match role {
        Role::TopManagement | Role::PlatformAdmin => None,
        role => role.appointed_by().first().copied(),
    }
}

fn holders_of(role: Role, seats: &Seats) -> Vec<SeatHolder> {
    seats.iter().filter(|(held, _)| *held == role).map(|(_, holder)| holder.clone()).collect()
}

impl OrganizationChart {
    /// The chart with those who hold the roles on `date`.
    pub fn of(date: NaiveDate, seats: &Seats) -> Self {
        Self { date, top: ChartNode::of(Role::TopManagement, seats) }
    }
}

impl ChartNode {
    fn of(role: Role, seats: &Seats) -> Self {
        let holders = holders_of(role, seats);
        let below = Role::iter().filter(|other| reports_to(*other) == Some(role));
        Self {
            role,
            label: role.label(),
            vacant: holders.is_empty(),
            holders,
            reports: below.map(|other| Self::of(other, seats)).collect(),
        }
    }
}

impl RoleDescription {
    /// Every role, in the order of the permission matrix.
    pub fn all(seats: &Seats) -> Vec<Self> {
        let describe = |role: Role| {
            let holders = holders_of(role, seats);
            Self {
                role,
                label: role.label(),
                duties: duties(role).iter().map(|(ja, en)| label(ja, en)).collect(),
                appointed_by: role.appointed_by().to_vec(),
                reports_to: reports_to(role),
                single_seat: role.is_single_seat(),
                vacant: role.is_appointed() && holders.is_empty(),
                holders,
            }
        };
        Role::iter().map(describe).collect()
    }
}

/// What the holder of a role does, in own words: Japanese and English (D18).
fn duties(role: Role) -> &'static [(&'static str, &'static str)] {
    match role {
        Role::TopManagement => &[
            ("方針を決め、ISMSに責任を負う", "Decides the policy and answers for the ISMS"),
            ("必要な人と費用を用意する", "Provides the people and the money it takes"),
            ("委員長と監査責任者を任命し、ISMSを見直す", "Appoints chair and audit manager, and reviews the ISMS"),
        ],
        Role::SecurityCommitteeChair => &[
            ("ISMSづくりと日々の運用を束ねる", "Leads the setting up and running of the ISMS"),
            ("運用を担う人を任命し、手順を承認する", "Appoints those who run it and approves procedures"),
            ("状況を経営陣に報告する", "Reports to top management"),
        ],
        Role::IsmsSecretariat => &[
            ("台帳、リスク、計画の記録を保つ", "Keeps the records of assets, risks and plans"),
            ("会議と連絡を取りまとめる", "Arranges meetings and messages"),
        ],
        Role::IsmsSecretariatHead => &[
            ("事務局の仕事を割り振り、期限を守らせる", "Shares out the secretariat's work and holds it to its dates"),
            ("有効性の測定結果をまとめる", "Brings the results of measurements together"),
        ],
        Role::InternalAuditManager => &[
            ("監査の計画と結果に責任を持つ", "Answers for the plan and the results of audits"),
            ("監査員を任命し、結果を経営陣に直接報告する", "Appoints auditors and reports straight to top management"),
        ],
        Role::InternalAuditor => &[
            ("自分の属さない部門を監査する", "Audits departments other than their own"),
            ("見つけたことを根拠とともに記録する", "Records what they find, with evidence"),
        ],
        Role::TrainingManager => &[
            ("教育の計画を立て、実施する", "Plans education and carries it out"),
            ("理解度を確かめ、足りない人に補う", "Checks what was understood and helps those who fell short"),
        ],
        Role::DepartmentManager => &[
            ("委員会で部門を代表する", "Speaks for the department in the committee"),
            (
                "部門の資産とリスクを把握し、決まりを守らせる",
                "Knows the department's assets and risks and sees the rules kept",
            ),
        ],
        Role::SystemAdministrator => &[
            ("機器とシステムの安全対策を実施する", "Carries out technical measures on devices and systems"),
            ("アカウントとバックアップを管理する", "Looks after accounts and backups"),
        ],
        Role::DocumentController => &[
            ("文書と記録を最新に保ち、版を管理する", "Keeps documents and records current, edition by edition"),
            ("承認された文書を公開し、周知を記録する", "Publishes what was approved and records who was told"),
        ],
        Role::HrOfficer => &[(
            "入社、異動、退職を記録し、関係者に知らせる",
            "Records who joins, moves and leaves, and tells those concerned",
        )],
        Role::PlatformAdmin => &[(
            "本サービスの利用者を管理する。ISMSの内容には関わらない",
            "Manages who may use this service, not what is in it",
        )],
        Role::RiskOwner => &[(
            "担当するリスクへの対応を決め、残るリスクを受け入れる",
            "Decides how their risks are treated and accepts what remains",
        )],
        Role::Employee => &[
            ("決まりを守り、教育を受ける", "Keeps the rules and takes part in education"),
            ("おかしいと思ったことをすぐに知らせる", "Reports at once what looks wrong"),
        ],
        Role::ExternalAuditor => &[(
            "招かれた監査だけを行い、見つけたことを根拠とともに記録する",
            "Carries out the one audit they are invited to and records what they find, with evidence",
        )],
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn today() -> NaiveDate {
        DateTime::UNIX_EPOCH.date_naive()
    }

    fn holder(name: &str) -> SeatHolder {
        SeatHolder {
            appointment_id: Id::generate(DateTime::UNIX_EPOCH),
            person: Reference::new(Id::<()>::generate(DateTime::UNIX_EPOCH), name),
            department: None,
            kind: AppointmentKind::Formal,
            as_deputy: false,
            starts_on: today(),
            ends_on: None,
        }
    }

    fn roles(nodes: &[ChartNode]) -> Vec<Role> {
        nodes.iter().map(|node| node.role).collect()
    }

    #[test]
    fn the_audit_manager_stands_beside_the_chair() {
        let chart = OrganizationChart::of(today(), &[]);
        assert_eq!(chart.top.role, Role::TopManagement);
        assert_eq!(roles(&chart.top.reports), [Role::SecurityCommitteeChair, Role::InternalAuditManager]);
        let under_chair = roles(&chart.top.reports[0].reports);
        for role in [
            Role::TrainingManager,
            Role::DepartmentManager,
            Role::SystemAdministrator,
            Role::DocumentController,
            Role::IsmsSecretariat,
        ] {
            assert!(under_chair.contains(&role), "{role}");
        }
        assert_eq!(roles(&chart.top.reports[1].reports), [Role::InternalAuditor]);
    }

    #[test]
    fn a_seat_without_a_holder_is_vacant() {
        let seats = [(Role::TopManagement, holder("青木")), (Role::InternalAuditManager, holder("大野"))];
        let chart = OrganizationChart::of(today(), &seats);
        assert!(!chart.top.vacant && chart.top.reports[0].vacant && !chart.top.reports[1].vacant);
        assert_eq!(chart.top.reports[1].holders[0].person.name, "大野");
    }

    #[test]
    fn every_role_is_described_and_what_nobody_is_appointed_to_is_not_vacant() {
        let all = RoleDescription::all(&[]);
        assert_eq!(all.len(), Role::iter().count());
        assert!(all.iter().all(|description| !description.duties.is_empty()));
        let vacant = |role| all.iter().find(|description| description.role == role).unwrap().vacant;
        assert!(vacant(Role::DocumentController) && !vacant(Role::Employee) && !vacant(Role::RiskOwner));
    }
}
