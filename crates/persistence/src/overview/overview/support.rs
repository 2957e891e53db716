//! Support (clause 7).

use diesel::{dsl::exists, prelude::*};
use mamori_domain::{
    access::Resource,
    support::{
        document::{DocumentState, version::DocumentVersionState},
        education::{campaign::CampaignState, test::TestState},
        resource::ProvidedResourceState,
    },
};

use super::tally::{Tally, signed, versions_signed};
use crate::{
    context::readable,
    kernel::{
        among::AmongExt,
        columns::WordColumn,
        failure::Outcome,
        tx::{Tx, Within},
    },
    on,
    organization::person::person as p,
    support::{
        competence_check::competence_check as cc,
        competence_requirement::competence_requirement as cr,
        disposal::disposal as d,
        document::{document as doc, version::document_version as v},
        education::{
            campaign::education_campaign as ec,
            duty::{duties, education_duty as e, pending},
            enrolment::enrolment as en,
            programme::education_programme as g,
            test::comprehension_test as t,
        },
        legal_requirement::legal_requirement as l,
        resource::provided_resource as r,
        retention_rule::retention_rule as rr,
    },
};

pub(super) fn resources(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let signed = on!(tx, {
        let mut asked = r::table
            .filter(r::organization_id.eq(organization))
            .filter(r::state.ne(WordColumn(ProvidedResourceState::Withdrawn)))
            .into_boxed::<Db>();
        if !within.all {
            asked = asked.filter(r::department_id.among(&within.departments));
        }
        signed!(tx, asked, r::sign_off)
    })?;
    Ok(Tally::signed(within.all, signed))
}

pub(super) fn competence_requirements(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let in_use = cr::table.filter(cr::organization_id.eq(tx.organization())).filter(cr::retirement.is_null());
    Ok(Tally::plain(within.all, on!(tx, in_use.count().get_result(tx))?))
}

pub(super) fn competence_checks(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let signed = on!(tx, {
        let mut checks = cc::table.filter(cc::organization_id.eq(organization)).into_boxed::<Db>();
        if !within.all {
            checks = checks.filter(cc::person_id.among(&within.own));
        }
        signed!(tx, checks, cc::sign_off)
    })?;
    Ok(Tally::signed(within.all, signed))
}

pub(super) fn legal_requirements(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let in_use = l::table.filter(l::organization_id.eq(tx.organization())).filter(l::retirement.is_null());
    Ok(Tally::plain(within.all, on!(tx, in_use.count().get_result(tx))?))
}

pub(super) fn education_programmes(tx: &mut Tx<'_>, _: &Within) -> Outcome<Tally> {
    let readable = readable(tx, Resource::EducationPlan)?;
    Ok(versions_signed!(tx, g, search, readable))
}

/// Those that were not cancelled, by the sign-off of the plan; who approved alone what they prepared is counted of both
/// sections.
pub(super) fn education_campaigns(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let (organization, cancelled) = (tx.organization(), WordColumn(CampaignState::Cancelled));
    let (plans, (_, _, _, records_alone, _)) = on!(tx, {
        let campaigns = || {
            ec::table.filter(ec::organization_id.eq(organization)).filter(ec::state.ne(cancelled)).into_boxed::<Db>()
        };
        (signed!(tx, campaigns(), ec::sign_off)?, signed!(tx, campaigns(), ec::record_sign_off)?)
    });
    let mut tally = Tally::signed(within.all, plans);
    tally.self_approved = tally.self_approved.map(|alone| alone + records_alone);
    Ok(tally)
}

/// Everybody who was ever enrolled, within the caller's reach.
pub(super) fn enrolments(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let records: i64 = on!(tx, {
        let mut enrolled = en::table
            .inner_join(p::table.on(p::organization_id.eq(en::organization_id).and(p::id.eq(en::person_id))))
            .filter(en::organization_id.eq(organization))
            .into_boxed::<Db>();
        if !within.all {
            let own = en::person_id.among(&within.own);
            enrolled = enrolled.filter(own.or(p::department_id.among(&within.departments)));
        }
        enrolled.count().get_result(tx)
    })?;
    Ok(Tally::plain(within.all, records))
}

/// Those that were not given up.
pub(super) fn tests(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let of_organization = t::table.filter(t::organization_id.eq(tx.organization()));
    let kept = of_organization.filter(t::state.ne(WordColumn(TestState::Retired)));
    Ok(Tally::plain(within.all, on!(tx, kept.count().get_result(tx))?))
}

/// Those that are owed now, or will be.
pub(super) fn education_duties(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let (organization, today) = (tx.organization(), tx.today());
    let records = on!(tx, pending!(duties!(organization, within), today).count().get_result(tx))?;
    Ok(Tally::plain(within.all, records))
}

/// Those that were not withdrawn; approved are those of which a version holds.
pub(super) fn documents(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let (published, withdrawn) = (WordColumn(DocumentVersionState::Published), WordColumn(DocumentState::Withdrawn));
    let (records, approved) = on!(tx, {
        let holding = || {
            let of_document = v::table.filter(v::organization_id.eq(doc::organization_id));
            exists(of_document.filter(v::document_id.eq(doc::id)).filter(v::state.eq(published)))
        };
        let listed = || {
            let documents = doc::table
                .filter(doc::organization_id.eq(organization))
                .filter(doc::state.ne(withdrawn))
                .into_boxed::<Db>();
            let department = doc::department_id.among(&within.departments);
            match (within.all, within.published) {
                (true, _) => documents,
                (false, true) => documents.filter(department.or(holding())),
                (false, false) => documents.filter(department),
            }
        };
        let records: i64 = listed().count().get_result(tx)?;
        (records, listed().filter(holding()).count().get_result(tx)?)
    });
    Ok(Tally { approved: Some(approved), ..Tally::plain(within.all, records) })
}

pub(super) fn retention_rules(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let in_use = rr::table.filter(rr::organization_id.eq(tx.organization())).filter(rr::retirement.is_null());
    Ok(Tally::plain(within.all, on!(tx, in_use.count().get_result(tx))?))
}

pub(super) fn disposals(tx: &mut Tx<'_>, within: &Within) -> Outcome<Tally> {
    let organization = tx.organization();
    let signed = on!(tx, {
        let disposals = d::table.filter(d::organization_id.eq(organization)).into_boxed::<Db>();
        signed!(tx, disposals, d::sign_off)
    })?;
    Ok(Tally::signed(within.all, signed))
}
