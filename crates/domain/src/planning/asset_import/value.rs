//! What a cell of a ledger says: words, ratings, dates as Japanese companies write them.

use std::{collections::HashMap, sync::LazyLock};

use chrono::NaiveDate;
use strum::IntoEnumIterator;

use crate::{
    kernel::{
        date::{YEARS, in_bounds},
        label::Labelled,
        refusal::Code,
        sheet::{Bad, bad, integer, key, not_in_list, out_of_range},
        text::normalized,
    },
    organization::organization::{Classification, ClassificationCode},
    planning::{
        asset::{AssetClass, Media},
        rating::Rating,
    },
};

/// A rating, 1 to 3.
pub(super) fn rating(cell: &str) -> Result<Rating, Bad> {
    Rating::try_from(integer(cell)?).map_err(|_| out_of_range(1, 3))
}

/// Yes or no; an empty cell is no.
pub(super) fn yes_or_no(cell: &str) -> Result<bool, Bad> {
    match normalized(cell).as_str() {
        "有" | "有り" | "あり" | "有る" | "ある" | "○" | "〇" | "◯" | "●" | "◎" | "✓" | "✔" | "☑" | "はい" | "該当"
        | "1" | "true" | "yes" | "y" => Ok(true),
        "" | "無" | "無し" | "なし" | "無い" | "ない" | "×" | "✕" | "✗" | "☐" | "x" | "-" | "ー" | "―" | "—" | "–"
        | "−" | "いいえ" | "非該当" | "0" | "false" | "no" | "n" => Ok(false),
        _ => Err(not_in_list(&["有", "無"])),
    }
}

/// Other words for media. Only words that leave no doubt: a ノートPC stays in the office or travels.
const MEDIA: [(Media, &[&str]); 6] = [
    (Media::Paper, &["紙", "紙媒体", "紙文書", "紙書類", "文書", "paper"]),
    (
        Media::PortableMedia,
        &[
            "可搬媒体",
            "可搬記憶媒体",
            "可搬型電子媒体",
            "外部記憶媒体",
            "外部媒体",
            "USB",
            "USBメモリ",
            "CD",
            "DVD",
            "CD/DVD",
            "CD-R",
            "DVD-R",
            "SDカード",
            "外付けHDD",
            "外付けSSD",
            "外付けハードディスク",
            "磁気テープ",
        ],
    ),
    (Media::OfficePc, &["PC", "パソコン", "社内PC", "事務所内PC", "業務用PC", "業務PC", "デスクトップPC"]),
    (
        Media::MobileDevice,
        &[
            "モバイル",
            "モバイル端末",
            "スマートフォン",
            "スマホ",
            "タブレット",
            "タブレット端末",
            "携帯電話",
            "携帯端末",
        ],
    ),
    (Media::InternalServer, &["自社サーバー", "社内ファイルサーバー", "ファイルサーバー", "NAS", "社内NAS"]),
    (
        Media::ExternalServer,
        &[
            "クラウド",
            "クラウドサービス",
            "クラウドサーバー",
            "外部サーバー",
            "社外サーバー（クラウド）",
            "レンタルサーバー",
            "external server",
            "cloud",
        ],
    ),
];

/// Every word for a medium, by its key.
static MEDIA_WORDS: LazyLock<HashMap<String, Media>> = LazyLock::new(|| {
    let own = Media::iter().flat_map(|media| {
        let label = media.label();
        [media.to_string(), label.ja.to_owned(), label.en.to_owned()].map(|word| (key(&word), media))
    });
    let others = MEDIA.iter().flat_map(|(media, words)| words.iter().map(|word| (key(word), *media)));
    others.chain(own).collect()
});

/// The medium, and whether the cell says more than its word: `人事担当者のPC` is a PC and says whose.
pub(super) fn media(cell: &str) -> Result<(Media, bool), Bad> {
    let known = |word: &str| MEDIA_WORDS.get(&key(word)).copied();
    let owned = || cell.rsplit_once('の').and_then(|(_, word)| known(word));
    known(cell).map(|media| (media, false)).or_else(|| owned().map(|media| (media, true))).ok_or_else(|| {
        let labels: Vec<&str> = Media::iter().map(|media| media.label().ja).collect();
        not_in_list(&labels)
    })
}

/// Primary or supporting asset.
pub(super) fn asset_class(cell: &str) -> Result<AssetClass, Bad> {
    match key(cell).as_str() {
        "主要資産" | "主要" | "事業資産" | "主要事業資産" | "primary" | "primaryasset" => {
            Ok(AssetClass::Primary)
        }
        "支援資産" | "支援" | "supporting" | "supportingasset" => Ok(AssetClass::Supporting),
        _ => Err(not_in_list(&["主要資産", "支援資産"])),
    }
}

/// The code of a class of information that a ledger names by its code or label.
pub fn classification(word: &str, classes: &[Classification]) -> Option<ClassificationCode> {
    let wanted = normalized(word);
    let class = classes
        .iter()
        .find(|class| [class.code.as_str(), class.label.as_str()].iter().any(|name| normalized(name) == wanted));
    class.map(|class| class.code.clone())
}

/// An era: its names, its first year, its first and its last day.
type Era = ([&'static str; 2], i32, (i32, u32, u32), Option<(i32, u32, u32)>);

const ERAS: [Era; 5] = [
    (["令和", "r"], 2019, (2019, 5, 1), None),
    (["平成", "h"], 1989, (1989, 1, 8), Some((2019, 4, 30))),
    (["昭和", "s"], 1926, (1926, 12, 25), Some((1989, 1, 7))),
    (["大正", "t"], 1912, (1912, 7, 30), Some((1926, 12, 24))),
    (["明治", "m"], 1868, (1868, 1, 25), Some((1912, 7, 29))),
];

/// A calendar date: `2023/5/22`, `2023-05-22`, `20230522`, `2023年5月22日`, `R5.5.22`, `令和元年5月1日` …
pub(super) fn date(cell: &str) -> Result<NaiveDate, Bad> {
    let invalid = || bad(Code::InvalidFormat);
    let text = normalized(cell);
    // A spreadsheet may show the midnight of the day.
    let day = if text.contains(':') { text.rsplit_once([' ', 't']).map_or("", |(day, _)| day) } else { &text };
    let day = day.replace(' ', "");
    let date = match ERAS.iter().find_map(|era| era.0.iter().find_map(|name| Some((era, day.strip_prefix(name)?)))) {
        Some((era, rest)) => era_date(era, rest),
        None if day.len() == 8 && day.chars().all(|c| c.is_ascii_digit()) => {
            NaiveDate::parse_from_str(&day, "%Y%m%d").ok()
        }
        None => western_date(&day),
    };
    let date = date.ok_or_else(invalid)?;
    if in_bounds(date) { Ok(date) } else { Err(out_of_range((*YEARS.start()).into(), (*YEARS.end()).into())) }
}

/// Year, month and day, as they are written.
fn parts(day: &str) -> Option<[&str; 3]> {
    let parts: Vec<&str> = day.strip_suffix('日').unwrap_or(day).split(['/', '-', '.', '年', '月']).collect();
    parts.try_into().ok()
}

/// Up to `digits` digits.
fn digits(text: &str, digits: usize) -> Option<u32> {
    let plain = (1..=digits).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// A date with the year in four digits.
fn western_date(day: &str) -> Option<NaiveDate> {
    let [year, month, day] = parts(day)?;
    let year = digits(year, 4).filter(|_| year.len() == 4)?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, digits(month, 2)?, digits(day, 2)?)
}

/// A date counted from the beginning of an era, which must lie in it.
fn era_date((_, first_year, (y, m, d), end): &Era, day: &str) -> Option<NaiveDate> {
    let [year, month, day] = parts(day)?;
    let year = if year == "元" { 1 } else { digits(year, 2).filter(|year| *year >= 1)? };
    let year = first_year + i32::try_from(year).ok()? - 1;
    let date = NaiveDate::from_ymd_opt(year, digits(month, 2)?, digits(day, 2)?)?;
    let begun = date >= NaiveDate::from_ymd_opt(*y, *m, *d)?;
    let over = end.is_some_and(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d).is_some_and(|end| date > end));
    (begun && !over).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::sheet::number;

    fn day(text: &str) -> Result<String, Code> {
        date(text).map(|date| date.to_string()).map_err(|(code, _)| code)
    }

    #[test]
    fn dates_are_read_as_companies_write_them() {
        for text in [
            "2023/5/22",
            "2023/05/22",
            "2023-05-22",
            "2023.5.22",
            "20230522",
            "2023年5月22日",
            "２０２３年５月２２日",
            "2023 年 5 月 22 日",
            "R5.5.22",
            "r5/5/22",
            "Ｒ５．５．２２",
            "R05.05.22",
            "令和5年5月22日",
            "令和５年５月２２日",
            "㋿5年5月22日",
            "2023/5/22 0:00",
            "2023-05-22T00:00:00",
        ] {
            assert_eq!(day(text), Ok("2023-05-22".into()), "{text}");
        }
        for (text, expected) in [
            ("令和元年5月1日", "2019-05-01"),
            ("R元.5.1", "2019-05-01"),
            ("H31/4/30", "2019-04-30"),
            ("平成元年1月8日", "1989-01-08"),
            ("S64.1.7", "1989-01-07"),
            ("昭和39年10月10日", "1964-10-10"),
            ("昭和元年12月25日", "1926-12-25"),
            ("T15.12.24", "1926-12-24"),
            ("大正元年7月30日", "1912-07-30"),
            ("M45.7.29", "1912-07-29"),
            ("明治33年1月1日", "1900-01-01"),
            ("2024/2/29", "2024-02-29"),
        ] {
            assert_eq!(day(text), Ok(expected.into()), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "2023/13/45",
            "2023/2/29",
            "2023/5",
            "5/22",
            "23/5/22",
            "2023/5/22/1",
            "45068",
            "近日中",
            "R0.5.1",
            "令和元年4月30日",
            "平成31年5月1日",
            "H32.1.1",
            "S64.1.8",
            "T15.12.25",
            "R-5.5.22",
            "2023/+5/22",
            "元年5月1日",
            "日",
            "T0:00",
            "",
        ] {
            assert_eq!(day(text), Err(Code::InvalidFormat), "{text}");
        }
        for text in ["1899/12/31", "3000/1/1", "明治32年12月31日", "0001-01-01"] {
            assert_eq!(day(text), Err(Code::OutOfRange), "{text}");
        }
    }

    #[test]
    fn media_have_many_names() {
        for (text, expected) in [
            ("事務所PC", Media::OfficePc),
            ("事務所ＰＣ", Media::OfficePc),
            ("ﾊﾟｿｺﾝ", Media::OfficePc),
            ("office_pc", Media::OfficePc),
            ("社内サーバ", Media::InternalServer),
            ("社内 サーバー", Media::InternalServer),
            ("クラウド", Media::ExternalServer),
            ("社外サーバ(クラウド)", Media::ExternalServer),
            ("external_server", Media::ExternalServer),
            ("USBメモリー", Media::PortableMedia),
            ("モバイル機器", Media::MobileDevice),
            ("書類", Media::Paper),
            ("その他", Media::Other),
        ] {
            assert_eq!(media(text), Ok((expected, false)), "{text}");
        }
        assert_eq!(media("人事担当者のPC"), Ok((Media::OfficePc, true)));
        for text in ["クラウドのどこか", "ノートPC", "サーバー", "の", ""] {
            assert_eq!(media(text).map_err(|(code, _)| code), Err(Code::NotInList), "{text}");
        }
    }

    #[test]
    fn ratings_numbers_and_yes_or_no() {
        assert_eq!(rating("３"), Ok(Rating::HIGH));
        assert_eq!(rating("4").map_err(|(code, _)| code), Err(Code::OutOfRange));
        assert_eq!(rating("高").map_err(|(code, _)| code), Err(Code::InvalidFormat));
        assert_eq!(number("１２"), Ok(12));
        assert_eq!(number("0").map_err(|(code, _)| code), Err(Code::OutOfRange));
        assert_eq!(number("99999999999").map_err(|(code, _)| code), Err(Code::OutOfRange));
        for text in ["有", "あり", "○", "〇", "はい", "1", "１", "TRUE", "ＴＲＵＥ", "yes"] {
            assert_eq!(yes_or_no(text), Ok(true), "{text}");
        }
        for text in ["", "無", "なし", "×", "いいえ", "0", "false", "－", "X"] {
            assert_eq!(yes_or_no(text), Ok(false), "{text}");
        }
        assert_eq!(yes_or_no("不明").map_err(|(code, _)| code), Err(Code::NotInList));
    }
}
