//! What a cell says: the form in which words are compared, the formula guard, texts and numbers.

use crate::kernel::{
    refusal::{Code, Params},
    text::{Bounded, TextFault, normalized},
};

/// Why a cell was not taken, with details for the message.
pub(crate) type Bad = (Code, Params);

pub(crate) fn bad(code: Code) -> Bad {
    (code, Params::new())
}

pub(crate) fn out_of_range(minimum: i64, maximum: i64) -> Bad {
    let bounds = [("minimum", minimum), ("maximum", maximum)];
    (Code::OutOfRange, bounds.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect())
}

pub(crate) fn not_in_list(allowed: &[&str]) -> Bad {
    (Code::NotInList, Params::from_iter([("allowed".to_owned(), allowed.into())]))
}

/// The form in which headers and words are compared: letters and digits only, without the long vowel mark, so that
/// `社外サーバ(クラウド)` and `社外ｻｰﾊﾞｰ・クラウド` are the same.
pub(crate) fn key(text: &str) -> String {
    normalized(text).chars().filter(|c| c.is_alphanumeric() && *c != 'ー').collect()
}

/// Marks that make a spreadsheet take a text for a formula. The full-width ones count in Japanese Excel.
const FORMULA_MARKS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Whether apostrophes, if any, are followed by the mark of a formula.
fn looks_like_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA_MARKS)
}

/// A text as it is written into a CSV: with an apostrophe before what a spreadsheet would take for a formula.
pub fn guarded(text: &str) -> String {
    if looks_like_formula(text) { format!("'{text}") } else { text.to_owned() }
}

/// The text without the apostrophe of [`guarded`].
pub fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| looks_like_formula(rest)).unwrap_or(text)
}

/// A cell without blanks around it and without the formula guard.
pub(crate) fn tidy(cell: &str) -> &str {
    unguarded(cell.trim())
}

/// Whether a ledger that says `read` can come from `stored`: blanks around a text, the kind of line breaks and
/// apostrophes before a formula do not survive every spreadsheet.
pub(crate) fn same_text(stored: &str, read: &str) -> bool {
    let plain = |text: &str| {
        let text = text.trim().replace("\r\n", "\n").replace('\r', "\n");
        if looks_like_formula(&text) { text.trim_start_matches('\'').trim().to_owned() } else { text }
    };
    plain(stored) == plain(read)
}

/// A text within its bounds.
pub(crate) fn text<const MIN: usize, const MAX: usize>(cell: &str) -> Result<Bounded<MIN, MAX>, Bad> {
    Bounded::new(cell).map_err(|fault| match fault {
        TextFault::TooShort => bad(Code::Required),
        TextFault::TooLong => (Code::TooLong, Params::from_iter([("maximum".to_owned(), MAX.into())])),
        TextFault::ControlCharacter => bad(Code::InvalidFormat),
    })
}

/// A whole number, in digits of either width.
pub(crate) fn integer(cell: &str) -> Result<i64, Bad> {
    normalized(cell).parse().map_err(|_| bad(Code::InvalidFormat))
}

/// The number of a record.
pub(crate) fn number(cell: &str) -> Result<i32, Bad> {
    let number = i32::try_from(integer(cell)?).ok().filter(|number| *number >= 1);
    number.ok_or_else(|| out_of_range(1, i32::MAX.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_guard_comes_off_again() {
        for text in ["=1+1", "+81", "-", "@home", "'=1", "''=1", "'", "'a", "a=1", "", "＝1", "\t=1"] {
            assert_eq!(unguarded(&guarded(text)), text);
            assert!(same_text(text, tidy(&guarded(text))), "{text}");
        }
        assert_eq!(guarded("=1+1"), "'=1+1");
        assert_eq!(guarded("'a"), "'a");
        assert_eq!(tidy("　'=1+1 "), "=1+1");
        assert!(same_text(" a\r\nb", "a\nb"));
        assert!(!same_text("a b", "ab"));
    }
}
