//! What the roles demand, and two checks (D25): one whose improvements were confirmed, one that waits to be finished.

use chrono::TimeDelta;
use mamori_domain::{
    access::Role,
    kernel::text::Note,
    support::{
        competence_check::{
            CompetenceCheck, CompetenceCheckDraft, CompetenceRating, ImprovementConfirmationDraft, ImprovementPlan,
            ItemRating,
        },
        competence_requirement::{CompetenceRequirement, CompetenceRequirementDraft},
    },
};
use mamori_persistence::{
    kernel::{
        failure::{Failure, Outcome},
        tx::Tx,
    },
    organization::organization as organizations,
    support::{competence_check as checks, competence_requirement as requirements},
};

use super::super::{Company, signature, text};

pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let managers = demand(tx, Role::DepartmentManager, MANAGERS)?;
    let today = tx.today();
    let by = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let chair = signature(tx, company.holder(Role::SecurityCommitteeChair)?, &[Role::SecurityCommitteeChair]);
    let first = company.holder(Role::DepartmentManager)?;
    let second = company.people.iter().find(|(_, roles)| roles.is_empty()).map(|(person, _)| person);
    let second = second.ok_or(Failure::Panicked)?;

    let checked_on = today - TimeDelta::days(300);
    let plan = |text: Note| ImprovementPlan { due_on: Some(today - TimeDelta::days(200)), action: text };
    let rated = |number: i32, value: i64, improvement| -> Outcome<ItemRating> {
        Ok(ItemRating { number, rating: rating(value)?, improvement })
    };
    let learnt = || -> Outcome<Note> { text("ISMSを構築する作業に加わり、身に付ける") };
    let draft = CompetenceCheckDraft {
        role: Role::DepartmentManager,
        person_id: first.id,
        checked_on,
        ratings: vec![
            rated(1, 2, Some(plan(learnt()?)))?,
            rated(2, 2, Some(plan(learnt()?)))?,
            rated(3, 2, Some(plan(learnt()?)))?,
            rated(4, 5, None)?,
        ],
        remarks: Note::default(),
    };
    let mut check = CompetenceCheck::assess(draft, &managers, by.clone(), tx.now(), today)?;
    check.submit(by.clone())?;
    check.approve(chair, false)?;
    for number in 1..=3 {
        let confirmed_on = today - TimeDelta::days(190);
        check.confirm(
            ImprovementConfirmationDraft { number, post_rating: rating(3)?, confirmed_on },
            by.clone(),
            today,
        )?;
    }
    checks::add(tx, &check)?;

    // Somebody who may manage a department next. Nobody has said yet what is done about the gaps: class C until then.
    let draft = CompetenceCheckDraft {
        role: Role::DepartmentManager,
        person_id: second.id,
        checked_on: today,
        ratings: vec![rated(1, 3, None)?, rated(2, 2, None)?, rated(3, 2, None)?, rated(4, 4, None)?],
        remarks: Note::default(),
    };
    checks::add(tx, &CompetenceCheck::assess(draft, &managers, by, tx.now(), today)?)?;
    Ok(())
}

fn demand(tx: &mut Tx<'_>, role: Role, texts: &[&str]) -> Outcome<Vec<CompetenceRequirement>> {
    let mut demanded = Vec::new();
    for requirement in texts {
        let number = organizations::next_number(tx, "competence_requirement")?;
        let draft = CompetenceRequirementDraft { role, requirement: text(requirement)?, remarks: Note::default() };
        demanded.push(requirements::add(tx, &CompetenceRequirement::enter(draft, number, tx.now())?)?);
    }
    Ok(demanded)
}

fn rating(value: i64) -> Outcome<CompetenceRating> {
    CompetenceRating::try_from(value).map_err(|error| Failure::Corrupt(error.to_string()))
}

const MANAGERS: &[&str] = &[
    "方針、社内の規程と基準に通じている",
    "ISMSの仕組みを知っている",
    "情報セキュリティ全般を知っている",
    "公正に判断できる",
];
