//! The scope of the ISMS (D12; 4.3): five boundaries, what is left out and why, interfaces. Issued in versions that top
//! management alone approves (SD-5).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    access::{Governed, Resource},
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        list::once_each,
        reference::Reference,
        refusal::{Code, Fault, Refusal},
        revision::{Revised, Revision},
        sign_off::Signature,
        text::{Note, Text, Title, normalized},
        transition::{Stateful, Transition},
        version::{Version, VersionAction, VersionState},
    },
    organization::{department::Department, person::Person},
    support::file::StoredFile,
};

/// One version of the scope.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IsmsScope {
    /// Its id.
    pub id: Id<IsmsScope>,
    /// Rises with every change of this version's text.
    pub revision: Revision,
    /// Which version it is.
    #[serde(flatten)]
    pub version: Version,
    /// What people wrote.
    #[serde(flatten)]
    pub draft: IsmsScopeDraft,
    /// The drawing of the premises (D13): rooms, what separates them, the zones. A new version begins with that of the
    /// version in force.
    #[schema(required)]
    pub layout: Option<StoredFile>,
    /// The departments inside, with their names.
    pub departments: Vec<Reference>,
    /// The persons inside, with their names.
    pub persons: Vec<Reference>,
    /// Steps open to the caller.
    pub allowed_actions: Vec<VersionAction>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for IsmsScope {
    const RESOURCE: Resource = Resource::Scope;
}

impl Revised for IsmsScope {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is written in a version of the scope. A draft may be incomplete; what has to be there is asked when it is
/// handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IsmsScopeDraft {
    /// Its title.
    pub title: Title,
    /// Whether all of the organization is inside.
    #[serde(default)]
    #[schema(default = "whole_organization")]
    pub coverage: Coverage,
    /// Which people and departments are inside.
    #[serde(default)]
    pub organizational_boundary: Note,
    /// The departments inside, where they are named.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub department_ids: Vec<Id<Department>>,
    /// Persons inside who are named by themselves.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub person_ids: Vec<Id<Person>>,
    /// Buildings, floors and rooms inside, and what separates them: walls, doors, partitions.
    #[serde(default)]
    pub physical_boundary: Note,
    /// Where the own network ends.
    #[serde(default)]
    pub technical_boundary: Note,
    /// The devices at which it ends, by the names that the network diagram gives them.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub boundary_nodes: Vec<Title>,
    /// Which information assets are inside, such as those of customers or those shared with others.
    #[serde(default)]
    pub asset_boundary: Note,
    /// Which businesses are inside; they may cross departments.
    #[serde(default)]
    pub business_boundary: Note,
    /// What is left out.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub exclusions: Vec<ScopeExclusion>,
    /// What goes between the organization and others (4.3 c).
    #[serde(default)]
    #[schema(max_items = 100)]
    pub interfaces: Vec<ScopeInterface>,
    /// The external and internal issues that were considered (4.3 a).
    #[serde(default)]
    pub considered_issues: Note,
    /// The requirements of interested parties that were considered (4.3 b).
    #[serde(default)]
    pub considered_requirements: Note,
    /// Anything else.
    #[serde(default)]
    pub remarks: Note,
}

/// How much of the organization is inside.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Coverage {
    /// All of it.
    #[default]
    WholeOrganization,
    /// A part: every boundary has to be drawn.
    Part,
}

impl Labelled for Coverage {
    const NAME: &'static str = "coverage";

    fn label(&self) -> Label {
        match self {
            Self::WholeOrganization => label("組織全体", "whole organization"),
            Self::Part => label("組織の一部", "part of the organization"),
        }
    }
}

/// What is left out of the scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeExclusion {
    /// What.
    pub subject: Text,
    /// Why.
    pub reason: Text,
}

/// What goes from one party to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeInterface {
    /// From whom.
    pub from_party: Title,
    /// To whom.
    pub to_party: Title,
    /// What: an order, a delivery, a service.
    pub flow_label: Title,
}

impl Stateful for IsmsScope {
    type Action = VersionAction;
    type State = VersionState;

    const TRANSITIONS: &'static [Transition<VersionAction, VersionState>] = &Version::steps(Resource::Scope);

    fn state(&self) -> VersionState {
        self.version.state
    }
}

impl IsmsScopeDraft {
    /// A draft that says nothing but its title.
    pub fn titled(title: Title) -> Self {
        Self {
            title,
            coverage: Coverage::default(),
            organizational_boundary: Note::default(),
            department_ids: Vec::new(),
            person_ids: Vec::new(),
            physical_boundary: Note::default(),
            technical_boundary: Note::default(),
            boundary_nodes: Vec::new(),
            asset_boundary: Note::default(),
            business_boundary: Note::default(),
            exclusions: Vec::new(),
            interfaces: Vec::new(),
            considered_issues: Note::default(),
            considered_requirements: Note::default(),
            remarks: Note::default(),
        }
    }

    /// As the next version begins: a copy of the one in force, where this says nothing but its title.
    #[must_use]
    fn or_copy_of(self, in_force: Option<&Self>) -> Self {
        match in_force {
            Some(in_force) if self == Self::titled(self.title.clone()) => {
                Self { title: self.title, ..in_force.clone() }
            }
            _ => self,
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        let mut faults = once_each(&self.department_ids, 500, "/department_ids");
        faults.extend(once_each(&self.person_ids, 500, "/person_ids"));
        let nodes = self.boundary_nodes.iter().map(|name| normalized(name.as_str()));
        faults.extend(once_each(nodes, 100, "/boundary_nodes"));
        faults.extend(once_each(self.exclusions.iter().map(|exclusion| &exclusion.subject), 100, "/exclusions"));
        let flows = self.interfaces.iter().map(|flow| (&flow.from_party, &flow.to_party, &flow.flow_label));
        faults.extend(once_each(flows, 100, "/interfaces"));
        for (at, flow) in self.interfaces.iter().enumerate() {
            if normalized(flow.from_party.as_str()) == normalized(flow.to_party.as_str()) {
                faults.push(Fault::new(format!("/interfaces/{at}/to_party"), Code::Contradiction));
            }
        }
        Refusal::unless_empty(faults)
    }

    /// What is missing before it can be handed in. Organizational, physical and business boundary are always needed; a
    /// scope that is only a part also draws the technical and the asset boundary, says what is left out, and names the
    /// interfaces.
    pub fn missing(&self) -> Vec<&'static str> {
        let blank = |text: &Note| text.as_str().trim().is_empty();
        let is_part = self.coverage == Coverage::Part;
        let needed = [
            ("/organizational_boundary", blank(&self.organizational_boundary)),
            ("/physical_boundary", blank(&self.physical_boundary)),
            ("/technical_boundary", is_part && blank(&self.technical_boundary)),
            ("/asset_boundary", is_part && blank(&self.asset_boundary)),
            ("/business_boundary", blank(&self.business_boundary)),
            ("/exclusions", is_part && self.exclusions.is_empty()),
            ("/interfaces", is_part && self.interfaces.is_empty()),
        ];
        needed.into_iter().filter(|(_, lacks)| *lacks).map(|(pointer, _)| pointer).collect()
    }
}

impl IsmsScope {
    /// A new version, as a draft; beside the one in force, where there is one.
    pub fn draft(
        draft: IsmsScopeDraft,
        in_force: Option<&Self>,
        number: i32,
        by: Signature,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let draft = draft.or_copy_of(in_force.map(|scope| &scope.draft));
        draft.check()?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            version: Version::draft(number, by),
            draft,
            layout: in_force.and_then(|scope| scope.layout.clone()),
            departments: Vec::new(),
            persons: Vec::new(),
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes a draft.
    pub fn revise(&mut self, draft: IsmsScopeDraft, by: Signature) -> Result<(), Refusal> {
        self.version.revise(by)?;
        draft.check()?;
        self.draft = draft;
        Ok(())
    }

    /// Gives the draft a drawing of the premises, in the place of the one that it had.
    pub fn attach_layout(&mut self, layout: StoredFile, by: Signature) -> Result<(), Refusal> {
        self.version.revise(by)?;
        self.layout = Some(layout);
        Ok(())
    }

    /// Hands the draft in, once it is complete.
    pub fn submit(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(VersionAction::Submit)?;
        let missing = self.draft.missing();
        if !missing.is_empty() {
            return Err(Refusal::not_ready(missing));
        }
        self.version.submit(by)
    }
}

/// Whether scope and network diagram name the same devices as boundary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BoundaryConsistency {
    /// What the comparison says.
    pub verdict: BoundaryVerdict,
    /// The version of the network diagram in force that was looked at.
    #[schema(required)]
    pub network_diagram_version: Option<i32>,
    /// Named by the scope alone.
    pub in_scope_only: Vec<String>,
    /// At the boundary of the diagram, and not named by the scope.
    pub in_diagram_only: Vec<String>,
}

/// What a comparison of the two boundaries says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum BoundaryVerdict {
    /// Both name the same devices.
    Consistent,
    /// They do not.
    Mismatch,
    /// There is no network diagram in force to compare with.
    NoDiagram,
}

impl Labelled for BoundaryVerdict {
    const NAME: &'static str = "boundary_verdict";

    fn label(&self) -> Label {
        match self {
            Self::Consistent => label("一致", "consistent"),
            Self::Mismatch => label("不一致", "mismatch"),
            Self::NoDiagram => label("ネットワーク図なし", "no network diagram"),
        }
    }
}

impl BoundaryConsistency {
    /// Compares the devices that a scope names with the boundary of a diagram, of which the version is given. Names are
    /// compared as they are searched: `ﾙｰﾀ` is `ルータ`.
    pub fn between(named: &[Title], diagram: Option<(i32, Vec<Title>)>) -> Self {
        let version = diagram.as_ref().map(|(version, _)| *version);
        let drawn = diagram.map(|(_, boundary)| boundary).unwrap_or_default();
        let only = |these: &[Title], those: &[Title]| -> Vec<String> {
            let those: Vec<String> = those.iter().map(|name| normalized(name.as_str())).collect();
            let names = these.iter().filter(|name| !those.contains(&normalized(name.as_str())));
            names.map(|name| name.as_str().to_owned()).collect()
        };
        let (in_scope_only, in_diagram_only) = (only(named, &drawn), only(&drawn, named));
        let verdict = match version {
            None => BoundaryVerdict::NoDiagram,
            Some(_) if in_scope_only.is_empty() && in_diagram_only.is_empty() => BoundaryVerdict::Consistent,
            Some(_) => BoundaryVerdict::Mismatch,
        };
        Self { verdict, network_diagram_version: version, in_scope_only, in_diagram_only }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(text: &str) -> Title {
        Title::new(text).unwrap()
    }

    fn note(text: &str) -> Note {
        Note::new(text).unwrap()
    }

    /// Complete, as far as a whole organization has to be.
    fn whole() -> IsmsScopeDraft {
        IsmsScopeDraft {
            organizational_boundary: note("全員"),
            physical_boundary: note("本社の3階"),
            business_boundary: note("すべての事業"),
            ..IsmsScopeDraft::titled(title("適用範囲"))
        }
    }

    #[test]
    fn scp_1_a_part_draws_every_boundary() {
        let part = IsmsScopeDraft {
            coverage: Coverage::Part,
            technical_boundary: note("ルータまで"),
            exclusions: vec![ScopeExclusion {
                subject: Text::new("倉庫").unwrap(),
                reason: Text::new("委託先").unwrap(),
            }],
            interfaces: vec![ScopeInterface {
                from_party: title("顧客"),
                to_party: title("当社"),
                flow_label: title("注文"),
            }],
            ..whole()
        };
        assert_eq!(part.missing(), ["/asset_boundary"], "SCP-1");
        assert!(IsmsScopeDraft { asset_boundary: note("自社の情報"), ..part }.missing().is_empty());
        let bare = IsmsScopeDraft { coverage: Coverage::Part, ..whole() };
        assert_eq!(bare.missing(), ["/technical_boundary", "/asset_boundary", "/exclusions", "/interfaces"]);
    }

    #[test]
    fn scp_2_a_whole_organization_needs_three_texts() {
        assert!(whole().missing().is_empty(), "SCP-2");
        let blank = IsmsScopeDraft { physical_boundary: note(" \n"), ..whole() };
        assert_eq!(blank.missing(), ["/physical_boundary"]);
        assert_eq!(IsmsScopeDraft::titled(title("適用範囲")).missing().len(), 3);
    }

    #[test]
    fn aud_12_scope_and_diagram_name_the_same_devices() {
        let compare = |named: &[&str], drawn: &[&str]| {
            let titles = |names: &[&str]| names.iter().map(|name| title(name)).collect::<Vec<_>>();
            BoundaryConsistency::between(&titles(named), Some((1, titles(drawn))))
        };
        let other = compare(&["ルータ"], &["ONU"]);
        assert_eq!(other.verdict, BoundaryVerdict::Mismatch, "AUD-12");
        assert_eq!((other.in_scope_only, other.in_diagram_only), (vec!["ルータ".into()], vec!["ONU".into()]));
        assert_eq!(compare(&["ﾙｰﾀ", "VPNルータ"], &["VPNルータ", "ルータ"]).verdict, BoundaryVerdict::Consistent);
        assert_eq!(compare(&["ルータ"], &["ルータ", "VPNルータ"]).in_diagram_only, ["VPNルータ"]);
        assert_eq!(BoundaryConsistency::between(&[], None).verdict, BoundaryVerdict::NoDiagram);
    }

    #[test]
    fn a_draft_that_says_nothing_begins_as_a_copy() {
        let next = IsmsScopeDraft::titled(title("第2版")).or_copy_of(Some(&whole()));
        assert_eq!(next, IsmsScopeDraft { title: title("第2版"), ..whole() });
        let own = IsmsScopeDraft { remarks: note("書き直す"), ..IsmsScopeDraft::titled(title("第2版")) };
        assert_eq!(own.clone().or_copy_of(Some(&whole())), own);
    }

    #[test]
    fn nothing_stands_twice() {
        let flow = |from: &str, to: &str| ScopeInterface {
            from_party: title(from),
            to_party: title(to),
            flow_label: title("注文"),
        };
        let draft = IsmsScopeDraft {
            boundary_nodes: vec![title("ルータ"), title("ﾙｰﾀ")],
            interfaces: vec![flow("顧客", "当社"), flow("顧客", "当社"), flow("当社", "当社")],
            ..whole()
        };
        let faults = draft.check().unwrap_err().errors;
        let pointers: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!(
            pointers,
            [
                ("/boundary_nodes/1", Code::Duplicate),
                ("/interfaces/1", Code::Duplicate),
                ("/interfaces/2/to_party", Code::Contradiction)
            ]
        );
    }
}
