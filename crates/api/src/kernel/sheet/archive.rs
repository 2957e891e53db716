//! The parts of an xlsx file, unpacked within bounds.
//!
//! An xlsx file is a zip archive of XML. calamine unpacks it without a bound, and believes the counts that it states, so
//! that a small hostile file could take all memory. Here the parts that a table needs are unpacked first, looked through,
//! and packed again without compression: calamine reads that copy, in which nothing can grow.

use std::io::{Cursor, Read, Write};

use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::SheetFault;

/// Parts that an archive may have.
const PARTS: usize = 10_000;
/// Bytes that the parts together may have, unpacked.
const UNPACKED: usize = 48 << 20;
/// Bytes that a part other than texts and sheets may have. The longest value below can stand once for every 20 of them.
const SMALL_PART: usize = 1 << 20;
/// Bytes that an attribute may have which calamine copies for every element that names it.
const VALUE: usize = 1_000;
/// Digits of the number of texts, for which calamine makes room beforehand.
const COUNT_DIGITS: usize = 7;

/// Leads to the workbook, wherever the file had it.
const ROOT: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
    r#"<Relationship Id="rId1" Target="xl/workbook.xml" "#,
    r#"Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>"#,
    r#"</Relationships>"#
);

const WORKBOOK: &str = "xl/workbook.xml";
const RELATIONS: &str = "xl/_rels/workbook.xml.rels";
const STYLES: &str = "xl/styles.xml";
const TEXTS: &str = "xl/sharedStrings.xml";

/// The same workbook, with no more parts than a table needs, none of them compressed.
pub(super) fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, SheetFault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| SheetFault::NotAWorkbook)?;
    if archive.len() > PARTS {
        return Err(SheetFault::TooLarge);
    }
    let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
    add(&mut copy, "_rels/.rels", ROOT)?;
    let (mut left, mut has_workbook) = (UNPACKED, false);
    for at in 0..archive.len() {
        let Some(name) = archive.name_for_index(at).and_then(Result::ok).and_then(|name| wanted(&name)) else {
            continue;
        };
        let small = [WORKBOOK, RELATIONS, STYLES].contains(&name.as_str());
        let bound = if small { SMALL_PART.min(left) } else { left };
        let part = archive.by_index(at).map_err(|_| SheetFault::NotAWorkbook)?;
        let content = content(part, bound)?;
        left -= content.len();
        add(&mut copy, &name, &harmless(&name, content)?)?;
        has_workbook |= name == WORKBOOK;
    }
    if !has_workbook {
        return Err(SheetFault::NotAWorkbook);
    }
    copy.finish().map(Cursor::into_inner).map_err(|_| SheetFault::NotAWorkbook)
}

/// Under which name a part is kept, if it is: the workbook, its relations, styles, texts and sheets. Excel numbers the
/// first four when it saves to the cloud (`workbook2.xml`).
fn wanted(name: &str) -> Option<String> {
    let name = name.replace('\\', "/").to_ascii_lowercase();
    let inner = name.trim_start_matches('/').strip_prefix("xl/")?;
    let numbered = |inner: &str, stem, ending| {
        let rest = inner.strip_prefix(stem)?.strip_suffix(ending)?;
        rest.chars().all(|c| c.is_ascii_digit()).then_some(())
    };
    let known = [
        ("workbook", ".xml", WORKBOOK),
        ("_rels/workbook", ".xml.rels", RELATIONS),
        ("styles", ".xml", STYLES),
        ("sharedstrings", ".xml", TEXTS),
    ];
    if let Some((.., kept)) = known.into_iter().find(|(stem, ending, _)| numbered(inner, *stem, *ending).is_some()) {
        return Some(kept.to_owned());
    }
    let sheet = inner.strip_prefix("worksheets/").unwrap_or(inner);
    (!sheet.contains('/') && sheet.ends_with(".xml") && sheet != "calcchain.xml").then(|| format!("xl/{inner}"))
}

/// A part as text: UTF-8 without control characters, as everything that writes xlsx files makes it.
fn content(part: impl Read, bound: usize) -> Result<String, SheetFault> {
    let mut content = Vec::new();
    let most = u64::try_from(bound).unwrap_or(u64::MAX).saturating_add(1);
    part.take(most).read_to_end(&mut content).map_err(|_| SheetFault::NotAWorkbook)?;
    if content.len() > bound {
        return Err(SheetFault::TooLarge);
    }
    let text = String::from_utf8(content).map_err(|_| SheetFault::NotAWorkbook)?;
    let control = text.bytes().any(|byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'));
    if control { Err(SheetFault::NotAWorkbook) } else { Ok(text) }
}

/// The part without what would make calamine take more memory than the part itself is worth.
fn harmless(name: &str, xml: String) -> Result<String, SheetFault> {
    let short = |attribute| values(&xml, attribute).all(|value| value.len() <= VALUE);
    match name {
        RELATIONS if !short("Target") => Err(SheetFault::TooLarge),
        STYLES if !short("formatCode") => Err(SheetFault::TooLarge),
        // Looks do not matter here, and their names could be long.
        STYLES => Ok(["fontId", "fillId", "borderId"].into_iter().fold(xml, |xml, id| xml.replace(id, "unused"))),
        TEXTS if !values(&xml, "uniqueCount").all(few) => Err(SheetFault::TooLarge),
        _ => Ok(xml),
    }
}

/// The values of an attribute, wherever its name occurs.
fn values<'a>(xml: &'a str, attribute: &'a str) -> impl Iterator<Item = &'a str> {
    xml.match_indices(attribute).filter_map(move |(at, name)| {
        let rest = xml.get(at + name.len()..)?.trim_ascii_start().strip_prefix('=')?.trim_ascii_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        rest.get(1..)?.split(quote).next()
    })
}

/// Whether a number has few digits.
fn few(count: &str) -> bool {
    count.trim().trim_start_matches('+').trim_start_matches('0').len() <= COUNT_DIGITS
}

/// Adds a part, uncompressed.
fn add(copy: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str, content: &str) -> Result<(), SheetFault> {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    copy.start_file(name, stored).map_err(|_| SheetFault::NotAWorkbook)?;
    copy.write_all(content.as_bytes()).map_err(|_| SheetFault::NotAWorkbook)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive of these parts, compressed.
    fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_part_that_unpacks_to_too_much_is_refused() {
        let bomb = archive(&[("xl/workbook.xml", b"<workbook/>"), ("xl/worksheets/sheet1.xml", &vec![b' '; UNPACKED])]);
        assert!(bomb.len() < 100_000);
        assert_eq!(unpacked(&bomb), Err(SheetFault::TooLarge));
        let picture = archive(&[("xl/workbook.xml", b"<workbook/>"), ("xl/media/image1.png", &vec![0; UNPACKED])]);
        assert!(unpacked(&picture).is_ok());
        let styles = archive(&[("xl/workbook.xml", b"<workbook/>"), ("xl/styles.xml", &vec![b' '; SMALL_PART + 1])]);
        assert_eq!(unpacked(&styles), Err(SheetFault::TooLarge));
    }

    #[test]
    fn counts_and_values_that_would_take_memory_are_refused() {
        let fault =
            |name: &str, xml: &str| unpacked(&archive(&[("xl/workbook.xml", b"<workbook/>"), (name, xml.as_bytes())]));
        for count in ["99999999999", "+99999999999", "0000099999999999", " 99999999 "] {
            for quote in ['"', '\''] {
                let xml = format!("<sst count = '1' uniqueCount\n= {quote}{count}{quote}><si><t>a</t></si></sst>");
                assert_eq!(fault("xl/sharedStrings.xml", &xml), Err(SheetFault::TooLarge), "{xml}");
            }
        }
        assert!(
            fault("xl/sharedStrings.xml", r#"<sst uniqueCount="12"><si><t>uniqueCount=99999999</t></si></sst>"#)
                .is_ok()
        );
        let long = "y".repeat(VALUE + 1);
        assert_eq!(fault("xl/styles.xml", &format!("<numFmt formatCode='{long}'/>")), Err(SheetFault::TooLarge));
        assert_eq!(
            fault("xl/_rels/workbook.xml.rels", &format!("<Relationship Target=\"{long}\"/>")),
            Err(SheetFault::TooLarge)
        );
        assert_eq!(fault("xl/sharedStrings.xml", "<sst>\u{1b}</sst>"), Err(SheetFault::NotAWorkbook));
    }

    #[test]
    fn only_what_a_table_needs_is_kept() {
        assert_eq!(wanted("xl/workbook2.xml").as_deref(), Some(WORKBOOK));
        assert_eq!(wanted("xl\\_rels\\Workbook.xml.rels").as_deref(), Some(RELATIONS));
        assert_eq!(wanted("/xl/sharedStrings.xml").as_deref(), Some(TEXTS));
        assert_eq!(wanted("xl/worksheets/Sheet1.xml").as_deref(), Some("xl/worksheets/sheet1.xml"));
        for name in [
            "xl/media/image1.png",
            "xl/drawings/drawing1.xml",
            "docProps/app.xml",
            "xl/worksheets/_rels/sheet1.xml.rels",
        ] {
            assert_eq!(wanted(name), None, "{name}");
        }
    }
}
