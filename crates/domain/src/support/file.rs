//! Stored files (7.5.3): what is known about them beside their bytes, and whether the bytes are what they claim to be.
//!
//! A file is kept once and never changes: another content is another file. It is read through the record that refers to
//! it, and by nobody who may not read that record.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoEnumIterator};
use utoipa::ToSchema;

use crate::kernel::{
    id::Id,
    refusal::{Code, Fault, Refusal},
    text::Title,
};

/// A file, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StoredFile {
    /// Its id.
    pub id: Id<StoredFile>,
    /// Its name, for whoever saves it.
    pub name: String,
    /// Its media type, such as `application/pdf`.
    #[schema(value_type = String)]
    pub media_type: MediaType,
    /// How many bytes it has.
    pub size: i64,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// When it was stored.
    pub stored_at: DateTime<Utc>,
    /// When its bytes were erased (7.5.3); what is known of them stays.
    #[schema(required)]
    pub erased_at: Option<DateTime<Utc>>,
}

impl StoredFile {
    /// A file whose bytes have been stored.
    pub fn new(name: &Title, content: StoredContent, now: DateTime<Utc>) -> Self {
        let StoredContent { media_type, size, sha256 } = content;
        Self {
            id: Id::generate(now),
            name: name.as_str().to_owned(),
            media_type,
            size,
            sha256,
            stored_at: now,
            erased_at: None,
        }
    }
}

/// Bytes that have been stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredContent {
    /// What they are.
    pub media_type: MediaType,
    /// How many they are.
    pub size: i64,
    /// Their SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// Refuses a name that says where a file is to be put: the name of a file is no path.
pub fn check_name(name: &Title) -> Result<(), Refusal> {
    match name.as_str().contains(['/', '\\', '\n', '\r', '\t']) {
        true => Err(Refusal::new(Code::MalformedQuery).at(Fault::new("name", Code::InvalidFormat))),
        false => Ok(()),
    }
}

/// What may be stored: documents that people write, and pictures; nothing that a browser would run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter)]
pub enum MediaType {
    /// PDF.
    #[serde(rename = "application/pdf")]
    #[strum(serialize = "application/pdf")]
    Pdf,
    /// Word (.docx).
    #[serde(rename = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")]
    #[strum(serialize = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")]
    Docx,
    /// Excel (.xlsx).
    #[serde(rename = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
    #[strum(serialize = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
    Xlsx,
    /// PowerPoint (.pptx).
    #[serde(rename = "application/vnd.openxmlformats-officedocument.presentationml.presentation")]
    #[strum(serialize = "application/vnd.openxmlformats-officedocument.presentationml.presentation")]
    Pptx,
    /// PNG.
    #[serde(rename = "image/png")]
    #[strum(serialize = "image/png")]
    Png,
    /// JPEG.
    #[serde(rename = "image/jpeg")]
    #[strum(serialize = "image/jpeg")]
    Jpeg,
    /// Plain text.
    #[serde(rename = "text/plain")]
    #[strum(serialize = "text/plain")]
    Text,
    /// Markdown.
    #[serde(rename = "text/markdown")]
    #[strum(serialize = "text/markdown")]
    Markdown,
    /// CSV.
    #[serde(rename = "text/csv")]
    #[strum(serialize = "text/csv")]
    Csv,
}

/// How bytes show what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// They begin with these.
    Beginning(&'static [u8]),
    /// They are a ZIP archive with an entry whose name begins with this: the main part of an Office document.
    Entry(&'static [u8]),
    /// They are text, in whatever encoding: no control characters but for line breaks, tabs and form feeds.
    Text,
}

const ZIP: &[u8] = b"PK\x03\x04";

impl MediaType {
    /// The type in a `Content-Type`, whatever its parameters.
    pub fn of_header(header: &str) -> Option<Self> {
        let media = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Self::iter().find(|known| known.to_string() == media)
    }

    fn mark(self) -> Mark {
        match self {
            Self::Pdf => Mark::Beginning(b"%PDF-"),
            Self::Png => Mark::Beginning(b"\x89PNG\r\n\x1a\n"),
            Self::Jpeg => Mark::Beginning(b"\xff\xd8\xff"),
            Self::Docx => Mark::Entry(b"word/document"),
            Self::Xlsx => Mark::Entry(b"xl/workbook"),
            Self::Pptx => Mark::Entry(b"ppt/presentation"),
            Self::Text | Self::Markdown | Self::Csv => Mark::Text,
        }
    }
}

/// Looks at bytes as they pass by, to tell in the end whether they are what they claim to be.
#[derive(Debug)]
pub struct Inspection {
    mark: Mark,
    /// The first bytes, as many as a mark has at most.
    beginning: Vec<u8>,
    /// The last bytes of what passed: a name may lie across two chunks.
    last: Vec<u8>,
    entry_seen: bool,
    control_seen: bool,
}

impl Inspection {
    /// Of bytes that claim to be of this type.
    pub fn of(claimed: MediaType) -> Self {
        let (beginning, last) = (Vec::new(), Vec::new());
        Self { mark: claimed.mark(), beginning, last, entry_seen: false, control_seen: false }
    }

    /// The next bytes.
    pub fn pass(&mut self, chunk: &[u8]) {
        let wanted = 8_usize.saturating_sub(self.beginning.len());
        self.beginning.extend(chunk.iter().take(wanted));
        match self.mark {
            Mark::Beginning(_) => {}
            Mark::Entry(name) => {
                self.last.extend(chunk);
                self.entry_seen |= self.last.windows(name.len()).any(|window| window == name);
                self.last.drain(..self.last.len().saturating_sub(name.len()));
            }
            Mark::Text => {
                let control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | b'\x0c');
                self.control_seen |= chunk.iter().any(control);
            }
        }
    }

    /// Whether the bytes that passed are of the type that they claim.
    pub fn fits(&self) -> bool {
        match self.mark {
            Mark::Beginning(mark) => self.beginning.starts_with(mark),
            Mark::Entry(_) => self.beginning.starts_with(ZIP) && self.entry_seen,
            Mark::Text => !self.beginning.is_empty() && !self.control_seen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(claimed: MediaType, chunks: &[&[u8]]) -> bool {
        let mut inspection = Inspection::of(claimed);
        chunks.iter().for_each(|chunk| inspection.pass(chunk));
        inspection.fits()
    }

    #[test]
    fn bytes_must_be_what_they_claim_to_be() {
        assert!(fits(MediaType::Pdf, &[b"%P", b"DF-1.7 ..."]));
        assert!(!fits(MediaType::Pdf, &[b"<html>%PDF-"]));
        assert!(fits(MediaType::Png, &[b"\x89PNG\r\n\x1a\n...."]));
        assert!(!fits(MediaType::Jpeg, &[b"\x89PNG\r\n\x1a\n...."]));
        assert!(fits(MediaType::Docx, &[b"PK\x03\x04....[Content_Types].xml...word/docu", b"ment.xml..."]));
        assert!(!fits(MediaType::Docx, &[b"PK\x03\x04....xl/workbook.xml"]));
        assert!(!fits(MediaType::Xlsx, &[b"xl/workbook.xml"]));
        assert!(fits(MediaType::Markdown, &["# 手順\r\n\t".as_bytes()]));
        assert!(fits(MediaType::Csv, &[b"\x8e\x91\x8eY,1\r\n"]), "CP932");
        assert!(!fits(MediaType::Text, &[b"MZ\x00\x01"]));
        assert!(MediaType::iter().all(|claimed| !fits(claimed, &[])), "nothing is no file");
    }

    #[test]
    fn a_content_type_may_have_parameters() {
        assert_eq!(MediaType::of_header("Text/CSV; charset=shift_jis"), Some(MediaType::Csv));
        assert_eq!(MediaType::of_header("text/html"), None);
        assert_eq!(serde_json::to_value(MediaType::Pdf).unwrap(), MediaType::Pdf.to_string());
    }

    #[test]
    fn the_name_of_a_file_is_no_path() {
        assert!(check_name(&Title::new("在宅勤務の手順 v1.md").unwrap()).is_ok());
        for bad in ["../x", "a\\b", "a\nb"] {
            assert!(check_name(&Title::new(bad).unwrap()).is_err(), "{bad}");
        }
    }
}
