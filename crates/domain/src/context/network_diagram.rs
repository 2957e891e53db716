//! The network diagram (D14; 4.3): nodes, links, and the boundary that follows from them. Issued in versions that
//! top management alone approves (SD-5).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::zone::Zone;
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
        text::{Note, Title, Word, normalized},
        transition::{Stateful, Transition},
        version::{Version, VersionAction, VersionState},
    },
    organization::department::Department,
};

/// One version of the network diagram.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NetworkDiagram {
    /// Its id.
    pub id: Id<NetworkDiagram>,
    /// Rises with every change of this version.
    pub revision: Revision,
    /// Which version it is.
    #[serde(flatten)]
    pub version: Version,
    /// What people drew.
    #[serde(flatten)]
    pub draft: NetworkDiagramDraft,
    /// The boundary: the nodes in the scope that touch a node outside of it.
    pub boundary: Vec<BoundaryNode>,
    /// The zones that nodes stand in, with their names.
    pub zones: Vec<Reference>,
    /// The departments that nodes belong to, with their names.
    pub departments: Vec<Reference>,
    /// The number that the next new node gets, in any version.
    pub next_node_number: i32,
    /// Steps open to the caller.
    pub allowed_actions: Vec<VersionAction>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Governed for NetworkDiagram {
    const RESOURCE: Resource = Resource::Scope;
}

impl Revised for NetworkDiagram {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// What is drawn in a version of the network diagram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkDiagramDraft {
    /// Its title.
    pub title: Title,
    /// Devices, and networks outside. Those without a number get the next ones, in their order.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub nodes: Vec<NetworkNode>,
    /// What connects them.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub links: Vec<NetworkLink>,
    /// Anything else.
    #[serde(default)]
    pub remarks: Note,
}

/// A device, or a network as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkNode {
    /// Its number, assigned by the service and kept from version to version, never used twice: links name it. A node
    /// that stays keeps its number; one without a number is new.
    #[serde(default)]
    #[schema(required = false, minimum = 1)]
    pub number: Option<i32>,
    /// Its name, unique in the diagram; the scope names its boundary by it.
    pub name: Title,
    /// What it is.
    pub kind: NodeKind,
    /// The zone that it stands in.
    #[serde(default)]
    #[schema(required = false)]
    pub zone_id: Option<Id<Zone>>,
    /// The department that it belongs to.
    #[serde(default)]
    #[schema(required = false)]
    pub department_id: Option<Id<Department>>,
    /// Whether it lies within the scope of the ISMS.
    pub in_scope: bool,
}

/// What connects two nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkLink {
    /// The number of one end. A new node may be named by the number that it is going to get: `next_node_number` for
    /// the first one, and so on.
    #[schema(minimum = 1)]
    pub a: i32,
    /// The number of the other end.
    #[schema(minimum = 1)]
    pub b: i32,
    /// Over what: cable, Wi-Fi, optical fibre, VPN.
    #[serde(default)]
    #[schema(required = false)]
    pub medium: Option<Word>,
}

/// What a node is (D14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NodeKind {
    /// The internet.
    Internet,
    /// A router.
    Router,
    /// A router at which a VPN ends.
    VpnRouter,
    /// A firewall.
    Firewall,
    /// A network between outside and inside.
    Dmz,
    /// A server.
    Server,
    /// A computer at which people work.
    ClientPc,
    /// A printer or copier.
    Printer,
    /// The end of the provider's optical fibre.
    Onu,
    /// Another place of the organization.
    Branch,
    /// Somebody who works elsewhere.
    RemoteWorker,
    /// Something else.
    Other,
}

impl Labelled for NodeKind {
    const NAME: &'static str = "node_kind";

    fn label(&self) -> Label {
        match self {
            Self::Internet => label("インターネット", "internet"),
            Self::Router => label("ルータ", "router"),
            Self::VpnRouter => label("VPNルータ", "VPN router"),
            Self::Firewall => label("ファイアウォール", "firewall"),
            Self::Dmz => label("DMZ", "DMZ"),
            Self::Server => label("サーバ", "server"),
            Self::ClientPc => label("PC", "client PC"),
            Self::Printer => label("プリンタ", "printer"),
            Self::Onu => label("ONU", "ONU"),
            Self::Branch => label("支店", "branch"),
            Self::RemoteWorker => label("リモートワーク", "remote worker"),
            Self::Other => label("その他", "other"),
        }
    }
}

/// A node at the boundary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoundaryNode {
    /// Its number.
    pub number: i32,
    /// Its name.
    pub name: Title,
}

impl Stateful for NetworkDiagram {
    type Action = VersionAction;
    type State = VersionState;

    const TRANSITIONS: &'static [Transition<VersionAction, VersionState>] = &Version::steps(Resource::Scope);

    fn state(&self) -> VersionState {
        self.version.state
    }
}

impl NetworkDiagramDraft {
    /// A draft that shows nothing.
    pub fn titled(title: Title) -> Self {
        Self { title, nodes: Vec::new(), links: Vec::new(), remarks: Note::default() }
    }

    /// As the next version begins: a copy of the one in force, where this says nothing but its title.
    #[must_use]
    pub fn or_copy_of(self, in_force: Option<&Self>) -> Self {
        match in_force {
            Some(in_force) if self == Self::titled(self.title.clone()) => {
                Self { title: self.title, ..in_force.clone() }
            }
            _ => self,
        }
    }

    /// The numbers of its nodes.
    pub fn numbers(&self) -> BTreeSet<i32> {
        self.nodes.iter().filter_map(|node| node.number).collect()
    }

    /// Numbers the new nodes from `next` on, and checks that nodes and links name what is there. `known` are the numbers
    /// that nodes may bring along: those of this version and of the one in force.
    fn number(&mut self, known: &BTreeSet<i32>, next: i32) -> Result<(), Refusal> {
        let mut faults = once_each(self.nodes.iter().map(|node| normalized(node.name.as_str())), 500, "/nodes");
        for fault in faults.iter_mut().filter(|fault| fault.code == Code::Duplicate) {
            fault.pointer.push_str("/name");
        }
        let mut seen = BTreeSet::new();
        for (at, number) in self.nodes.iter().enumerate().filter_map(|(at, node)| Some((at, node.number?))) {
            let code = if !known.contains(&number) {
                Code::UnknownReference
            } else if !seen.insert(number) {
                Code::Duplicate
            } else {
                continue;
            };
            faults.push(Fault::new(format!("/nodes/{at}/number"), code));
        }
        for (node, number) in self.nodes.iter_mut().filter(|node| node.number.is_none()).zip(next..) {
            node.number = Some(number);
        }
        let numbers = self.numbers();
        let pairs = self.links.iter().map(|link| {
            let medium = link.medium.as_ref().map(|medium| normalized(medium.as_str()));
            (link.a.min(link.b), link.a.max(link.b), medium)
        });
        faults.extend(once_each(pairs, 1000, "/links"));
        for (at, link) in self.links.iter().enumerate() {
            for (end, number) in [("a", link.a), ("b", link.b)] {
                if !numbers.contains(&number) {
                    faults.push(Fault::new(format!("/links/{at}/{end}"), Code::UnknownReference));
                }
            }
            if link.a == link.b {
                faults.push(Fault::new(format!("/links/{at}/b"), Code::Contradiction));
            }
        }
        Refusal::unless_empty(faults)
    }

    /// The boundary: the nodes in the scope that touch a node outside of it.
    pub fn boundary(&self) -> Vec<BoundaryNode> {
        let inside = |number: i32| self.nodes.iter().any(|node| node.number == Some(number) && node.in_scope);
        let leads_out =
            |link: &NetworkLink, from: i32| (link.a == from && !inside(link.b)) || (link.b == from && !inside(link.a));
        let nodes = self.nodes.iter().filter(|node| node.in_scope);
        let numbered = nodes.filter_map(|node| Some(BoundaryNode { number: node.number?, name: node.name.clone() }));
        numbered.filter(|node| self.links.iter().any(|link| leads_out(link, node.number))).collect()
    }

    /// What is missing before it can be handed in: a node in the scope, and links where there are several nodes.
    pub fn missing(&self) -> Vec<&'static str> {
        let needed = [
            ("/nodes", !self.nodes.iter().any(|node| node.in_scope)),
            ("/links", self.nodes.len() > 1 && self.links.is_empty()),
        ];
        needed.into_iter().filter(|(_, lacks)| *lacks).map(|(pointer, _)| pointer).collect()
    }
}

impl NetworkDiagram {
    /// A new version, as a draft. Its nodes may bring along the numbers of the version in force; new ones are numbered
    /// from `next_node_number` on.
    pub fn draft(
        mut draft: NetworkDiagramDraft,
        in_force: Option<&NetworkDiagramDraft>,
        number: i32,
        next_node_number: i32,
        by: Signature,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        draft.number(&in_force.map(NetworkDiagramDraft::numbers).unwrap_or_default(), next_node_number)?;
        Ok(Self {
            id: Id::generate(now),
            revision: 1,
            version: Version::draft(number, by),
            boundary: draft.boundary(),
            draft,
            zones: Vec::new(),
            departments: Vec::new(),
            next_node_number,
            allowed_actions: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes a draft.
    pub fn revise(
        &mut self,
        mut draft: NetworkDiagramDraft,
        in_force: Option<&NetworkDiagramDraft>,
        by: Signature,
    ) -> Result<(), Refusal> {
        self.version.revise(by)?;
        let mut known = self.draft.numbers();
        known.extend(in_force.into_iter().flat_map(NetworkDiagramDraft::numbers));
        draft.number(&known, self.next_node_number)?;
        self.boundary = draft.boundary();
        self.draft = draft;
        Ok(())
    }

    /// Hands the draft in, once it shows something.
    pub fn submit(&mut self, by: Signature) -> Result<(), Refusal> {
        self.guard(VersionAction::Submit)?;
        let missing = self.draft.missing();
        if !missing.is_empty() {
            return Err(Refusal::not_ready(missing));
        }
        self.version.submit(by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, kind: NodeKind, in_scope: bool) -> NetworkNode {
        let name = Title::new(name).unwrap();
        NetworkNode { number: None, name, kind, zone_id: None, department_id: None, in_scope }
    }

    fn link(a: i32, b: i32) -> NetworkLink {
        NetworkLink { a, b, medium: None }
    }

    fn drawn() -> NetworkDiagramDraft {
        NetworkDiagramDraft {
            nodes: vec![
                node("インターネット", NodeKind::Internet, false),
                node("ルータ", NodeKind::Router, true),
                node("ファイアウォール", NodeKind::Firewall, true),
                node("支店", NodeKind::Branch, false),
                node("VPNルータ", NodeKind::VpnRouter, true),
            ],
            links: vec![link(1, 2), link(3, 2), link(5, 4), link(5, 3)],
            ..NetworkDiagramDraft::titled(Title::new("ネットワーク図").unwrap())
        }
    }

    fn numbered(mut draft: NetworkDiagramDraft, known: &[i32], next: i32) -> NetworkDiagramDraft {
        draft.number(&known.iter().copied().collect(), next).unwrap();
        draft
    }

    fn faults(mut draft: NetworkDiagramDraft, known: &[i32]) -> Vec<(String, Code)> {
        let refusal = draft.number(&known.iter().copied().collect(), 6).unwrap_err();
        refusal.errors.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn r_29_the_boundary_touches_the_outside() {
        let names = |draft: &NetworkDiagramDraft| -> Vec<String> {
            draft.boundary().into_iter().map(|node| node.name.as_str().to_owned()).collect()
        };
        let mut draft = numbered(drawn(), &[], 1);
        assert_eq!(names(&draft), ["ルータ", "VPNルータ"]);
        draft.nodes[0].in_scope = true;
        assert_eq!(names(&draft), ["VPNルータ"]);
    }

    #[test]
    fn nodes_keep_their_numbers_and_new_ones_get_the_next() {
        let mut draft = numbered(drawn(), &[], 1);
        draft.nodes.remove(3);
        draft.links.remove(2);
        draft.nodes.insert(0, node("ONU", NodeKind::Onu, true));
        draft.links.push(link(6, 1));
        let draft = numbered(draft, &[1, 2, 3, 4, 5], 6);
        let numbers: Vec<i32> = draft.nodes.iter().filter_map(|node| node.number).collect();
        assert_eq!(numbers, [6, 1, 2, 3, 5]);
    }

    #[test]
    fn nodes_and_links_name_what_is_there() {
        let mut draft = numbered(drawn(), &[], 1);
        draft.nodes[1].number = Some(9);
        draft.nodes[2].number = Some(1);
        draft.nodes[4].name = Title::new("支店").unwrap();
        draft.links = vec![link(1, 4), link(4, 1), link(5, 5), link(7, 1)];
        assert_eq!(
            faults(draft, &[1, 2, 3, 4, 5]),
            [
                ("/nodes/4/name".into(), Code::Duplicate),
                ("/nodes/1/number".into(), Code::UnknownReference),
                ("/nodes/2/number".into(), Code::Duplicate),
                ("/links/1".into(), Code::Duplicate),
                ("/links/2/b".into(), Code::Contradiction),
                ("/links/3/a".into(), Code::UnknownReference),
            ]
        );
    }

    #[test]
    fn an_empty_diagram_is_not_handed_in() {
        let mut draft = NetworkDiagramDraft::titled(Title::new("ネットワーク図").unwrap());
        assert_eq!(draft.missing(), ["/nodes"]);
        draft.nodes = vec![node("ルータ", NodeKind::Router, true), node("PC", NodeKind::ClientPc, true)];
        assert_eq!(draft.missing(), ["/links"]);
        assert!(drawn().missing().is_empty());
    }
}
