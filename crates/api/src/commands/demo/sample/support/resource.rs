//! Resources: the four kinds of D24.

use chrono::TimeDelta;
use mamori_domain::{
    access::Role,
    kernel::text::Note,
    support::resource::{ProvidedResource, ProvidedResourceDraft, Provision, ResourceCategory},
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    organization::organization as organizations,
    support::resource as resources,
};

use super::super::{Company, planning::month, signature, text};

/// What the first year takes.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let secretary = company.holder(Role::IsmsSecretariat)?;
    let top = company.holder(Role::TopManagement)?;
    for (category, description, months, role, stage) in RESOURCES {
        let draft = ProvidedResourceDraft {
            category: *category,
            description: text(description)?,
            needed_by: month(tx.today(), *months)?,
            responsible_person_id: company.holder(*role)?.id,
            department_id: None,
            remarks: Note::default(),
        };
        let number = organizations::next_number(tx, "provided_resource")?;
        let by = signature(tx, secretary, &[Role::IsmsSecretariat]);
        let request = resources::add(tx, &ProvidedResource::request(draft, number, by, tx.now())?)?;
        if *stage == Stage::Requested {
            continue;
        }
        let mut resource = Loaded::new(request);
        resource.approve(signature(tx, top, &[Role::TopManagement]), false)?;
        if *stage == Stage::Provided {
            let today = tx.today();
            resource.provide(&Provision { provided_on: today - TimeDelta::days(30) }, today)?;
        }
        resources::store(tx, resource)?;
    }
    Ok(())
}

/// How far a resource has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Requested,
    Approved,
    Provided,
}

/// Kind, what is needed, in how many months, who sees to it, how far it has come.
#[rustfmt::skip]
const RESOURCES: &[(ResourceCategory, &str, u32, Role, Stage)] = &[
    (ResourceCategory::People, "ISMSを立ち上げて動かす要員（事務局2人）", 0, Role::SecurityCommitteeChair, Stage::Provided),
    (ResourceCategory::People, "内部監査を助ける外部の専門家", 8, Role::InternalAuditManager, Stage::Requested),
    (ResourceCategory::Things, "持ち出し用のパソコンとスマートフォンの管理の仕組み", 3, Role::SystemAdministrator, Stage::Approved),
    (ResourceCategory::Money, "要員の教育の費用", 2, Role::TrainingManager, Stage::Approved),
    (ResourceCategory::Information, "脅威と脆弱性についての最新の情報（注意喚起の購読）", 0, Role::SystemAdministrator, Stage::Provided),
];
