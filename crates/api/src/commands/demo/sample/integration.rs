//! What people are told: an announcement each. The demo knows no mail server, so that they are read here.

use mamori_domain::integration::notice::{NoticeDraft, NoticeKind};
use mamori_persistence::{
    integration::notice as notices,
    kernel::{failure::Outcome, tx::Tx},
};

use super::{Company, text};

pub(super) fn fill(tx: &mut Tx<'_>, company: &Company) -> Outcome<()> {
    for (person, _) in company.people.iter().filter(|(_, roles)| roles.is_empty()) {
        let draft = NoticeDraft { person_id: person.id, subject: text(SUBJECT)?, text: text(TEXT)? };
        notices::post(tx, NoticeKind::Announcement, draft, None)?;
    }
    Ok(())
}

const SUBJECT: &str = "情報セキュリティ方針を読んでください";

const TEXT: &str = "{name} 様\n\n情報セキュリティ方針の第1版が有効になりました。\
    {link} で読み、分からないことがあればISMS事務局にお尋ねください。\n\nISMS事務局";
