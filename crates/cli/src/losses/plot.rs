//! Loss, slope and curvature as a drawing: in letters for a terminal, as SVG for a file.

use kuva::{
    TickFormat,
    backend::terminal::TerminalBackend,
    plot::LinePlot,
    render::{layout::Layout, plots::Plot, render::render_multiple},
};

use super::sample::Curve;
use crate::report::plot::{Axes, Scale, Series, lines};

/// What is drawn: names and points.
fn series(curve: &Curve) -> Vec<Series> {
    let of = |name: &str, which: usize| Series {
        name: name.into(),
        points: curve.points.iter().map(|point| (point[0], point[which])).collect(),
    };
    vec![of("loss", 1), of("slope", 2), of("curvature", 3)]
}

/// As SVG.
pub(super) fn svg(name: &str, curve: &Curve) -> String {
    let y = "loss, slope, curvature".to_owned();
    let axes = Axes { title: name.into(), x: curve.variable.clone(), y, scale: Scale::Plain };
    lines(&axes, &clipped(series(curve)))
}

/// What is far beyond the rest would flatten it.
fn clipped(mut series: Vec<Series>) -> Vec<Series> {
    let mut sizes: Vec<f64> =
        series.iter().flat_map(|series| &series.points).map(|(_, y)| y.abs()).filter(|y| y.is_finite()).collect();
    sizes.sort_by(f64::total_cmp);
    let limit = sizes.get(sizes.len() * 9 / 10).map_or(f64::INFINITY, |&size| 2.0 * size.max(1e-12));
    for series in &mut series {
        series.points.retain(|(_, y)| y.abs() <= limit);
    }
    series
}

/// In letters, without colours: one drawing for each of the three, `columns` wide and `rows` high.
pub(super) fn letters(curve: &Curve, columns: usize, rows: usize) -> String {
    let one = |series: Series| {
        let name = series.name.clone();
        let ticks = ticks(&series.points);
        let plots: Vec<Plot> = vec![LinePlot::new().with_data(series.points).into()];
        let layout = Layout::auto_from_plots(&plots).with_show_grid(false).with_y_tick_format(ticks);
        format!(
            "{name}\n{}",
            uncoloured(&TerminalBackend::new(columns, rows).render_scene(&render_multiple(plots, layout)))
        )
    };
    clipped(series(curve)).into_iter().map(one).collect()
}

/// As many digits as tell the ticks of a narrow range apart.
fn ticks(points: &[(f64, f64)]) -> TickFormat {
    let finite = || points.iter().map(|point| point.1).filter(|y| y.is_finite());
    let range = finite().fold(f64::NEG_INFINITY, f64::max) - finite().fold(f64::INFINITY, f64::min);
    let narrow = range > 1e-9 && range < 0.05;
    if narrow { TickFormat::Fixed((1.0 - range.log10().floor()) as usize) } else { TickFormat::Auto }
}

/// Text without its sequences for colours, and without lines that are empty.
fn uncoloured(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    plain.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect()
}
