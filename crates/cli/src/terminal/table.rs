//! Text in columns and lines.

use crate::page::Grid;

const GAP: &str = "  ";

/// A grid as lines of text: caption, header, rule, rows, notes. Every line ends without spaces. Names of columns are
/// broken at spaces where the grid would be wider than `width` otherwise; figures never are.
pub fn table(grid: &Grid, width: usize) -> String {
    let rows: Vec<Vec<String>> = grid.rows.iter().map(|cells| cells.iter().map(|cell| tight(cell)).collect()).collect();
    let of_rows = |column: usize| rows.iter().map(|cells| letters(&cells[column])).max().unwrap_or(0);
    let of_words = |name: &String| units(name).iter().map(|unit| letters(unit)).max().unwrap_or(0);
    let columns = || grid.header.iter().enumerate();
    let mut widths: Vec<usize> = columns().map(|(column, name)| of_rows(column).max(letters(name))).collect();
    if full(&widths) > width {
        widths = columns().map(|(column, name)| of_rows(column).max(of_words(name))).collect();
    }
    // What names the rows may take several lines; figures may not.
    let longest_word = rows.iter().flat_map(|cells| units(&cells[0])).map(|unit| letters(&unit)).max().unwrap_or(0);
    let least = longest_word.max(grid.header.first().map_or(0, of_words));
    widths[0] = widths[0].saturating_sub(full(&widths).saturating_sub(width)).max(least.min(widths[0]));
    let rows: Vec<Vec<String>> = rows.into_iter().flat_map(|cells| lines_of(cells, widths[0])).collect();
    let names: Vec<Vec<String>> = (grid.header.iter().zip(&widths))
        .map(|(name, &width)| wrapped(name, width).lines().map(str::to_owned).collect())
        .collect();
    let height = names.iter().map(Vec::len).max().unwrap_or(0);
    let header = (0..height).map(|line| {
        // The last lines of all names stand side by side.
        let part = |name: &Vec<String>| {
            (line + name.len()).checked_sub(height).map_or_else(String::new, |at| name[at].clone())
        };
        names.iter().map(part).collect::<Vec<String>>()
    });

    let mut text = wrapped(&grid.caption, width);
    for (number, cells) in header.chain(rows.iter().cloned()).enumerate() {
        if number == height {
            text.push_str(&"─".repeat(full(&widths)));
            text.push('\n');
        }
        let aligned: Vec<String> = (cells.iter().zip(&widths).enumerate())
            .map(|(column, (cell, &width))| pad(cell, width, column > 0))
            .collect();
        text.push_str(aligned.join(GAP).trim_end());
        text.push('\n');
    }
    for note in &grid.notes {
        text.push_str(&wrapped(note, width));
    }
    text
}

/// A row as several where its name is wider than its column: the figures stand in the first.
fn lines_of(cells: Vec<String>, width: usize) -> Vec<Vec<String>> {
    if letters(&cells[0]) <= width {
        return vec![cells];
    }
    let name = wrapped(&cells[0], width);
    let mut lines: Vec<Vec<String>> = name
        .lines()
        .map(|part| std::iter::once(part.to_owned()).chain(vec![String::new(); cells.len() - 1]).collect())
        .collect();
    lines[0][1..].clone_from_slice(&cells[1..]);
    lines
}

/// A paragraph in lines of at most `width` letters, broken at spaces; a longer word keeps a line of its own, and a
/// number keeps its `%` and its `±`.
pub fn wrapped(paragraph: &str, width: usize) -> String {
    let mut text = String::new();
    let mut length = 0;
    for unit in units(paragraph) {
        if length > 0 && length + 1 + letters(&unit) > width {
            text.push('\n');
            length = 0;
        }
        if length > 0 {
            text.push(' ');
            length += 1;
        }
        text.push_str(&unit);
        length += letters(&unit);
    }
    text.push('\n');
    text
}

/// Width of a grid.
fn full(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1)
}

/// A figure without the spaces around its `±`: many of them have to fit side by side.
fn tight(cell: &str) -> String {
    cell.replace(" ± ", "±")
}

/// Words, and groups of words that no line break may part.
fn units(paragraph: &str) -> Vec<String> {
    let mut units: Vec<String> = Vec::new();
    for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
        match units.last_mut() {
            Some(unit) if word.starts_with(['%', '±']) || unit.ends_with('±') => {
                unit.push(' ');
                unit.push_str(word);
            }
            _ => units.push(word.to_owned()),
        }
    }
    units
}

/// Width on the screen: the program writes letters of one column each.
fn letters(text: &str) -> usize {
    text.chars().count()
}

fn pad(cell: &str, width: usize, flush_right: bool) -> String {
    let space = " ".repeat(width - letters(cell));
    if flush_right { space + cell } else { cell.to_owned() + &space }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_letters_and_not_by_bytes() {
        let mut grid = Grid::new("Errors", &["loss", "MAE", "γ"]).with_note("γ is the focusing parameter.");
        grid.row(vec!["squared error".into(), "$1,247".into(), "±".into()]);
        grid.row(vec!["Huber, δ = 57".into(), "$178".into(), "0.31 ± 0.05".into()]);
        let expected = "\
Errors
loss              MAE          γ
────────────────────────────────
squared error  $1,247          ±
Huber, δ = 57    $178  0.31±0.05
γ is the focusing parameter.
";
        assert_eq!(table(&grid, 80), expected);
    }

    #[test]
    fn names_of_columns_are_broken_only_where_the_grid_would_be_too_wide() {
        let mut grid = Grid::new("Errors", &["loss", "MAE, bottom 90 %", "predicted/true total"]);
        grid.row(vec!["squared error".into(), "$148 ± 8".into(), "0.99 ± 0.08".into()]);
        assert_eq!(table(&grid, 53).lines().count(), 4);
        let expected = "\
Errors
                 MAE,
               bottom  predicted/true
loss             90 %           total
─────────────────────────────────────
squared error  $148±8       0.99±0.08
";
        assert_eq!(table(&grid, 52), expected);
        let narrow = "\
Errors
           MAE,
         bottom  predicted/true
loss       90 %           total
───────────────────────────────
squared  $148±8       0.99±0.08
error
";
        assert_eq!(table(&grid, 20), narrow, "figures are never broken");
    }

    #[test]
    fn long_paragraphs_are_broken_at_spaces() {
        assert_eq!(wrapped("one two three", 7), "one two\nthree\n");
        assert_eq!(wrapped("incomprehensibilities are long", 10), "incomprehensibilities\nare long\n");
        assert_eq!(wrapped("about 30 ± 7 %, or", 9), "about\n30 ± 7 %,\nor\n");
        assert_eq!(wrapped("", 10), "\n");
    }

    #[test]
    fn names_of_rows_are_broken_where_the_grid_would_be_too_wide_still() {
        let mut grid = Grid::new("c", &["loss", "cost"]);
        grid.row(vec!["class weights and a threshold".into(), "1.00".into()]);
        grid.row(vec!["focal".into(), "12.00".into()]);
        let shown = table(&grid, 24);
        assert!(shown.lines().all(|line| line.chars().count() <= 24), "{shown}");
        assert!(shown.contains("class weights and   1.00\na threshold\nfocal"), "{shown}");
    }
}
