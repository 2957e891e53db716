//! The heat map: counted, not kept.

use std::collections::BTreeMap;

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    planning::{
        rating::{Rating, risk_level},
        risk::{MatrixCell, MatrixKind, RiskMatrix, RiskState},
        risk_criteria::Assessment,
    },
};

use super::{belonging::lies_within, risk as r};
use crate::{
    kernel::{
        columns::{DocumentColumn, WordColumn},
        failure::Outcome,
        tx::{Tx, Within},
    },
    on,
    planning::{rating::RatingColumn, risk_criteria},
};

/// The heat map of the open risks that the caller may read, by the criteria in force.
pub fn matrix(tx: &mut Tx<'_>, assessment: MatrixKind) -> Outcome<RiskMatrix> {
    let within = tx.within(Resource::Risk, Verb::Read)?;
    let criteria = risk_criteria::in_force(tx)?;
    let mut counts: BTreeMap<Option<(Rating, Rating)>, i64> = BTreeMap::new();
    for (place, risks) in match assessment {
        MatrixKind::Initial => initial_places(tx, &within)?,
        MatrixKind::Remaining => remaining_places(tx, &within)?,
    } {
        *counts.entry(place).or_default() += risks;
    }
    let places =
        Rating::ALL.into_iter().rev().flat_map(|high| Rating::ALL.into_iter().rev().map(move |low| (high, low)));
    let cells = places
        .map(|(importance, likelihood)| MatrixCell {
            importance,
            likelihood,
            risk_level: risk_level(importance, likelihood),
            evaluation: criteria.assess(importance, likelihood).evaluation,
            risks: counts.get(&Some((importance, likelihood))).copied().unwrap_or_default(),
        })
        .collect();
    Ok(RiskMatrix { assessment, cells, not_assessed: counts.get(&None).copied().unwrap_or_default() })
}

/// Importance and likelihood, where they are known, and how many risks.
type Places = Vec<(Option<(Rating, Rating)>, i64)>;

fn initial_places(tx: &mut Tx<'_>, within: &Within) -> Outcome<Places> {
    let organization = tx.organization();
    let rows: Vec<(Option<RatingColumn>, Option<RatingColumn>, i64)> = on!(tx, {
        let mut query = r::table
            .group_by((r::importance, r::likelihood))
            .select((r::importance, r::likelihood, diesel::dsl::count_star()))
            .filter(r::organization_id.eq(organization))
            .filter(r::state.ne(WordColumn(RiskState::Closed)))
            .into_boxed::<Db>();
        if !within.all {
            query = query.filter(lies_within(within));
        }
        query.load(tx)
    })?;
    let place =
        |importance: Option<RatingColumn>, likelihood: Option<RatingColumn>| Some((importance?.0, likelihood?.0));
    Ok(rows.into_iter().map(|(importance, likelihood, risks)| (place(importance, likelihood), risks)).collect())
}

fn remaining_places(tx: &mut Tx<'_>, within: &Within) -> Outcome<Places> {
    let organization = tx.organization();
    type Assessed = Option<DocumentColumn<Assessment>>;
    let rows: Vec<(Assessed, Assessed)> = on!(tx, {
        let mut query = r::table
            .filter(r::organization_id.eq(organization))
            .filter(r::state.ne(WordColumn(RiskState::Closed)))
            .select((r::initial, r::residual))
            .into_boxed::<Db>();
        if !within.all {
            query = query.filter(lies_within(within));
        }
        query.load(tx)
    })?;
    let place = |assessment: DocumentColumn<Assessment>| (assessment.0.importance, assessment.0.likelihood);
    Ok(rows.into_iter().map(|(initial, residual)| (residual.or(initial).map(place), 1)).collect())
}
