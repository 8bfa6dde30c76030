//! An invoice as a PDF of one page, written by hand: Helvetica, a line of text below the other.

use crate::json::{data, number, text};
use crate::money::display;
use serde_json::Value;

/// The document.
pub fn of_invoice(invoice: &Value) -> Vec<u8> {
    let currency = text(invoice, "currency");
    let amount = |name: &str| display(number(invoice, name), currency);
    let mut lines = vec![
        format!("Invoice {}", text(invoice, "number")),
        format!("Status: {}", text(invoice, "status")),
        format!("Billed to: {} {}", text(invoice, "customer_name"), text(invoice, "customer_email")),
        String::new(),
    ];
    lines.extend(
        data(invoice, "lines")
            .iter()
            .take(40)
            .map(|line| format!("{}   {}", text(line, "description"), display(number(line, "amount"), currency))),
    );
    lines.push(String::new());
    lines.extend(["subtotal", "total", "amount_due"].map(|name| format!("{}: {}", name.replace('_', " "), amount(name))));
    document(&lines)
}

fn document(lines: &[String]) -> Vec<u8> {
    let shown: String = lines.iter().map(|line| format!("({}) Tj T*\n", escaped(line))).collect();
    let stream = format!("BT /F1 11 Tf 15 TL 50 790 Td\n{shown}ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{stream}\nendstream", stream.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let mut written = "%PDF-1.4\n".to_owned();
    let mut places = vec![];
    for (position, object) in objects.iter().enumerate() {
        places.push(written.len());
        written.push_str(&format!("{} 0 obj\n{object}\nendobj\n", position + 1));
    }
    let table: String = places.iter().map(|place| format!("{place:010} 00000 n \n")).collect();
    let start = written.len();
    let size = objects.len() + 1;
    written.push_str(&format!(
        "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ));
    written.into_bytes()
}

/// The text in the font's encoding, all that is not ASCII in octal.
fn escaped(line: &str) -> String {
    let escape = |character: char| match character {
        '(' | ')' | '\\' => format!("\\{character}"),
        ' '..='~' => character.to_string(),
        '€' => "\\200".to_owned(),
        '\u{a0}'..='\u{ff}' => format!("\\{:o}", u32::from(character)),
        _ => "?".to_owned(),
    };
    line.chars().map(escape).collect()
}
