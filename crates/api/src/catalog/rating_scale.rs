//! What the steps of the rating scales mean.

use actix_web::get;
use mamori_domain::{
    kernel::{
        label::{Label, label},
        page::Page,
    },
    planning::rating::Rating,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::page_of;
use crate::kernel::{
    answer::Answer,
    permit::{Catalog, Permit, verbs::Read},
    problem::Problem,
    query::Paging,
};

/// A scale from 1 to 3.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct RatingScale {
    /// The field that is rated.
    name: &'static str,
    /// What to show for the field.
    label: Label,
    /// What each rating means, in own words.
    steps: Vec<RatingStep>,
}

/// A step of a scale.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct RatingStep {
    /// 1 to 3.
    rating: Rating,
    /// What it means.
    label: Label,
}

fn scale(name: &'static str, title: Label, steps: [Label; 3]) -> RatingScale {
    let steps = Rating::ALL.into_iter().zip(steps).map(|(rating, label)| RatingStep { rating, label }).collect();
    RatingScale { name, label: title, steps }
}

/// List the rating scales
///
/// What 1, 2 and 3 mean for each rated field.
#[utoipa::path(tag = "catalog", params(Paging),
    responses((status = 200, description = "A page of scales.", body = Page<RatingScale>)),
    security(("bearer" = ["catalog:read"])))]
#[get("/v1/catalog/rating-scales")]
pub(super) async fn list_rating_scales(_permit: Permit<Read, Catalog>, paging: Paging) -> Result<Answer, Problem> {
    let harm = |what_ja: &'static str, what_en: &'static str| label(what_ja, what_en);
    let scales = [
        scale(
            "confidentiality",
            label("機密性", "confidentiality"),
            [
                harm("漏えいしてもほとんど影響がない", "a leak does almost no harm"),
                harm("漏えいすると事業に大きな影響がある", "a leak affects the business strongly"),
                harm(
                    "法令や契約で守る義務がある、または漏えいが深刻な影響を及ぼす",
                    "law or contract demands it, or a leak does grave harm",
                ),
            ],
        ),
        scale(
            "integrity",
            label("完全性", "integrity"),
            [
                harm("改ざんされてもほとんど影響がない", "tampering does almost no harm"),
                harm("改ざんされると事業に大きな影響がある", "tampering affects the business strongly"),
                harm(
                    "法令で求められる、または改ざんが深刻な影響を及ぼす",
                    "law demands it, or tampering does grave harm",
                ),
            ],
        ),
        scale(
            "availability",
            label("可用性", "availability"),
            [
                harm("使えなくてもほとんど影響がない", "an outage does almost no harm"),
                harm("使えないと事業に大きな影響がある", "an outage affects the business strongly"),
                harm("使えないと深刻な影響がある", "an outage does grave harm"),
            ],
        ),
        scale(
            "threat_likelihood",
            label("脅威の起こりやすさ", "likelihood of the threat"),
            [
                harm("通常は起こらない", "does not occur normally"),
                harm("特定の状況で起こる（年に数回）", "occurs in particular situations, a few times a year"),
                harm("いつでも起こりうる", "may occur any time"),
            ],
        ),
        scale(
            "vulnerability_exploitability",
            label("脆弱性のつけ込みやすさ", "exploitability of the vulnerability"),
            [
                harm("必要な対策はすべて実施している", "all necessary measures are in place"),
                harm("対策の一部を実施している", "some measures are in place"),
                harm("対策を実施していない", "no measures are in place"),
            ],
        ),
        scale(
            "likelihood",
            label("被害発生可能性", "likelihood of harm"),
            [
                harm("通常は発生しない", "does not occur normally"),
                harm("特定の状況で発生する（年に数回）", "occurs in particular situations, a few times a year"),
                harm("いつ発生してもおかしくない", "may occur any time"),
            ],
        ),
    ];
    Ok(Answer::ok(&page_of(&scales, &paging)?)?)
}
