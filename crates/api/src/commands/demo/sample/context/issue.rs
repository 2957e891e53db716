//! External and internal issues (D10), with the actions on them.

use chrono::TimeDelta;
use mamori_domain::{
    access::Role,
    context::{
        action::{ActionCompletion, ActionEffectivenessDraft, Addressed, ContextAction, ContextActionDraft},
        interested_party::InterestedParty,
        issue::{ContextIssue, ContextIssueDraft, IssueType},
    },
    kernel::{id::Id, text::Note},
};
use mamori_persistence::{
    context::{action as actions, issue as issues},
    kernel::{failure::Outcome, tx::Tx},
    organization::organization as organizations,
};

use super::super::{Company, signature, text};

/// One external and three internal issues. The first action was done and worked, the second is overdue; one issue has a
/// reason for none.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let today = tx.today();
    for (issue_type, [issue, risk, opportunity], change, answer) in ISSUES {
        let (action, no_action_because) = match *answer {
            Answer::Action(action) => (Some(action), None),
            Answer::NoneBecause(reason) => (None, Some(text(reason)?)),
        };
        let draft = ContextIssueDraft {
            issue_type: *issue_type,
            issue: text(issue)?,
            risk: text(risk)?,
            opportunity: text(opportunity)?,
            no_action_because,
            reviewed_on: Some(today - TimeDelta::days(200)),
            change_since_last_review: text(change)?,
        };
        let number = organizations::next_number(tx, "context_issue")?;
        let issue = issues::add(tx, &ContextIssue::enter(draft, number, tx.now(), today)?)?;
        if let Some(action) = action {
            plan(tx, company, Subject::Issue(issue.id), action)?;
        }
    }
    Ok(())
}

/// What an action answers.
pub(super) enum Subject {
    /// An issue.
    Issue(Id<ContextIssue>),
    /// A requirement, by its number.
    Requirement(Id<InterestedParty>, i32),
}

/// What answers a risk or an opportunity.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    /// Something is done.
    Action(Planned),
    /// Nothing is done, and why.
    NoneBecause(&'static str),
}

/// An action: on what, what, whose, due so many days from today, and what came of it where it is done.
pub(super) type Planned = (Addressed, &'static str, Role, i64, Option<&'static str>);

/// Enters an action; one with a result was done on its day and worked.
pub(super) fn plan(
    tx: &mut Tx<'_>,
    company: &Company,
    subject: Subject,
    (addresses, action, role, due_in, result): Planned,
) -> Outcome<()> {
    let (issue_id, party_id, requirement_number) = match subject {
        Subject::Issue(issue) => (Some(issue), None, None),
        Subject::Requirement(party, number) => (None, Some(party), Some(number)),
    };
    let (today, responsible) = (tx.today(), company.holder(role)?);
    let due_on = today + TimeDelta::days(due_in);
    let draft = ContextActionDraft {
        issue_id,
        party_id,
        requirement_number,
        addresses,
        action: text(action)?,
        responsible_person_id: responsible.id,
        due_on,
        link: None,
        remarks: Note::default(),
    };
    let number = organizations::next_number(tx, "context_action")?;
    let mut action = ContextAction::plan(draft, number, tx.now())?;
    if let Some(result) = result {
        let judged = ActionEffectivenessDraft { evaluated_on: today, effective: true, remarks: Note::default() };
        let by = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
        action.complete(ActionCompletion { done_on: due_on, result: text(result)? }, today)?;
        action.evaluate(judged, by, today)?;
    }
    actions::add(tx, &action)?;
    Ok(())
}

/// Issues (D10): type; issue, risk, opportunity; what changed since the last review; what answers it.
#[rustfmt::skip]
const ISSUES: &[(IssueType, [&str; 3], &str, Answer)] = &[
    (
        IssueType::External,
        ["個人情報と機密情報を狙う攻撃や新しい脅威から守ること", "情報の事故が起きる→信用が落ちる", "安全に情報を活用できる"],
        "取引先を装う標的型メールが増えた",
        Answer::Action((Addressed::Risk, "標的型メールの訓練を行う", Role::TrainingManager, -30, Some("30名が受け、報告率が7割になった"))),
    ),
    (
        IssueType::Internal,
        ["ISMSへの理解を広げること", "理解が足りず、情報の事故が起きる", "守りの体制が強くなる"],
        "",
        Answer::Action((Addressed::Opportunity, "部門ごとに推進担当を置く", Role::SecurityCommitteeChair, -5, None)),
    ),
    (
        IssueType::Internal,
        ["紙と電子データを正しく取り扱うこと", "置き忘れや紛失→信頼を失う", "丁寧な扱いで信頼が増す"],
        "在宅勤務で紙の持ち出しが減った",
        Answer::Action((Addressed::Risk, "持ち出しの手順を見直す", Role::IsmsSecretariat, 40, None)),
    ),
    (
        IssueType::Internal,
        ["ノウハウと顧客から預かる機密情報を守ること", "ノウハウが流出する", "事業の機会が広がる"],
        "",
        Answer::NoneBecause("リスクアセスメントの対象に含め、管理策で対応している"),
    ),
];
