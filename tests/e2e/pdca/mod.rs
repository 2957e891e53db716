//! A company walks the whole cycle over HTTP, as its seven roles do: from an empty service over context, plan and operation
//! to audit, corrective action and the second management review (clauses 4 to 10).

use crate::harness::{Backend, empty_world};

mod act;
mod check;
mod company;
mod operate;
mod plan;

#[actix_web::test]
async fn from_the_context_to_the_second_management_review() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(mut world) = empty_world(backend).await else { continue };
        company::is_founded(&mut world).await;

        plan::determines_its_context(&world).await;
        plan::is_led(&world).await;
        plan::assesses_its_risks(&world).await;
        plan::sets_an_objective(&world).await;

        operate::plans_its_year(&world).await;
        check::plans_its_audits(&world).await;
        operate::teaches_its_people(&world).await;
        operate::publishes_its_procedure(&world).await;
        operate::treats_its_risk(&world).await;

        check::measures(&world).await;
        let (audit, finding) = check::audits_itself(&world).await;
        let action = act::corrects(&world, &finding).await;
        check::closes_the_audit(&world, &audit).await;
        let first = check::holds_its_first_review(&world).await;
        act::carries_out_the_instruction(&world).await;
        check::is_certified(&world).await;

        company::enters_its_second_year(&mut world).await;
        act::is_followed_up(&world, &finding, &action).await;
        check::holds_its_second_review(&world, &first).await;
        act::sees_the_cycle_turn(&world).await;
    }
}
