//! The duties in force, and what people have acknowledged (D06a, D29): nearly everybody, in a training.

use mamori_domain::{
    access::Role,
    kernel::{page::PageRequest, text::Note},
    support::awareness::{
        acknowledgement::{AcknowledgementDraft, AcknowledgementSource, AwarenessItem},
        obligation::ObligationSet,
    },
};
use mamori_persistence::{
    kernel::{failure::Outcome, loaded::Loaded, tx::Tx},
    support::awareness::{acknowledgement as acknowledgements, obligation as obligations},
};
use strum::IntoEnumIterator;

use super::super::{Company, signature, text};

/// Who was not at the training.
const ABSENT: [&str; 2] = ["中村 隆", "西川 悟"];

pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    let by = signature(tx, company.holder(Role::IsmsSecretariat)?, &[Role::IsmsSecretariat]);
    let top = signature(tx, company.holder(Role::TopManagement)?, &[Role::TopManagement]);
    for set in obligations::list(tx, &obligations::Filter::default(), &PageRequest::one())?.items {
        let mut set: Loaded<ObligationSet> = Loaded::new(set);
        let draft = set.draft.clone();
        set.revise(draft, by.clone())?;
        set.version.submit(by.clone())?;
        let now = tx.now();
        set.version.approve(top.clone(), false, now)?;
        obligations::put_in_force(tx, set)?;
    }
    let me = tx.person()?;
    for (person, _) in company.people.iter().filter(|(person, _)| !ABSENT.contains(&person.draft.name.as_str())) {
        for item in AwarenessItem::iter() {
            let (source, remarks): (_, Note) = match person.id == me {
                true => (AcknowledgementSource::Own, Note::default()),
                false => (AcknowledgementSource::Training, text("方針と責務の説明会の出席簿")?),
            };
            let acknowledged_on = tx.today();
            let draft = AcknowledgementDraft { person_id: person.id, item, acknowledged_on, source, remarks };
            acknowledgements::record(tx, draft)?;
        }
    }
    Ok(())
}
