//! Whole documents: equal bytes, nothing over anything else or off the page, and no text that stops the renderer.

use chrono::{DateTime, Utc};

use super::compose::compose;
use super::draw::draw;
use super::pages::Mark;
use super::style::{FOOT, MARGIN, MEASURE, PAGE_HEIGHT, PAGE_WIDTH};
use super::{InvoiceDocument, Line, Party, Total, render};

fn document(lines: usize) -> InvoiceDocument {
    let party =
        |name: &str| Party { name: name.to_owned(), lines: vec!["Lindenstraße 14".to_owned(), "10969 Berlin".to_owned()] };
    let line = |number: usize| Line {
        description: format!("Business plan, seat {number}"),
        period: "1 – 30 November 2026".to_owned(),
        quantity: "1".to_owned(),
        unit_price: "€19.00".to_owned(),
        amount: format!("€{number}.00"),
    };
    let total = |label: &str, is_strong| Total { label: label.to_owned(), amount: "€1,234.50".to_owned(), is_strong };
    InvoiceDocument {
        title: "Invoice".to_owned(),
        number: "R-000042".to_owned(),
        issuer: party("Roster Software GmbH"),
        recipient: party("Brückner & Söhne KG"),
        facts: vec![("Date".to_owned(), "22 November 2026".to_owned())],
        lines: (1..=lines).map(line).collect(),
        totals: vec![total("Subtotal", false), total("VAT 19 %", false), total("Amount due", true)],
        notes: vec!["Thank you.".to_owned()],
        created: DateTime::<Utc>::from_timestamp(1_795_339_800, 0).unwrap(),
    }
}

/// A document all of whose texts are the same.
fn all_of(text: &str) -> InvoiceDocument {
    let own = || text.to_owned();
    let party = || Party { name: own(), lines: vec![own()] };
    InvoiceDocument {
        title: own(),
        number: own(),
        issuer: party(),
        recipient: party(),
        facts: vec![(own(), own())],
        lines: vec![Line { description: own(), period: own(), quantity: own(), unit_price: own(), amount: own() }],
        totals: vec![Total { label: own(), amount: own(), is_strong: true }],
        notes: vec![own()],
        ..document(0)
    }
}

/// Left, top, right and bottom of every text on a page, in points.
fn boxes(page: &[Mark]) -> Vec<([f32; 4], &str)> {
    page.iter()
        .filter_map(|mark| match mark {
            Mark::Text { x, baseline, line } => {
                let top = baseline - line.style.baseline();
                Some(([*x, top, x + line.width, top + line.style.leading], line.text.as_str()))
            }
            Mark::Rule { .. } => None,
        })
        .collect()
}

/// Fails if a text lies over another or leaves the margins by more than a point.
fn check_places(document: &InvoiceDocument) -> Vec<Vec<Mark>> {
    let pages = compose(document);
    for page in &pages {
        let boxes = boxes(page);
        for (place, (one, text)) in boxes.iter().enumerate() {
            let [left, top, right, bottom] = *one;
            assert!(left >= MARGIN - 1.0 && right <= MARGIN + MEASURE + 1.0, "{text:?} leaves the margins: {one:?}");
            assert!(top >= MARGIN - 0.1 && bottom <= PAGE_HEIGHT && right <= PAGE_WIDTH, "{text:?} leaves the page: {one:?}");
            assert!(bottom <= FOOT || top >= FOOT - 0.1, "{text:?} lies over the foot");
            for (other, below) in &boxes[place + 1..] {
                let is_apart =
                    right <= other[0] + 0.5 || other[2] <= left + 0.5 || bottom <= other[1] + 0.1 || other[3] <= top + 0.1;
                assert!(is_apart, "{text:?} lies over {below:?}: {one:?}, {other:?}");
            }
        }
    }
    pages
}

fn texts(page: &[Mark]) -> Vec<&str> {
    boxes(page).into_iter().map(|(_, text)| text).collect()
}

#[test]
fn equal_documents_are_equal_files() {
    let one = render(&document(12)).unwrap();
    assert_eq!(one, render(&document(12)).unwrap());
    assert!(one.starts_with(b"%PDF-1.7"));
    let later = InvoiceDocument { created: DateTime::<Utc>::from_timestamp(0, 0).unwrap(), ..document(12) };
    assert_ne!(one, render(&later).unwrap());
}

#[test]
fn the_file_says_that_it_is_pdf_a_2b() {
    let file = String::from_utf8_lossy(&render(&document(1)).unwrap()).into_owned();
    for wanted in ["<pdfaid:part>2<", "<pdfaid:conformance>B<", "/OutputIntents", "Invoice R-000042", "2026-11-22"] {
        assert!(file.contains(wanted), "{wanted}");
    }
}

#[test]
fn lines_flow_over_pages_below_a_head_and_the_totals_stay_with_the_last() {
    for (lines, pages) in [(0, 1), (1, 1), (30, 2), (500, 29)] {
        let document = document(lines);
        let laid = check_places(&document);
        assert_eq!(laid.len(), pages, "{lines} lines");
        let with_totals: Vec<&Vec<Mark>> = laid.iter().filter(|page| texts(page).contains(&"Subtotal")).collect();
        let [page] = with_totals[..] else { panic!("totals on {} pages", with_totals.len()) };
        assert!(texts(page).contains(&"Amount due"));
        for (number, page) in laid.iter().enumerate() {
            let texts = texts(page);
            assert!(texts.contains(&format!("{} of {pages}", number + 1).as_str()));
            let has_rows = texts.iter().any(|text| text.starts_with("Business plan"));
            assert!(!has_rows || texts.contains(&"Unit price"), "page {number} has rows without a head");
        }
        if lines > 0 {
            assert!(texts(page).contains(&format!("Business plan, seat {lines}").as_str()));
        }
        assert!(render(&document).unwrap().len() < 60_000 + 130 * lines);
    }
}

#[test]
fn totals_stay_together_wherever_the_table_ends() {
    for lines in 1..60 {
        let laid = check_places(&document(lines));
        let pages = laid.iter().filter(|page| texts(page).iter().any(|text| ["Subtotal", "Amount due"].contains(text)));
        assert_eq!(pages.count(), 1, "{lines} lines");
        for page in &laid {
            let texts = texts(page);
            let is_alone = texts.contains(&"Description") && !texts.iter().any(|text| text.starts_with("Business plan"));
            assert!(!is_alone, "{lines} lines: a head without a row");
        }
    }
}

#[test]
fn no_text_stops_the_renderer_or_leaves_its_place() {
    let long = "x".repeat(5_000);
    let tower = format!("Z{}", "\u{301}\u{316}".repeat(500));
    let chain = "👩\u{200D}".repeat(300);
    let controls: String = (0..32).filter_map(char::from_u32).chain(['\u{7f}', '\u{85}', '\u{FFFE}', '\u{FFFF}']).collect();
    let lines = "one\n".repeat(150);
    let turned = "\u{202E}9876 €\u{202C} שלום 12 مرحبا (x)";
    let odd = "\u{10FFFF}\u{E000}\u{FFFD}\u{D7FF}\u{0}";
    let texts =
        ["", " ", &long, &tower, &chain, &controls, &lines, turned, odd, "漢字かな交じり文 한국어 ไทย हिन्दी", "W W W", "\u{301}"];
    for text in texts {
        let document = all_of(text);
        draw(&document, check_places(&document)).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    }
}

#[test]
fn a_document_of_nothing_is_one_page() {
    let mut nothing = all_of("");
    (nothing.lines, nothing.totals, nothing.facts, nothing.notes) = Default::default();
    assert_eq!(check_places(&nothing).len(), 1);
    render(&nothing).unwrap();
}

#[test]
fn no_word_of_a_document_is_lost() {
    let mut long = document(3);
    long.lines[1].description = (0..900).map(|number| format!("word{number} ")).collect();
    long.notes = vec![(0..900).map(|number| format!("note{number} ")).collect()];
    let laid = check_places(&long);
    let all = laid.iter().flat_map(|page| texts(page)).collect::<Vec<_>>().join(" ");
    for number in 0..900 {
        assert!(all.contains(&format!("word{number} ")) && all.contains(&format!("note{number} ")), "{number}");
    }
}
