//! Invoices in the scripts of the world, as a reader of PDF finds them.

use chrono::{DateTime, Utc};
use roster::pdf::{InvoiceDocument, Line, Party, Total, render};

use crate::billing::text_of;

const NAMES: [&str; 12] = [
    "株式会社山田製作所",
    "上海计算机有限公司",
    "臺灣積體電路股份有限公司",
    "주식회사 한국소프트웨어",
    "בית תוכנה ישראלי",
    "شركة المستقبل للبرمجيات",
    "บริษัท กรุงเทพ จำกัด",
    "हिन्दी क्षेत्र प्रौद्योगिकी",
    "தமிழ் நிறுவனம்",
    "საქართველო",
    "Հայաստան",
    "Αθήνα Київ Đặng",
];

fn document() -> InvoiceDocument {
    let line = |name: &str| Line {
        description: format!("Seat of {name}"),
        quantity: "1".to_owned(),
        unit_price: "€10.00".to_owned(),
        amount: "€10.00".to_owned(),
        ..Line::default()
    };
    InvoiceDocument {
        title: "Invoice".to_owned(),
        number: "R-000042".to_owned(),
        issuer: Party { name: "山田 GmbH".to_owned(), lines: vec!["10969 Berlin".to_owned()] },
        recipient: Party { name: NAMES[0].to_owned(), lines: NAMES.map(str::to_owned).to_vec() },
        facts: vec![("Date".to_owned(), "22 November 2026".to_owned())],
        lines: NAMES.into_iter().map(line).collect(),
        totals: vec![Total { label: "Total".to_owned(), amount: "€120.00".to_owned(), is_strong: true }],
        notes: Vec::new(),
        created: DateTime::<Utc>::from_timestamp(1_795_339_800, 0).unwrap(),
    }
}

/// Without the marks of direction that pdftotext puts around what leads left.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}')).collect()
}

#[test]
fn names_in_other_scripts_are_found_in_the_file() {
    let file = render(&document()).unwrap();
    assert!(file.len() < 150_000, "a subset of each font, not the font: {} bytes", file.len());
    let text = plain(&text_of(&file));
    for name in NAMES {
        assert!(text.contains(name), "{name} is missing in:\n{text}");
    }
}

#[test]
fn what_no_font_has_is_left_out_of_a_name_and_the_rest_of_it_is_found() {
    let named = |name: &str| InvoiceDocument {
        recipient: Party { name: name.to_owned(), lines: vec!["10827 Berlin 🏠".to_owned()] },
        lines: Vec::new(),
        ..document()
    };
    let text = text_of(&render(&named("Acme 🚀👨‍👩‍👧 Rockets GmbH")).unwrap());
    assert!(text.contains("Acme Rockets GmbH") && text.contains("10827 Berlin"), "{text}");
    assert!(!text.contains('🚀') && !text.contains('□') && !text.contains('\u{200D}'), "{text}");
    // A name of nothing else stays one.
    let text = text_of(&render(&named("🚀")).unwrap());
    assert!(text.contains('🚀'), "{text}");
}
