//! The table that is printed.

use std::fmt::Write;

/// The figures, row by row.
#[derive(Debug, Default)]
pub struct Table(Vec<[String; 4]>);

impl Table {
    /// A figure with its target: what was measured, and whether that is met.
    pub fn target(&mut self, figure: &str, target: &str, measured: String, met: bool) {
        let met = if met { "met" } else { "MISSED" };
        self.0.push([figure.to_owned(), target.to_owned(), measured, met.to_owned()]);
    }

    /// What explains a figure.
    pub fn note(&mut self, what: &str, measured: String) {
        self.0.push([format!("  {what}"), String::new(), measured, String::new()]);
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let titles = ["figure", "target", "measured", ""].map(ToOwned::to_owned);
        let rows: Vec<&[String; 4]> = std::iter::once(&titles).chain(&self.0).collect();
        let width = |column: usize| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths = [width(0), width(1), width(2), width(3)];
        for (number, row) in rows.iter().enumerate() {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(widths) {
                write!(line, "| {cell:width$} ")?;
            }
            writeln!(f, "{line}|")?;
            if number == 0 {
                writeln!(f, "|{}|", widths.map(|width| "-".repeat(width + 2)).join("|"))?;
            }
        }
        Ok(())
    }
}
