//! How a page looks: widths, schemes, pictures of it, and what must hold in all of them.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::Chromium;

/// A desk, a tablet, and a small telephone (or a desk at 400 %).
const WIDTHS: [u32; 3] = [1280, 720, 320];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Light,
    Dark,
}

impl Scheme {
    const BOTH: [Scheme; 2] = [Scheme::Light, Scheme::Dark];

    fn word(self) -> &'static str {
        match self {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        }
    }
}

/// Deque's axe, with its licence beside it.
const AXE: &str = include_str!("../axe/axe.min.js");

/// Runs axe and keeps what it found, each as "rule: target".
const RUN_AXE: &str = "
    const done = arguments[arguments.length - 1];
    axe.run(document, { resultTypes: ['violations'] }).then(
        ({ violations }) => done(violations.flatMap(({ id, nodes }) =>
            nodes.map((node) => `${id}: ${node.target} ${node.failureSummary.replace(/\\s+/g, ' ')}`))),
        (error) => done([String(error)]));";

/// What reaches beyond the right edge of the page, and by how much.
const TOO_WIDE: &str = "
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')]
        .filter((each) => each.getBoundingClientRect().right > width + 1)
        .slice(0, 5)
        .map((each) => `${each.tagName.toLowerCase()}.${each.className} reaches ${Math.round(each.getBoundingClientRect().right)} of ${width}`)
        .concat('the page scrolls sideways');";

/// Numbers of a table and ends of a chart that stand in two lines.
const BROKEN: &str = "
    const lines = (each) => {
        const range = document.createRange();
        range.selectNodeContents(each);
        return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
    };
    return [...document.querySelectorAll('.chart figcaption span, .chart ~ table td.cell-number')]
        .filter((each) => lines(each) > 1)
        .map((each) => `${each.textContent} breaks`);";

/// Cells of a row of which one lies on the other.
const COVERED: &str = "
    const box = (each) => {
        const range = document.createRange();
        range.selectNodeContents(each);
        return range.getBoundingClientRect();
    };
    const cells = (row) => [...row.cells].map((each) => [each, box(each)]).filter(([, { width, height }]) => width > 1 && height > 1);
    const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
    return [...document.querySelectorAll('table.invoices tbody tr')].flatMap((row) => {
        const all = cells(row);
        return all.flatMap(([a, box], at) => all.slice(at + 1).filter(([, other]) => meet(box, other))
            .map(([b]) => `${b.textContent.trim()} lies on ${a.textContent.trim()}`));
    });";

const COUNTS: &str = "
    const count = (selector) => document.querySelectorAll(selector).length;
    const ids = [...document.querySelectorAll('[id]')].map((each) => each.id);
    const wrong = [];
    if (count('h1') !== 1) wrong.push(`${count('h1')} h1`);
    if (count('main') !== 1) wrong.push(`${count('main')} main`);
    if (!document.title.trim()) wrong.push('no title');
    if (!document.documentElement.lang) wrong.push('no language');
    for (const id of new Set(ids)) if (ids.filter((each) => each === id).length > 1) wrong.push(`id ${id} twice`);
    return wrong;";

impl Chromium {
    /// Makes the window so wide, as on a device of that width.
    fn resize(&self, width: u32) {
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// As if the person liked their pages light or dark, and still, so that no picture is taken half-way.
    fn prefer(&self, scheme: Scheme) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme.word() },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// A picture of the whole page: target/screenshots/<name>.png.
    pub fn screenshot(&self, name: &str) {
        let shot = self.devtools("Page.captureScreenshot", json!({ "captureBeyondViewport": true }));
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let picture = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, shot["data"].as_str().unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }

    /// Looks at pages, each a path and a name for its pictures. None may be an error page.
    pub fn look_right(&self, pages: &[(&str, &str)]) {
        let mut wrong = Vec::new();
        for (path, name) in pages {
            self.open(path);
            wrong.extend(self.complaints());
            wrong.extend(self.look(name));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// Looks at the page as it stands: with an open dialog or menu, with mistakes in its form, or an error page.
    pub fn looks_right(&self, name: &str) {
        let here = format!("{}{}", self.origin, self.path());
        // An answer of 404 or 422 is an error to the browser's console.
        let answer = |said: &String| said.starts_with(&here) && said.contains("the server responded with a status of");
        let mut wrong: Vec<String> = self.complaints().into_iter().filter(|said| !answer(said)).collect();
        wrong.extend(self.look(name));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// Only the pictures: for mails, which have no landmarks and need none.
    pub fn pictures(&self, name: &str) {
        self.look(name);
    }

    /// Takes a picture in every width and scheme, and gives what is wrong in any.
    fn look(&self, name: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        for width in WIDTHS {
            self.resize(width);
            for scheme in Scheme::BOTH {
                self.prefer(scheme);
                self.screenshot(&format!("{name}-{width}-{}", scheme.word()));
                let place = format!("{name} at {} in {width} {}", self.path(), scheme.word());
                wrong.extend(self.problems_in(width, scheme).into_iter().map(|problem| format!("{place}: {problem}")));
            }
        }
        self.prefer(Scheme::Light);
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({}));
        wrong.extend(self.complaints());
        wrong
    }

    /// axe is slow: colours are the same in every width, and what is there in every scheme.
    fn problems_in(&self, width: u32, scheme: Scheme) -> Vec<String> {
        if scheme == Scheme::Light || width == WIDTHS[0] { self.problems() } else { strings(&self.evaluate(TOO_WIDE)) }
    }

    /// What the page has wrong as it is shown now.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = strings(&self.evaluate(TOO_WIDE));
        problems.extend(strings(&self.evaluate(BROKEN)));
        problems.extend(strings(&self.evaluate(COVERED)));
        problems.extend(strings(&self.evaluate(COUNTS)));
        problems.extend(self.axe());
        problems
    }

    fn axe(&self) -> Vec<String> {
        // A script of the driver's is not the page's, so its Content-Security-Policy does not stop it.
        if self.evaluate("return !window.axe;") == Value::Bool(true) {
            self.evaluate(AXE);
        }
        strings(&self.run(async { Ok(self.page().execute_async(RUN_AXE, Vec::new()).await?.json().clone()) }))
    }

    /// What the browser's console has said since the last time: errors of scripts, breaches of the policy, missing files.
    fn complaints(&self) -> Vec<String> {
        self.run(self.page().browser_log()).into_iter().map(|entry| entry.message).collect()
    }

    /// Lets something go wrong on the page.
    pub fn spoil(&self, script: &str) {
        self.evaluate(script);
    }
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|each| each.as_str().map(str::to_owned)).collect()
}
