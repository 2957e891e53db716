//! Education (D26–D28): last year's campaign with its training record, and an open one with a test.

mod test;

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
            attempt::TestAttemptDraft,
            audience::Audience,
            campaign::{DeliveryMethod, EducationCampaign, EducationCampaignDraft, TrainingRecordDraft},
            enrolment::Enrolment,
            material::EducationMaterial,
            survey::{SurveyAnswer, SurveyAnswers, SurveyQuestion, SurveyQuestionKind},
            test::Test,
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

use super::super::{Company, signature, text};

/// Everybody completed last year's campaign; of the open one some have.
/// `handbook` is the stored text that both read.
pub(super) fn fill(tx: &mut Tx<'_>, company: &Company, handbook: &StoredContent) -> Outcome<()> {
    recorded(tx, company, handbook)?;
    let test = test::fill(tx, company)?;
    open(tx, company, handbook, test.id)
}

/// The context of a person in one role, some days ago.
fn as_of(tx: &Tx<'_>, person: &Person, role: Role, days: i64) -> Context {
    let held = Held { role, department: None, provisional: false, as_deputy: false };
    let standing =
        Standing { person: Some(person.id), department: person.draft.department_id, roles: vec![held], scopes: None };
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
    complete(then, id, usize::MAX)?;
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

fn open(tx: &mut Tx<'_>, company: &Company, handbook: &StoredContent, test: Id<Test>) -> Outcome<()> {
    let now = as_of(tx, company.holder(Role::TrainingManager)?, Role::TrainingManager, 0);
    let now = &mut Tx::new(tx.conn(), &now);
    let plan = plan(now, "新年度の情報セキュリティ教育", now.today(), 30)?;
    let plan = EducationCampaignDraft { test_id: Some(test), ..plan };
    let campaign = approved(now, company, handbook, plan)?;
    let id = course::open(now, campaign)?.id;
    take_test(now, id)
}

fn everything() -> PageRequest {
    PageRequest { limit: PageRequest::MAX_LIMIT, ..PageRequest::one() }
}

/// So many learners confirm that they read the materials, and answer the survey.
fn complete(tx: &mut Tx<'_>, campaign: Id<EducationCampaign>, most: usize) -> Outcome<()> {
    let filter = Filter { campaigns: vec![campaign], ..Filter::default() };
    for (at, learner) in enrolments::list(tx, &filter, &everything())?.items.into_iter().take(most).enumerate() {
        let mut learner = Loaded::new(learner);
        learner.confirm(tx.today())?;
        let learner = enrolments::store_completed(tx, learner)?;
        answer_survey(tx, learner, at)?;
    }
    Ok(())
}

/// Some learners take the test: one passes at the second attempt, one has not passed yet.
fn take_test(tx: &mut Tx<'_>, campaign: Id<EducationCampaign>) -> Outcome<()> {
    let filter = Filter { campaigns: vec![campaign], waiting: Some(true), ..Filter::default() };
    let right: [&[usize]; 4] = [&[10], &[9, 10], &[10], &[8]];
    let learners = enrolments::list(tx, &filter, &everything())?.items;
    for (at, (learner, right)) in learners.into_iter().zip(right).enumerate() {
        let standing = Standing { person: Some(learner.draft.person_id), ..Standing::default() };
        let actor = learner.person.name.as_str().into();
        let own = Context { actor, standing: Arc::new(standing), ..tx.context().clone() };
        let own = &mut Tx::new(tx.conn(), &own);
        for right in right {
            let draft = TestAttemptDraft { enrolment_id: learner.id };
            attempts::sit(own, &draft, test::answers(*right))?;
        }
        let learner = enrolments::look_up(own, learner.id)?.value;
        if !learner.is_waiting() {
            answer_survey(own, learner, at)?;
        }
    }
    Ok(())
}

/// One of the learners says what they think of it.
fn answer_survey(tx: &mut Tx<'_>, learner: Enrolment, at: usize) -> Outcome<()> {
    let scale = SurveyAnswer { number: 1, value: Some(if at % 3 == 0 { 5 } else { 4 }), text: text("")? };
    let words =
        SurveyAnswer {
            number: 2, value: None, text: text(if at == 1 { "長い資料は動画にしてほしい" } else { "" })?
        };
    surveys::answer(tx, Loaded::new(learner), &SurveyAnswers { answers: vec![scale, words] })?;
    Ok(())
}
