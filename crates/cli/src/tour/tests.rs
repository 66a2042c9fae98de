use std::{fs, path::PathBuf, sync::atomic::AtomicBool};

use super::*;
use crate::{
    data::{Claims, ClaimsError},
    report::OutputDirectory,
    run::Failure,
    table::Table,
    terminal::{self, Progress},
    tour::{heavy_tail::HeavyTail, rare_class::RareClass},
};

fn tour() -> Tour {
    let mut tour = Tour::new(7, false);
    tour.add(&heavy_tail::Chapter, &heavy_tail::sample::found());
    tour.add(&rare_class::Chapter, &rare_class::sample::found());
    tour.add(&blur::Chapter, &blur::sample::found());
    tour.add(&vae::Chapter, &vae::sample::found());
    tour.add(&gan::Chapter, &gan::sample::found());
    tour.add(&embeddings::Chapter, &embeddings::sample::found());
    tour.add(&ranking::Chapter, &ranking::sample::found());
    tour.add(&calibration::Chapter, &calibration::sample::found());
    tour.add(&noisy_labels::Chapter, &noisy_labels::sample::found());
    tour
}

/// To look at it: `SAMPLE_REPORT=target/report cargo test -p minimand-cli the_report`.
#[test]
fn the_report_holds_every_chapter_and_loads_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    let path = std::env::var_os("SAMPLE_REPORT").map_or_else(|| scratch.path().to_owned(), PathBuf::from);
    let directory = OutputDirectory::open(path).unwrap();
    let html = tour().html();
    let page = directory.write_page(&html).unwrap();
    directory.write_numbers(&tour()).unwrap();
    assert_eq!(fs::read_to_string(page).unwrap(), html);
    let pages = tour().pages();
    let tables = |page: &Page| page.grids.len() + page.figures.iter().filter(|figure| figure.numbers.is_some()).count();
    assert_eq!(html.matches("<svg ").count(), pages.iter().map(|page| page.figures.len()).sum::<usize>());
    assert_eq!(html.matches("<table>").count(), pages.iter().map(tables).sum::<usize>());
    assert_eq!(html.matches("<h2>").count(), tour().len());
    for sentence in heavy_tail::verdict(&heavy_tail::sample::found()) {
        assert!(html.contains(&html::prose(&sentence)));
    }
    for loading in ["<script", "src=", "@import", "<link", "<use"] {
        assert!(!html.contains(loading), "{loading}");
    }
    // Pictures are in the page itself.
    assert_eq!(html.matches("href=").count(), html.matches("<image ").count());
    assert_eq!(html.matches("href=").count(), html.matches(" href=\"data:image/png;base64,").count());
    assert!(html.contains("<image "), "the digits with their wrong labels");
    // The one address in it is the name of the SVG language, and the one url() a clip path of the same page.
    assert_eq!(html.matches("http").count(), html.matches("http://www.w3.org/2000/svg").count());
    assert_eq!(html.matches("url(").count(), html.matches("url(#").count());
}

#[test]
fn numbers_are_json_by_name() {
    let json: serde_json::Value = serde_json::to_value(tour()).unwrap();
    assert_eq!(json["program"], concat!("minimand ", env!("CARGO_PKG_VERSION")));
    assert_eq!(json["seed"], 7);
    assert_eq!(json["heavy_tail"]["losses"][1]["loss"], "absolute_error");
    assert_eq!(json["heavy_tail"]["losses"][1]["mae"]["mean"], 176.0);
    assert_eq!(json["heavy_tail"]["losses"][1]["mae"]["values"].as_array().unwrap().len(), 3);
    let focal = &json["rare_class"]["methods"][3];
    assert_eq!(focal["method"]["kind"], "focal");
    assert_eq!(focal["method"]["alpha"], 0.25);
    assert_eq!(json["calibration"]["losses"][3]["loss"], "brier");
    let mut one = Tour::new(7, true);
    one.add(&rare_class::Chapter, &rare_class::sample::found());
    let keys = serde_json::to_value(one).unwrap().as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys, ["program", "quick", "rare_class", "seed"]);
}

#[test]
fn pages_fit_a_terminal() {
    for page in tour().pages() {
        let text = terminal::opening(&page, 80) + &terminal::findings(&page, 80);
        println!("{text}");
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
            assert_eq!(line.trim_end(), line);
        }
        assert!(!text.contains("<svg"));
    }
}

#[test]
fn words() {
    assert_eq!(listed(&[], "and"), "");
    assert_eq!(listed(&["a"], "and"), "a");
    assert_eq!(listed(&["a", "b", "c"], "or"), "a, b or c");
    assert_eq!(capitalised("ärger"), "Ärger");
    assert_eq!(seeds_in_words(1), "one seed");
}

static NEVER: AtomicBool = AtomicBool::new(false);

fn conditions<'a>(claims: &'a Claims, stop: &'a AtomicBool) -> Conditions<'a> {
    Conditions { seed: 7, quick: true, claims, progress: Progress::hidden(), stop }
}

/// Every chapter begins with its own title, gives up once stopped, and has a name that the list finds.
#[test]
fn chapters_keep_their_word() {
    let claims = Claims::embedded().unwrap();
    let stop = AtomicBool::new(true);
    let mut keys = std::collections::BTreeSet::new();
    for chapter in chapter::ALL {
        let mut title = String::new();
        let mut begin = |page: &Page| {
            title.clone_from(&page.title);
            Ok(())
        };
        let stopped = chapter.run(&conditions(&claims, &stop), &mut begin);
        assert!(matches!(stopped, Err(Failure::Training(TrainingError::Stopped))), "{}", chapter.name());
        assert_eq!(title, chapter.title());
        assert!(keys.insert(chapter.key()), "{} is there twice", chapter.name());
        let [full, quick] = chapter.seconds();
        assert!(full <= 180 && quick <= 15, "{}: 90 s with two processors", chapter.name());
    }
}

/// 600 people with ten years each: a column to predict from, and a cost, by the row's number.
fn claims(feature: impl Fn(usize) -> f64, cost: impl Fn(usize) -> f64) -> Result<Claims, ClaimsError> {
    let row = |row: usize| format!("{},{:e},0,0,0,{:e}\n", row / 10, feature(row), cost(row));
    let rows: String = (0..6000).map(row).collect();
    let text = format!("person_id,x,mdvis,totadm,inpdol,meddol\n{rows}");
    Claims::from_table(&Table::from_bytes(text.as_bytes(), "t.csv").unwrap(), "t.csv")
}

/// Whatever the values are, a chapter has findings that can be shown, or says why it has none.
#[test]
fn values_of_the_data_decide_nothing_about_crashing() {
    // In no order of the people.
    let ordinary = |row: usize| (1 + row * 7919 % 6000) as f64;
    let features: [(&str, &dyn Fn(usize) -> f64); 7] = [
        ("constant", &|_| 3.0),
        ("far out once", &|row| if row == 100 { 1e300 } else { row as f64 }),
        ("far out in the end", &|row| if row > 5900 { 1e300 } else { row as f64 / 1e5 }),
        ("far out by sign", &|row| if row % 2 == 0 { 1e308 } else { -1e308 }),
        ("tiny", &|row| row as f64 * 1e-310),
        ("nearly constant", &|row| if row % 700 == 3 { 1.0000000000000002 } else { 1.0 }),
        ("the cost itself", &ordinary),
    ];
    let costs: [(&str, &dyn Fn(usize) -> f64); 5] = [
        ("ordinary", &ordinary),
        ("mostly nothing", &|row| if row % 3 == 0 { ordinary(row) } else { 0.0 }),
        ("wide", &|row| 10f64.powf(ordinary(row) / 31.0 - 98.0)),
        ("half equal", &|row| if row % 8 < 5 { 5.0 } else { ordinary(row) }),
        ("all but equal", &|row| 7.0 + ordinary(row) * 1e-13),
    ];
    let setting = || Setting { seeds: vec![7, 8], epochs: 1, hidden: vec![4], ..Setting::quick(7) };
    let mut shown = 0;
    for (name, feature) in features {
        for (cost_name, cost) in costs {
            let Ok(claims) = claims(feature, cost) else { continue };
            let mut show = |page: Result<Page, Failure>| {
                let page = match page {
                    Ok(page) => page,
                    Err(refused) => return println!("{name}, {cost_name}: {refused}"),
                };
                let text = terminal::findings(&page, 80) + &html::document("", "", &[page]);
                assert!(!text.is_empty(), "{name}, {cost_name}");
                shown += 1;
            };
            let mut begin = |_: &Page| Ok(());
            let conditions = conditions(&claims, &NEVER);
            show(HeavyTail::measure(setting(), &conditions, &mut begin).map(|found| found.page()));
            show(RareClass::measure(setting(), &conditions, &mut begin).map(|found| found.page()));
        }
    }
    assert!(shown > 30, "{shown} of 70: most data can be trained on");
}
