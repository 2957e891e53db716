//! What learners are told by mail: the invitation (受講案内) and the reminder. The personal link is put in when it is sent.

use super::EducationCampaign;
use crate::{
    integration::notice::{LINK, NAME, NoticeDraft, NoticeKind},
    kernel::text::{Note, TextFault, Title},
    support::education::enrolment::Enrolment,
};

impl EducationCampaign {
    /// The invitation of a learner who has none, and the reminder of one who has.
    pub fn letter_to(&self, learner: &Enrolment) -> Result<(NoticeKind, NoticeDraft), TextFault> {
        let (kind, head, ask) = match learner.invited_at {
            None => (NoticeKind::EducationInvitation, "【受講案内】", "次の教育を受講してください。"),
            Some(_) => (NoticeKind::EducationReminder, "【受講のお願い】", "次の教育の受講がまだ終わっていません。"),
        };
        let name = self.draft.name.as_str();
        // A subject holds as much as a name: the longest ones are cut.
        let subject: String = head.chars().chain(name.chars()).take(200).collect();
        let (start, end, due) = (self.draft.period_start, self.draft.period_end, learner.due_on);
        let text = format!(
            "{NAME} 様\n\n{ask}\n\n教育の名称: {name}\n実施期間: {start} ～ {end}\n受講期限: {due}\n受講: {LINK}\n"
        );
        let draft =
            NoticeDraft { person_id: learner.draft.person_id, subject: Title::new(subject)?, text: text.try_into()? };
        Ok((kind, draft))
    }

    /// Its name, as the subject of what somebody owes.
    pub fn subject(&self) -> Note {
        Note::new(self.draft.name.as_str()).unwrap_or_default()
    }
}
