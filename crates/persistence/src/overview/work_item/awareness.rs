//! Awareness (clause 7.3).

use mamori_domain::{
    access::Resource,
    kernel::{id::Id, label::Labelled},
    overview::work_item::{WorkItem, WorkKind},
    support::awareness::acknowledgement::AcknowledgementGap,
};

use super::{Desk, MOST, bounded};
use crate::{
    kernel::{failure::Outcome, tx::Tx},
    overview::kind::{self, Kind},
    support::awareness::{acknowledgement, obligation},
};

pub(super) fn lay(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    for set in obligation::list(tx, &obligation::Filter::default(), &bounded())?.items {
        desk.version(kind::OBLIGATION, set.id.uuid(), set.draft.title.as_str(), &set.version, &set.allowed_actions);
    }
    acknowledgements(tx, desk)
}

/// Everybody owes an acknowledgement of what is in force: one line for each edition and person. Who only reads about others
/// is shown their own.
fn acknowledgements(tx: &mut Tx<'_>, desk: &mut Desk) -> Outcome<()> {
    if !desk.reads(kind::ACKNOWLEDGEMENT) {
        return Ok(());
    }
    let mut owed = acknowledgement::owed(tx)?;
    if let Some(me) = desk.only_mine() {
        owed.retain(|gap| gap.person.id == me.uuid());
    }
    // The gaps of a person come one after the other, and those of an edition too.
    owed.dedup_by(|later, earlier| later.person.id == earlier.person.id && later.edition == earlier.edition);
    for gap in owed.into_iter().take(usize::try_from(MOST).unwrap_or(usize::MAX)) {
        let mine = desk.me.map(Id::uuid) == Some(gap.person.id);
        desk.lay(work(gap), mine);
    }
    Ok(())
}

fn work(gap: AcknowledgementGap) -> WorkItem {
    // The record is the edition; the work is under the right to acknowledge.
    let AcknowledgementGap { person, item, edition, .. } = gap;
    let path = if edition.resource == Resource::Policy { kind::POLICY.path } else { kind::OBLIGATION.path };
    let of = Kind { path, ..kind::ACKNOWLEDGEMENT };
    let title = format!("{} ({})", item.label().ja, edition.version);
    WorkItem { person: Some(person), ..of.item(WorkKind::CarryOut, edition.id, &title) }
}
