use std::{fs, path::PathBuf};

use super::*;
use crate::{report::OutputDirectory, terminal};

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
