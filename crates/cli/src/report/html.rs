//! Pages as one HTML file that needs nothing else: no script, no font, no address to load from.

use crate::page::{Figure, Grid, Page};

const STYLE: &str = include_str!("style.css");

/// The whole file: a title, an introduction, and the pages one after the other.
pub fn document(title: &str, introduction: &str, pages: &[Page]) -> String {
    let sections: String = pages.iter().map(section).collect();
    let (title, introduction) = (escape(title), escape(introduction));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{introduction}</p>\n{sections}</main>\n</body>\n</html>\n"
    )
}

/// A text as HTML that shows it letter by letter.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A sentence as HTML in which no line ends between a number and its `%` or around its `±`.
pub fn prose(text: &str) -> String {
    escape(text).replace(" %", "&nbsp;%").replace(" ± ", "&nbsp;±&nbsp;")
}

fn section(page: &Page) -> String {
    let title = escape(&page.title);
    let lead = elements("p", &page.lead);
    let verdict = elements("p", &page.verdict);
    let grids: String = page.grids.iter().map(table).collect();
    let figures: String = page.figures.iter().map(figure).collect();
    let verdict = match verdict.as_str() {
        "" => verdict,
        sentences => format!("<div class=\"verdict\">\n{sentences}</div>\n"),
    };
    format!("<section>\n<h2>{title}</h2>\n{lead}{verdict}{grids}{figures}</section>\n")
}

pub(super) fn table(grid: &Grid) -> String {
    let header = cells("th scope=\"col\"", "th", &grid.header);
    let body: String = (grid.rows.iter())
        .map(|row| {
            let (name, figures) = row.split_at(1.min(row.len()));
            format!("<tr>{}{}</tr>\n", cells("th scope=\"row\"", "th", name), cells("td", "td", figures))
        })
        .collect();
    let caption = escape(&grid.caption);
    let notes = elements("p class=\"note\"", &grid.notes);
    format!(
        "<div class=\"scroll\"><table>\n<caption>{caption}</caption>\n<thead><tr>{header}</tr></thead>\n\
         <tbody>\n{body}</tbody>\n</table></div>\n{notes}"
    )
}

pub(super) fn figure(figure: &Figure) -> String {
    let caption = escape(&figure.caption);
    let numbers = figure.numbers.as_ref().map_or_else(String::new, |grid| {
        format!("<details><summary>The numbers of this plot</summary>\n{}</details>\n", table(grid))
    });
    format!(
        "<figure>\n<div class=\"drawing\">{}</div>\n<figcaption>{caption}</figcaption>\n{numbers}</figure>\n",
        figure.svg
    )
}

fn cells(open: &str, close: &str, texts: &[String]) -> String {
    texts.iter().map(|text| format!("<{open}>{}</{close}>", escape(text))).collect()
}

pub(super) fn elements(open: &str, texts: &[String]) -> String {
    let close = open.split(' ').next().unwrap_or(open);
    texts.iter().map(|text| format!("<{open}>{}</{close}>\n", prose(text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_escaped() {
        let evil = "<script>alert('1' & \"2\")</script>".to_owned();
        let mut grid = Grid::new(evil.clone(), &[&evil, "b"]).with_note(evil.clone());
        grid.row(vec![evil.clone(), evil.clone()]);
        let page = Page {
            title: evil.clone(),
            lead: vec![evil.clone()],
            grids: vec![grid],
            figures: vec![Figure { name: "evil", caption: evil.clone(), svg: "<svg></svg>".into(), numbers: None }],
            verdict: vec![evil.clone()],
        };
        let html = document(&evil, &evil, &[page]);
        assert!(!html.contains("<script"), "{html}");
        let shown = "&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)&lt;/script&gt;";
        assert_eq!(html.matches(shown).count(), 12);
        assert!(html.contains("<svg></svg>"));
    }

    #[test]
    fn the_document_loads_nothing() {
        let html = document("t", "i", &[]);
        for loading in ["http:", "https:", "src=", "href=", "url(", "@import", "<link"] {
            assert!(!html.contains(loading), "{loading}");
        }
    }
}
