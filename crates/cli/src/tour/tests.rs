use std::{fs, path::PathBuf};

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
    Tour {
        heavy_tail: Some(heavy_tail::sample::found()),
        rare_class: Some(rare_class::sample::found()),
        ..Tour::new(7, false)
    }
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
    assert_eq!(html.matches("<svg ").count(), 8);
    assert_eq!(html.matches("<table>").count(), 5);
    for sentence in heavy_tail::verdict(&heavy_tail::sample::found()) {
        assert!(html.contains(&html::prose(&sentence)));
    }
    for loading in ["<script", "src=", "href=", "@import", "<link", "<image", "<use"] {
        assert!(!html.contains(loading), "{loading}");
    }
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
    let focal = &json["rare_class"]["methods"][2];
    assert_eq!(focal["method"]["kind"], "focal");
    assert_eq!(focal["method"]["alpha"], 0.25);
    let half = serde_json::to_value(Tour { rare_class: None, ..tour() }).unwrap();
    assert!(half.get("rare_class").is_none());
}

#[test]
fn pages_fit_a_terminal() {
    let pages = [heavy_tail::sample::found().page(), rare_class::sample::found().page()];
    for page in pages {
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
            let begin = |_: &Page| Ok(());
            show(HeavyTail::measure(&claims, setting(), Progress::hidden(), begin).map(|found| found.page()));
            show(RareClass::measure(&claims, setting(), Progress::hidden(), begin).map(|found| found.page()));
        }
    }
    assert!(shown > 30, "{shown} of 70: most data can be trained on");
}
