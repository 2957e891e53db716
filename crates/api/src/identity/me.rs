//! Who is logged in, and what they may rely on.

use actix_web::get;
use mamori_domain::{
    access::{Resource, Scope, Verb},
    identity::principal::{Grant, Me},
    kernel::reference::Reference,
};
use mamori_persistence::organization::organization as organizations;
use strum::IntoEnumIterator;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{
    answer::Answer,
    permit::{OwnAccess, Permit, verbs::Read},
    problem::Problem,
};

/// Mounts the operations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_me);
}

/// Get who is logged in
///
/// The caller's person, roles and grants: what a user interface may rely on.
#[utoipa::path(tag = "identity", responses((status = 200, description = "The caller.", body = Me)),
    security(("bearer" = ["own_access:read"])))]
#[get("/v1/me")]
async fn get_me(permit: Permit<Read, OwnAccess>) -> Result<Answer, Problem> {
    let caller = permit.caller();
    let (principal, person) = (permit.principal()?, Reference::new(caller.person, &*caller.name));
    permit
        .read(move |tx| {
            let organization = organizations::find(tx)?;
            let standing = tx.standing();
            let mut roles: Vec<_> = standing.roles.iter().map(|held| held.role).collect();
            roles.sort();
            roles.dedup();
            let scopes = Resource::iter().flat_map(|resource| Verb::iter().map(move |verb| Scope { resource, verb }));
            let grants = scopes.filter_map(|scope| {
                let reach = standing.reach(scope.resource, scope.verb)?;
                Some(Grant {
                    scope,
                    all: reach.all,
                    department_ids: reach.departments.iter().map(|id| id.uuid()).collect(),
                    assigned: reach.assigned.is_some(),
                    own: reach.own.is_some(),
                    published: reach.published,
                })
            });
            Answer::ok(&Me {
                principal_id: principal,
                organization: Reference::new(organization.id, organization.draft.name.as_str()),
                person: person.clone(),
                roles,
                grants: grants.collect(),
                today: tx.today(),
            })
        })
        .await
}
