//! Measurements over months, what interested parties said, the first management review with its instructions, and the next
//! one being prepared.

use chrono::TimeDelta;
use mamori_domain::{
    access::Role,
    context::action::{ActionCompletion, ActionEffectivenessDraft},
    evaluation::{
        feedback::{FeedbackHandling, InterestedPartyFeedback, InterestedPartyFeedbackDraft},
        management_review::{
            HoldingDraft, InstructionDraft, ManagementReview, ManagementReviewDraft, ReviewInputs, ReviewOutputsDraft,
            ReviewPerformance,
        },
        measurement::{Measurement, MeasurementDraft},
        review_action::ProgressReport,
    },
    kernel::{page::PageRequest, review::InternalCommunication, text::Note},
    planning::{metric::Share, objective::ObjectiveState},
};
use mamori_persistence::{
    evaluation::{
        feedback, management_review as reviews, measurement as measurements,
        review_action::{self as actions, Filter},
    },
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    organization::organization as organizations,
    planning::objective as objectives,
};

use super::{Company, signature, text};

pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    measured(tx, company)?;
    said(tx, company)?;
    first_review(tx, company)?;
    follow_up(tx, company)?;
    next_review(tx, company)
}

/// Who passed the education, month by month.
fn measured(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let by = signature(tx, company.holder(Role::TrainingManager)?, &[Role::TrainingManager]);
    let filter = objectives::Filter { state: Some(ObjectiveState::Approved), ..objectives::Filter::default() };
    for objective in objectives::list(tx, &filter, &PageRequest::one())?.items {
        for (days, part, remarks) in [
            (90, 9, "最初の教育の月。未受講の8人に案内した"),
            (60, 13, "繁忙期のため受講が遅れている"),
            (30, 16, "残る1人は休職から戻り次第受講する"),
        ] {
            let draft = MeasurementDraft {
                measured_on: tx.today() - TimeDelta::days(days),
                value: None,
                share: Some(Share { part, whole: 17 }),
                remarks: text(remarks)?,
            };
            let measurement = Measurement::record(draft, &objective, None, by.clone(), tx.now(), tx.today())?;
            measurements::add(tx, &measurement)?;
        }
    }
    Ok(())
}

/// What customers said: one entry was handled, one waits.
fn said(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let by = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    for (days, sender, means, content, handling) in [
        (
            45,
            "取引先の購買担当",
            "年1回のセキュリティ調査票",
            "委託先の管理状況を一覧で示してほしい",
            Some("供給者の台帳から一覧を作り、評価日を添えて回答した"),
        ),
        (7, "顧客の問い合わせ窓口", "電話", "請求書のメールに添付したファイルを暗号化してほしい", None),
    ] {
        let draft = InterestedPartyFeedbackDraft {
            received_on: tx.today() - TimeDelta::days(days),
            sender: text(sender)?,
            interested_party_id: None,
            means: text(means)?,
            content: text(content)?,
            department_id: None,
        };
        let number = organizations::next_number(tx, "interested_party_feedback")?;
        let entered = InterestedPartyFeedback::enter(draft, number, tx.now(), tx.today())?;
        let mut entered = Loaded::new(feedback::add(tx, &entered)?);
        if let Some(handling) = handling {
            let handled_on = tx.today() - TimeDelta::days(days - 10);
            let done = FeedbackHandling { handled_on, handling: text(handling)? };
            entered.handle(done, by.clone(), tx.today())?;
            feedback::store(tx, entered)?;
        }
    }
    Ok(())
}

/// The review of last year, from its inputs to its closure.
fn first_review(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let secretary = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let (top, chair) = (company.holder(Role::TopManagement)?, company.holder(Role::SecurityCommitteeChair)?);
    let (audit, systems) = (company.holder(Role::InternalAuditManager)?, company.holder(Role::SystemAdministrator)?);
    let trainer = company.holder(Role::TrainingManager)?;
    let today = tx.today();
    let held_on = today - TimeDelta::days(300);
    let draft = ManagementReviewDraft { planned_on: held_on, inputs: inputs()?, remarks: Note::default() };
    let number = organizations::next_number(tx, "management_review")?;
    let planned = ManagementReview::plan(draft, number, true, secretary.clone(), tx.now())?;
    let planned = Loaded::new(reviews::add(tx, &planned)?);
    let meeting = HoldingDraft {
        held_on,
        time_from: "10:00".parse().ok(),
        time_to: "11:30".parse().ok(),
        attendee_ids: vec![top.id, chair.id, audit.id],
    };
    let mut review = Loaded::new(reviews::hold(tx, planned, meeting)?);
    let instruction = |what: &str, who, days| -> Outcome<InstructionDraft> {
        let due_on = today + TimeDelta::days(days);
        Ok(InstructionDraft { instruction: text(what)?, responsible_person_id: who, due_on })
    };
    let decided = ReviewOutputsDraft {
        improvement_instructions: Some(vec![
            instruction("見えている課題を一つずつ確実に片付ける", chair.id, -120)?,
            instruction("教育を、業務の実例を使った内容に改める", trainer.id, 60)?,
        ]),
        isms_change_instructions: Some(vec![instruction(
            "手順書を実際の仕事に合わせて見直し、不要な様式をやめる",
            systems.id,
            90,
        )?]),
    };
    let outputs = reviews::outputs(tx, decided)?;
    review.record_outputs(outputs, secretary.clone())?;
    review.submit(secretary.clone())?;
    let terms = organizations::management_review_terms(tx)?;
    review.approve(signature(tx, top, &[Role::TopManagement]), false, terms)?;
    actions::register(tx, &review)?;
    let told = InternalCommunication {
        communicated_on: held_on + TimeDelta::days(5),
        means: text("社内掲示板と朝礼での説明")?,
    };
    review.communicate(told, secretary.clone(), today)?;
    review.close(secretary)?;
    reviews::store(tx, review)?;
    Ok(())
}

fn inputs() -> Outcome<ReviewInputs> {
    Ok(ReviewInputs {
        previous_actions: Note::default(),
        issue_changes: text("在宅勤務が始まり、社外で扱う情報が増えた")?,
        interested_party_changes: text("取引先から委託先の管理を問われることが増えた")?,
        performance: ReviewPerformance {
            nonconformities: text("初回の監査で見つかった観察事項1件を是正している")?,
            monitoring: text("教育の受講と合格を毎月数えている")?,
            audit_results: text("重大な不適合はない。方針の公開について軽微な不適合が1件")?,
            objectives: text("1件を取り組み中。達成の見込み")?,
        },
        feedback: text("取引先の調査票に期限までに答えた")?,
        risk_status: text("新しいリスクはない。対応の終わっていない管理策が2件ある")?,
        improvement_proposals: text("端末の暗号化を全員に広げる")?,
    })
}

/// One instruction was carried out and had its effect, another one is on its way.
fn follow_up(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let today = tx.today();
    let chair = signature(tx, company.holder(Role::SecurityCommitteeChair)?, &[Role::SecurityCommitteeChair]);
    let trainer = signature(tx, company.holder(Role::TrainingManager)?, &[Role::TrainingManager]);
    let registered = actions::list(tx, &Filter::default(), &PageRequest::whole())?.items;
    for (action, at) in registered.into_iter().zip(0..) {
        let mut action = Loaded::new(action);
        match at {
            0 => {
                let done = ActionCompletion {
                    done_on: today - TimeDelta::days(130),
                    result: text("課題の一覧を作り、12件のうち12件を片付けた")?,
                };
                action.complete(done, today)?;
                let judged = ActionEffectivenessDraft {
                    evaluated_on: today - TimeDelta::days(100),
                    effective: true,
                    remarks: text("同じ課題は再び出ていない")?,
                };
                action.evaluate(judged, chair.clone(), today)?;
            }
            1 => action.report(ProgressReport { report: text("事例を8件集め、教材の案ができた")? }, trainer.clone())?,
            _ => continue,
        }
        actions::store(tx, action)?;
    }
    Ok(())
}

/// The next review is being prepared: the secretariat has written a part of the inputs.
fn next_review(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let secretary = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let inputs = ReviewInputs {
        issue_changes: text("標的型メールが増えた")?,
        feedback: text("2件のうち1件に対応した")?,
        ..ReviewInputs::default()
    };
    let draft =
        ManagementReviewDraft { planned_on: tx.today() + TimeDelta::days(50), inputs, remarks: Note::default() };
    let number = organizations::next_number(tx, "management_review")?;
    reviews::add(tx, &ManagementReview::plan(draft, number, false, secretary, tx.now())?)?;
    Ok(())
}
