//! Line and bar plots as inline SVG, drawn by `kuva` in one style.
//!
//! Text, axes and grid take the colour of the page around them, so that one drawing serves light and dark. Series are
//! told apart by a palette that colour-blind readers can use (Okabe and Ito) and, lines, by their dashes too.

use std::sync::Arc;

use kuva::{
    Theme, TickFormat,
    plot::{BarPlot, LegendPosition, LinePlot, LineStyle, MarkerShape, ScatterPlot},
    render::{annotations::ReferenceLine, layout::Layout, plots::Plot},
};

use crate::terminal::number::dollars;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 400.0;
pub(super) const INK: &str = "currentColor";
const GRID: &str = "#88888855";
pub(super) const FONT: &str = "system-ui, 'DejaVu Sans', sans-serif";
pub(super) const PALETTE: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c8c8c"];
const SHAPES: [MarkerShape; 5] =
    [MarkerShape::Circle, MarkerShape::Square, MarkerShape::Triangle, MarkerShape::Diamond, MarkerShape::Cross];
const DASHES: [&str; 4] = ["", "6 3", "2 2", "8 2 2 2"];

/// The words on a plot and the kind of numbers on its axes.
#[derive(Debug, Clone)]
pub struct Axes {
    /// Above the plot.
    pub title: String,
    /// Below the horizontal axis, with the unit.
    pub x: String,
    /// Beside the vertical axis, with the unit.
    pub y: String,
    /// How the vertical axis is divided and labelled.
    pub scale: Scale,
}

/// The vertical axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// Plain numbers.
    Plain,
    /// Shares of 1, shown as percentages.
    Percent,
    /// Percentages with the whole axis from 0 to 100 % shown.
    WholePercent,
    /// Dollars of either sign over several orders of magnitude: linear up to $10, logarithmic beyond.
    SignedDollars,
}

/// A named line, or the bars of one colour.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What the legend calls it.
    pub name: String,
    /// Points from left to right.
    pub points: Vec<(f64, f64)>,
}

/// A plot of lines. Points that are not finite are left out.
pub fn lines(axes: &Axes, series: &[Series]) -> String {
    let plots: Vec<Plot> = (series.iter().enumerate())
        .map(|(number, series)| {
            let points = series.points.iter().map(|&(x, y)| (x, axes.scale.place(y)));
            let points: Vec<(f64, f64)> = points.filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
            let line = LinePlot::new()
                .with_data(points)
                .with_color(PALETTE[number % PALETTE.len()])
                .with_stroke_width(2.2)
                .with_legend(literal(&series.name));
            match DASHES[number % DASHES.len()] {
                "" => line.into(),
                dashes => line.with_line_style(LineStyle::Custom(dashes.to_owned())).into(),
            }
        })
        .collect();
    draw(axes, plots)
}

/// A plot of bars in groups: the first of each group of the first series, and so on. Values have to be finite.
///
/// # Panics
/// If a series has not one value for each group.
#[track_caller]
pub fn bars(axes: &Axes, groups: &[String], series: &[(String, Vec<f64>)]) -> String {
    for (name, values) in series {
        assert_eq!(values.len(), groups.len(), "bars: values of {name} and groups");
    }
    let mut plot = BarPlot::new();
    for (place, group) in groups.iter().enumerate() {
        let values = (series.iter().enumerate())
            .map(|(number, (_, values))| (axes.scale.place(values[place]), PALETTE[number % PALETTE.len()]));
        plot = plot.with_group(literal(group), values);
    }
    let names: Vec<String> = series.iter().map(|(name, _)| literal(name)).collect();
    draw(axes, vec![plot.with_legend(names.iter().map(String::as_str).collect()).into()])
}

/// A plot of points, those of a series in one colour and shape. With `reach` either axis goes from minus to plus so far; without, as
/// far as the points. Points that are not finite are left out.
pub fn clouds(axes: &Axes, series: &[Series], reach: Option<f64>) -> String {
    let plots: Vec<Plot> = (series.iter().enumerate())
        .map(|(number, series)| {
            let points = series.points.iter().map(|&(x, y)| (x, axes.scale.place(y)));
            ScatterPlot::new()
                .with_data(points.filter(|(x, y)| x.is_finite() && y.is_finite()).collect::<Vec<(f64, f64)>>())
                .with_color(PALETTE[number % PALETTE.len()])
                .with_marker(SHAPES[number % SHAPES.len()])
                .with_size(3.5)
                .with_legend(literal(&series.name))
                .into()
        })
        .collect();
    let mut layout = styled(&axes.title, &axes.x, &axes.y, &plots).with_height(HEIGHT + 100.0);
    if let Some(reach) = reach {
        layout = layout.with_x_axis_min(-reach).with_x_axis_max(reach).with_y_axis_min(-reach).with_y_axis_max(reach);
    }
    rendered(plots, layout, &axes.title)
}

/// The house's style around some plots, with the words of the axes.
pub(super) fn styled(title: &str, x: &str, y: &str, plots: &[Plot]) -> Layout {
    Layout::auto_from_plots(plots)
        .with_width(WIDTH)
        .with_height(HEIGHT)
        .with_title(literal(title))
        .with_x_label(literal(x))
        .with_y_label(literal(y))
        .with_title_size(17)
        .with_label_size(14)
        .with_tick_size(12)
        .with_body_size(13)
        .with_font_family(FONT)
        .with_legend_position(LegendPosition::OutsideBottomColumns)
        .with_legend_box(false)
        .with_theme(theme())
}

/// The drawing, with a text for those who do not see it.
pub(super) fn rendered(plots: Vec<Plot>, layout: Layout, alternative: &str) -> String {
    responsive(&kuva::render_to_svg(plots, layout), alternative)
}

fn draw(axes: &Axes, plots: Vec<Plot>) -> String {
    let mut layout = styled(&axes.title, &axes.x, &axes.y, &plots);
    layout = match axes.scale {
        Scale::Plain => layout,
        Scale::Percent => layout.with_y_tick_format(percent_ticks()),
        Scale::WholePercent => whole(layout).with_y_tick_format(percent_ticks()),
        Scale::SignedDollars => layout
            .with_y_tick_format(TickFormat::Custom(Arc::new(dollar_tick)))
            .with_y_tick_step(1.0)
            .with_reference_line(ReferenceLine::horizontal(0.0).with_color(INK).with_dasharray("")),
    };
    rendered(plots, layout, &axes.title)
}

impl Scale {
    /// Where a value stands on the axis.
    fn place(self, value: f64) -> f64 {
        match self {
            Self::Plain | Self::Percent | Self::WholePercent => value,
            Self::SignedDollars if value.abs() <= 10.0 => value / 10.0,
            Self::SignedDollars => value.signum() * (1.0 + (value.abs() / 10.0).log10()),
        }
    }
}

fn dollar_tick(place: f64) -> String {
    let size = if place.abs() <= 1.0 { 10.0 * place.abs() } else { 10f64.powf(place.abs()) };
    literal(&dollars((size.copysign(place) * 100.0).round() / 100.0))
}

fn percent_ticks() -> TickFormat {
    // As many places as the number needs: 5 %, 2.5 %.
    TickFormat::Custom(Arc::new(|share| format!("{} %", (share * 1e4).round() / 100.0)))
}

/// With the vertical axis from 0 to 1, whatever the points.
fn whole(layout: Layout) -> Layout {
    layout.with_y_axis_min(0.0).with_y_axis_max(1.0).with_y_tick_step(0.2)
}

fn theme() -> Theme {
    Theme {
        background: "none".into(),
        axis_color: INK.into(),
        grid_color: GRID.into(),
        tick_color: INK.into(),
        text_color: INK.into(),
        legend_bg: "none".into(),
        legend_border: "none".into(),
        font_family: Some(FONT.into()),
        ..Theme::light()
    }
}

/// `$…$` would be set as a formula: a dollar sign that means a dollar is escaped.
pub(super) fn literal(text: &str) -> String {
    text.replace('$', r"\$")
}

/// The drawing as a file of its own: dark ink on white paper, whatever page shows it.
pub fn standalone(svg: &str) -> String {
    let coloured = svg.replacen("<svg ", r##"<svg style="color: #1c1f23" "##, 1);
    let paper = r##"><rect width="100%" height="100%" fill="#ffffff"/>"##;
    coloured.replacen('>', paper, 1) + "\n"
}

/// Gives the drawing a view box instead of a fixed size, and a name that screen readers read.
fn responsive(svg: &str, title: &str) -> String {
    let size = |name: &str| {
        let from = svg.find(name)? + name.len();
        let rest = &svg[from..];
        Some(&rest[..rest.find('"')?])
    };
    let (Some(width), Some(height)) = (size("width=\""), size("height=\"")) else {
        return svg.to_owned();
    };
    let label = super::html::escape(title);
    svg.replacen("<svg ", &format!(r#"<svg viewBox="0 0 {width} {height}" role="img" aria-label="{label}" "#), 1)
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;

    use super::*;

    fn axes(scale: Scale) -> Axes {
        Axes { title: "Cost <$ & more>".into(), x: "epoch".into(), y: "cost, $".into(), scale }
    }

    #[test]
    fn words_are_escaped_and_dollars_stay_dollars() {
        let line = Series { name: "a < b, $5 to $9".into(), points: vec![(0.0, 1.0), (1.0, 2.0)] };
        let svg = lines(&axes(Scale::Plain), &[line]);
        assert!(svg.contains("a &lt; b, $5 to $9"), "{svg}");
        assert!(svg.contains(r#"aria-label="Cost &lt;$ &amp; more&gt;""#));
        assert!(svg.starts_with("<svg viewBox=\"0 0 "));
        assert!(!svg.contains("<script") && !svg.contains("href"));
    }

    #[test]
    fn a_file_of_its_own_has_paper_and_ink() {
        let svg = standalone(&lines(&axes(Scale::Plain), &[]));
        assert!(svg.starts_with(r##"<svg style="color: #1c1f23" viewBox="##), "{svg}");
        let (head, body) = svg.split_once('>').unwrap();
        assert!(head.contains("xmlns=") && body.starts_with(r##"<rect width="100%" height="100%" fill="#ffffff"/>"##));
    }

    #[test]
    fn signed_dollars_are_linear_then_logarithmic() {
        let place = |value| Scale::SignedDollars.place(value);
        for (value, expected) in [(0.0, 0.0), (5.0, 0.5), (10.0, 1.0), (100.0, 2.0), (-1000.0, -3.0)] {
            assert_abs_diff_eq!(place(value), expected, epsilon = 1e-12);
        }
        assert_eq!(dollar_tick(-3.0), r"-\$1,000");
        assert_eq!(dollar_tick(1.0), r"\$10");
        assert_eq!(dollar_tick(0.0), r"\$0");
    }

    #[test]
    fn points_that_are_not_finite_are_left_out() {
        let line =
            Series { name: "a".into(), points: vec![(0.0, f64::NAN), (1.0, 2.0), (2.0, f64::INFINITY), (3.0, 1.0)] };
        let svg = lines(&axes(Scale::Plain), &[line]);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    #[should_panic(expected = "values of a and groups")]
    fn bars_need_a_value_for_each_group() {
        bars(&axes(Scale::Plain), &["1".into(), "2".into()], &[("a".into(), vec![1.0])]);
    }
}
