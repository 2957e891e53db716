//! Campaigns (D26, D28): last year's with its training record, and one that is open.

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use mamori_domain::{
    access::{Role, Standing, standing::Held},
    integration::notice::NoticeState,
    kernel::{id::Id, page::PageRequest, text::Title},
    operation::week::FiscalYear,
    organization::person::Person,
    support::{
        education::{
            attempt::{TestAnswers, TestAttemptDraft},
            audience::Audience,
            campaign::{DeliveryMethod, EducationCampaign, EducationCampaignDraft, TrainingRecordDraft},
            enrolment::Enrolment,
            material::EducationMaterial,
            survey::{SurveyAnswer, SurveyAnswers, SurveyQuestion, SurveyQuestionKind},
            test::{GivenAnswer, Test},
            theme::EducationTheme,
        },
        file::{StoredContent, StoredFile},
    },
};
use mamori_persistence::{
    integration::notice as notices,
    kernel::{
        failure::{Failure, Outcome},
        loaded::Loaded,
        tx::{Context, Tx},
    },
    organization::organization as organizations,
    support::education::{
        attempt as attempts, campaign as campaigns, course,
        enrolment::{self as enrolments, Filter},
        material as materials, survey as surveys,
    },
};

use super::super::super::{Company, signature, text};

/// Everybody completed last year's campaign; of the open one some have passed the `test`, and one has failed it.
/// `handbook` is the stored text that both read.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company, handbook: &StoredContent, test: &Test) -> Outcome<()> {
    recorded(tx, company, handbook)?;
    open(tx, company, handbook, test)
}

/// The context of a person in one role, some days ago.
fn as_of(tx: &Tx<'_>, person: &Person, role: Role, days: i64) -> Context {
    let held = Held::plain(role);
    let standing = Standing {
        person: Some(person.id),
        department: person.draft.department_id,
        roles: vec![held],
        ..Standing::default()
    };
    Context {
        actor: person.draft.name.as_str().into(),
        standing: Arc::new(standing),
        now: tx.now() - TimeDelta::days(days),
        ..tx.context().clone()
    }
}

fn plan(tx: &mut Tx<'_>, name: &str, start: NaiveDate, days: i64) -> Outcome<EducationCampaignDraft> {
    let month = organizations::find(tx)?.draft.fiscal_year_start_month;
    let contents = [
        "当社の方針と手順",
        "ISMSの有効性に対する自らの貢献",
        "要求事項に適合しないことの意味",
        "日々の業務で守る決まり",
    ];
    let question =
        |text: &str, kind| Ok::<_, Failure>(SurveyQuestion { text: self::text(text)?, kind, choices: vec![] });
    Ok(EducationCampaignDraft {
        name: text(name)?,
        fiscal_year: FiscalYear::containing(start, month).ok_or(Failure::Panicked)?.year,
        themes: vec![EducationTheme::RegulationsBriefing, EducationTheme::PersonalDataHandling],
        purpose: text("全従業者が方針と決まりを理解し、日々の業務で守れるようにする")?,
        audience: Audience::AllWorkers,
        delivery_methods: vec![DeliveryMethod::ELearning],
        method_text: text("受講案内のリンクから教材を読み、確認する")?,
        contents: contents.into_iter().map(text).collect::<Outcome<Vec<Title>>>()?,
        period_start: start,
        period_end: start + TimeDelta::days(days),
        textbook: text("情報セキュリティハンドブック")?,
        effectiveness_text: text("修了者数を数え、アンケートで理解度を確かめる")?,
        test_id: None,
        retake_until_pass: true,
        survey: vec![
            question("内容は分かりやすかったですか", SurveyQuestionKind::Scale)?,
            question("業務で困っていることがあれば書いてください", SurveyQuestionKind::Text)?,
        ],
        remarks: text("")?,
    })
}

/// Plans a campaign and has it approved, at the time of `tx`.
fn approved(
    tx: &mut Tx<'_>,
    company: &Company,
    handbook: &StoredContent,
    plan: EducationCampaignDraft,
) -> Outcome<Loaded<EducationCampaign>> {
    let top = signature(tx, company.holder(Role::TopManagement)?, &[Role::TopManagement]);
    let (by, now, today) = (tx.signature(None)?, tx.now(), tx.today());
    let campaign = campaigns::add(tx, &EducationCampaign::plan(plan, by.clone(), now)?)?;
    for name in ["情報セキュリティハンドブック.md", "在宅勤務の手順.md"] {
        let file = StoredFile::new(&text(name)?, handbook.clone(), now);
        materials::add(tx, &EducationMaterial::add(campaign.id, file, by.clone(), now))?;
    }
    let mut campaign = Loaded::new(campaign);
    campaign.submit(by, today)?;
    campaign.approve(top, false, today)?;
    let campaign = campaigns::store(tx, campaign)?;
    campaigns::look_up(tx, campaign.id)
}

fn recorded(tx: &mut Tx<'_>, company: &Company, handbook: &StoredContent) -> Outcome<()> {
    let trainer = company.holder(Role::TrainingManager)?;
    let before = as_of(tx, trainer, Role::TrainingManager, 180);
    let then = &mut Tx::new(tx.conn(), &before);
    let plan = plan(then, "ISMS教育（基本方針、目標、ルール）", then.today(), 30)?;
    let campaign = approved(then, company, handbook, plan)?;
    let id = course::open(then, campaign)?.id;
    complete(then, id)?;
    let pending = notices::Filter { state: Some(NoticeState::Pending), ..notices::Filter::default() };
    for invitation in notices::list(then, &pending, &everything())?.items {
        let mut invitation = Loaded::new(invitation);
        invitation.sent(then.now());
        notices::store(then, invitation)?;
    }
    let after = as_of(tx, trainer, Role::TrainingManager, 145);
    let then = &mut Tx::new(tx.conn(), &after);
    let campaign = campaigns::look_up(then, id)?;
    course::close(then, campaign)?;
    let mut campaign = campaigns::look_up(then, id)?;
    let draft = TrainingRecordDraft {
        summary: text("ハンドブックにより、方針、目標、守るべき決まりを教育した")?,
        target: text("実施期間に在籍する全従業者")?,
        remarks: text("特になし")?,
    };
    campaign.record(draft, then.signature(None)?)?;
    campaigns::store(then, campaign)?;
    let campaign = campaigns::look_up(then, id)?;
    campaigns::submit_record(then, campaign)?;
    let mut campaign = campaigns::look_up(then, id)?;
    let chair = company.holder(Role::SecurityCommitteeChair)?;
    campaign.approve_record(signature(then, chair, &[Role::SecurityCommitteeChair]), false)?;
    campaigns::store(then, campaign)?;
    Ok(())
}

fn open(tx: &mut Tx<'_>, company: &Company, handbook: &StoredContent, test: &Test) -> Outcome<()> {
    let now = as_of(tx, company.holder(Role::TrainingManager)?, Role::TrainingManager, 0);
    let now = &mut Tx::new(tx.conn(), &now);
    let plan = plan(now, "新年度の情報セキュリティ教育", now.today(), 30)?;
    let plan = EducationCampaignDraft { test_id: Some(test.id), ..plan };
    let campaign = approved(now, company, handbook, plan)?;
    let id = course::open(now, campaign)?.id;
    let right: Vec<GivenAnswer> = (1..)
        .zip(test.whole_draft().questions)
        .filter_map(|(number, question)| Some(GivenAnswer { number, answer: question.correct_answer? }))
        .collect();
    let waiting = Filter { waiting: Some(true), ..of(id) };
    for (at, learner) in enrolments::list(now, &waiting, &everything())?.items.into_iter().take(5).enumerate() {
        // The first one needs a second try, and the last one has not taken it yet.
        let tries: &[usize] = match at {
            0 => &[1, 0],
            4 => &[1],
            _ => &[0],
        };
        let person = as_of(now, company.person(learner.draft.person_id.uuid())?, Role::Employee, 0);
        let theirs = &mut Tx::new(now.conn(), &person);
        for unanswered in tries {
            let answers = right.iter().skip(*unanswered).cloned().collect();
            attempts::sit(theirs, &TestAttemptDraft { enrolment_id: learner.id }, TestAnswers { answers })?;
        }
        if at < 3 {
            let learner = enrolments::look_up(theirs, learner.id)?;
            answer(theirs, learner, at)?;
        }
    }
    Ok(())
}

fn everything() -> PageRequest {
    PageRequest { limit: PageRequest::MAX_LIMIT, ..PageRequest::one() }
}

fn of(campaign: Id<EducationCampaign>) -> Filter {
    Filter { campaigns: vec![campaign], ..Filter::default() }
}

/// All learners confirm that they read the materials, and answer the survey.
fn complete(tx: &mut Tx<'_>, campaign: Id<EducationCampaign>) -> Outcome<()> {
    for (at, learner) in enrolments::list(tx, &of(campaign), &everything())?.items.into_iter().enumerate() {
        let mut learner = Loaded::new(learner);
        learner.confirm(tx.today())?;
        let learner = enrolments::store_completed(tx, learner)?;
        answer(tx, Loaded::new(learner), at)?;
    }
    Ok(())
}

/// What the learner at this place says.
fn answer(tx: &mut Tx<'_>, learner: Loaded<Enrolment>, at: usize) -> Outcome<()> {
    let scale = if at.is_multiple_of(3) { 5 } else { 4 };
    let words = if at == 1 { "長い資料は動画にしてほしい" } else { "" };
    let answers = vec![
        SurveyAnswer { number: 1, value: Some(scale), text: text("")? },
        SurveyAnswer { number: 2, value: None, text: text(words)? },
    ];
    surveys::answer(tx, learner, &SurveyAnswers { answers })?;
    Ok(())
}
