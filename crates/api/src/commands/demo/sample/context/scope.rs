//! The zones of the layout, the network, the scope that names its boundary, and some days of the entry log.

use chrono::{DateTime, TimeDelta, Utc};
use mamori_domain::{
    access::Role,
    context::{
        entry_log::{EntryLogEntry, EntryLogEntryDraft},
        network_diagram::{NetworkDiagram, NetworkDiagramDraft, NetworkLink, NetworkNode, NodeKind},
        scope::{IsmsScope, IsmsScopeDraft, ScopeInterface},
        zone::{Zone, ZoneDraft},
    },
    kernel::{id::Id, sign_off::Signature},
    organization::person::Person,
    planning::rating::Rating,
};
use mamori_persistence::{
    context::{entry_log as entries, network_diagram as diagrams, scope as scopes, zone as zones},
    kernel::{
        failure::{Failure, Outcome},
        tx::Tx,
    },
    organization::department as departments,
};

use super::super::{Company, signature, text};

pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    layout(tx, company)?;
    network(tx, company)?;
    scope(tx, company)?;
    entry_log(tx, company)
}

/// The marks of the secretariat, which prepares, and of top management, which approves.
fn marks(tx: &Tx<'_>, company: &Company) -> Outcome<(Signature, Signature)> {
    let secretary = company.holder(Role::IsmsSecretariat)?;
    let top = company.holder(Role::TopManagement)?;
    Ok((signature(tx, secretary, &[Role::IsmsSecretariat]), signature(tx, top, &[Role::TopManagement])))
}

/// Zones from the inside to the outside, each beside the one before.
fn layout(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let everybody: Vec<Id<Person>> = company.people.iter().map(|(person, _)| person.id).collect();
    let administrator = company.holder(Role::SystemAdministrator)?.id;
    let mut inner = None;
    for (name, security_level, in_scope, equipment, doors, restrictions) in ZONES {
        let allowed_person_ids = match *security_level {
            Rating::HIGH => vec![administrator],
            Rating::MEDIUM => everybody.clone(),
            _ => Vec::new(),
        };
        let draft = ZoneDraft {
            name: text(name)?,
            security_level: *security_level,
            in_scope: *in_scope,
            adjacent_zone_ids: inner.into_iter().collect(),
            equipment: equipment.iter().map(|one| text(one)).collect::<Outcome<_>>()?,
            doors: doors.iter().map(|one| text(one)).collect::<Outcome<_>>()?,
            allowed_person_ids,
            restrictions: text(restrictions)?,
        };
        inner = Some(zones::add(tx, &Zone::establish(draft, tx.now())?)?.id);
    }
    Ok(())
}

fn network(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let (by, top) = marks(tx, company)?;
    let mut draft = NetworkDiagramDraft::titled(text("社内ネットワーク図")?);
    for (name, kind, zone, department, in_scope) in NODES {
        draft.nodes.push(NetworkNode {
            number: None,
            name: text(name)?,
            kind: *kind,
            zone_id: zone.map(|name| zones::by_name(tx, name)).transpose()?.flatten(),
            department_id: department.map(|name| departments::by_name(tx, name)).transpose()?.flatten(),
            in_scope: *in_scope,
        });
    }
    for (a, b, medium) in LINKS {
        draft.links.push(NetworkLink { a: *a, b: *b, medium: Some(text(medium)?) });
    }
    let mut diagram = NetworkDiagram::draft(draft, None, 1, 1, by.clone(), tx.now())?;
    diagram.submit(by)?;
    diagram.version.approve(top, false, tx.now())?;
    diagrams::add(tx, &diagram, None)?;
    Ok(())
}

fn scope(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let (by, top) = marks(tx, company)?;
    let interface = |(from, to, what): &(&str, &str, &str)| {
        Ok(ScopeInterface { from_party: text(from)?, to_party: text(to)?, flow_label: text(what)? })
    };
    let draft = IsmsScopeDraft {
        organizational_boundary: text("すべての部署と、そこで働く全員")?,
        physical_boundary: text("本社3階のうち、受付、執務室、サーバ室。共用の玄関と廊下は含まない")?,
        technical_boundary: text("通信事業者につながるルータと、支店や自宅から入るVPNルータまで")?,
        boundary_nodes: vec![text("ルータ")?, text("VPNルータ")?],
        asset_boundary: text("自社の情報のほか、取引先から預かった情報")?,
        business_boundary: text("製品の企画、部品の調達、販売と、それを支える業務")?,
        interfaces: FLOWS.iter().map(interface).collect::<Outcome<_>>()?,
        considered_issues: text("標的型攻撃の増加、従業者の理解のばらつき、預かった情報の取扱い")?,
        considered_requirements: text("取引先との秘密保持、個人情報の保護、法令の遵守")?,
        ..IsmsScopeDraft::titled(text("ISMS適用範囲")?)
    };
    let mut scope = IsmsScope::draft(draft, None, 1, by.clone(), tx.now())?;
    scope.submit(by)?;
    scope.version.approve(top, false, tx.now())?;
    scopes::add(tx, &scope, None)?;
    Ok(())
}

/// Yesterday and today: visits as they should be, one alone in the server room, one that nobody ended.
fn entry_log(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let administrator = company.holder(Role::SystemAdministrator)?;
    let secretary = company.holder(Role::IsmsSecretariat)?;
    let hours_ago = |hours| tx.now() - TimeDelta::hours(hours);
    let visitor = |name, company| (None, Some((name, company)));
    let visits = [
        visit("サーバ室", (Some(administrator), None), hours_ago(22), Some(hours_ago(21)), None),
        visit("執務室", visitor("山口 進", "部品工業"), hours_ago(20), Some(hours_ago(19)), Some(secretary)),
        visit("サーバ室", visitor("森田 学", "空調設備"), hours_ago(19), Some(hours_ago(17)), Some(administrator)),
        visit("サーバ室", (Some(secretary), None), hours_ago(18), Some(hours_ago(18)), None),
        visit("執務室", visitor("和田 光", "事務機販売"), hours_ago(17), None, Some(secretary)),
        visit("受付", visitor("山口 進", "部品工業"), hours_ago(0), None, None),
    ];
    let by = signature(tx, administrator, &[Role::SystemAdministrator]);
    for visit in visits {
        let zone = zones::by_name(tx, visit.zone)?.ok_or(Failure::Panicked)?;
        let zone = zones::find(tx, zone)?.value;
        let (person, guest) = visit.who;
        let draft = EntryLogEntryDraft {
            zone_id: zone.id,
            person_id: person.map(|person| person.id),
            visitor_name: guest.map(|(name, _)| text(name)).transpose()?,
            company: guest.map(|(_, company)| text(company)).transpose()?,
            entered_at: visit.entered,
            left_at: visit.left,
            escorted_by_id: visit.escort.map(|person| person.id),
            permission: text("")?,
        };
        let party = entries::party(tx, &draft)?;
        let entry = EntryLogEntry::record(draft, &zone, party, by.clone(), tx.context().time_zone)?;
        entries::add(tx, &entry)?;
    }
    Ok(())
}

/// Who visits: a person of the company, or a guest with theirs.
type Who<'a> = (Option<&'a Person>, Option<(&'static str, &'static str)>);

struct Visit<'a> {
    zone: &'static str,
    who: Who<'a>,
    entered: DateTime<Utc>,
    left: Option<DateTime<Utc>>,
    escort: Option<&'a Person>,
}

fn visit<'a>(
    zone: &'static str,
    who: Who<'a>,
    entered: DateTime<Utc>,
    left: Option<DateTime<Utc>>,
    escort: Option<&'a Person>,
) -> Visit<'a> {
    Visit { zone, who, entered, left, escort }
}

/// Name, level, whether in the scope, equipment, doors, restrictions.
type ZoneLine = (&'static str, Rating, bool, &'static [&'static str], &'static [&'static str], &'static str);

const ZONES: &[ZoneLine] = &[
    ("サーバ室", Rating::HIGH, true, &["サーバ 3台"], &["執務室側の扉、電子錠"], "撮影と私物の持ち込みを禁じる"),
    (
        "執務室",
        Rating::MEDIUM,
        true,
        &["棚", "ホワイトボード", "会議机（4席）", "机（4席） 2組"],
        &["受付側の扉、カードで開く"],
        "離席するときは画面を閉じる",
    ),
    ("受付", Rating::LOW, true, &["受付台"], &["玄関側の自動扉"], ""),
    ("玄関", Rating::LOW, false, &[], &["建物の出入口"], ""),
];

/// Name, kind, zone, department, whether in the scope; numbered from 1.
type NodeLine = (&'static str, NodeKind, Option<&'static str>, Option<&'static str>, bool);

#[rustfmt::skip]
const NODES: &[NodeLine] = &[
    ("インターネット", NodeKind::Internet, None, None, false),
    ("支店", NodeKind::Branch, None, None, false),
    ("リモートワーク", NodeKind::RemoteWorker, None, None, false),
    ("ルータ", NodeKind::Router, Some("サーバ室"), Some("情報システム部"), true),
    ("ファイアウォール", NodeKind::Firewall, Some("サーバ室"), Some("情報システム部"), true),
    ("DMZ", NodeKind::Dmz, Some("サーバ室"), Some("情報システム部"), true),
    ("メールサーバ", NodeKind::Server, Some("サーバ室"), Some("情報システム部"), true),
    ("Webサーバ", NodeKind::Server, Some("サーバ室"), Some("情報システム部"), true),
    ("DNSサーバ", NodeKind::Server, Some("サーバ室"), Some("情報システム部"), true),
    ("VPNルータ", NodeKind::VpnRouter, Some("サーバ室"), Some("情報システム部"), true),
    ("社内LAN", NodeKind::Other, Some("執務室"), Some("情報システム部"), true),
    ("プリンタ", NodeKind::Printer, Some("執務室"), Some("総務部"), true),
    ("管理部のPC", NodeKind::ClientPc, Some("執務室"), Some("管理部"), true),
    ("総務部のPC", NodeKind::ClientPc, Some("執務室"), Some("総務部"), true),
    ("営業部のPC", NodeKind::ClientPc, Some("執務室"), Some("営業部"), true),
];

/// The two ends, by number, and what is between them.
const LINKS: &[(i32, i32, &str)] = &[
    (1, 4, "光回線"),
    (4, 5, "LAN"),
    (5, 6, "LAN"),
    (6, 7, "LAN"),
    (6, 8, "LAN"),
    (6, 9, "LAN"),
    (5, 11, "LAN"),
    (2, 10, "VPN"),
    (3, 10, "VPN"),
    (10, 11, "LAN"),
    (11, 12, "LAN"),
    (11, 13, "LAN"),
    (11, 14, "LAN"),
    (11, 15, "Wi-Fi"),
];

/// From whom, to whom, what.
const FLOWS: &[(&str, &str, &str)] = &[
    ("顧客", "当社", "製品の発注"),
    ("当社", "パートナー会社", "部品の発注"),
    ("パートナー会社", "当社", "部品の納入"),
    ("当社", "顧客", "製品の納入"),
];
