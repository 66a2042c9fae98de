//! The decision: what each threshold costs, with costs that the reader can move.

use super::{at_x, line, short};
use crate::page::{Figure, Grid};
use crate::report::plot::{PALETTE, rendered, styled};

/// The numbers of a decision at every threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct ThresholdPanel {
    /// The loss whose probabilities decide.
    pub name: String,
    /// What a missed positive costs.
    pub miss: f64,
    /// What a false alarm costs.
    pub alarm: f64,
    /// Rows.
    pub rows: usize,
    /// Positive rows.
    pub positives: usize,
    /// Threshold, rows flagged, positives among them; thresholds rise.
    pub steps: Vec<(f64, usize, usize)>,
}

impl ThresholdPanel {
    /// Cost of all rows at a step.
    fn cost(&self, (_, flagged, caught): (f64, usize, usize)) -> f64 {
        self.miss * (self.positives - caught) as f64 + self.alarm * (flagged - caught) as f64
    }

    /// The plot at the given costs; nothing without a step.
    pub fn figure(&self) -> Option<Figure> {
        let best = *self.steps.iter().min_by(|a, b| self.cost(**a).total_cmp(&self.cost(**b)))?;
        let per_thousand = 1000.0 / self.rows as f64;
        let curve = self.steps.iter().map(|&step| (step.0, self.cost(step) * per_thousand));
        let plots = vec![line(curve, PALETTE[0], &self.name).into()];
        let title = format!("Cost at each threshold: a miss {}, an alarm {}", short(self.miss), short(self.alarm));
        let theory = self.alarm / (self.alarm + self.miss);
        let layout = styled(&title, "act at or above this probability", "cost per 1,000 rows", &plots)
            .with_reference_line(at_x(theory).with_label("by the costs"));
        let mut grid =
            Grid::new(title.clone(), &["threshold", "flagged", "caught", "false alarms", "missed", "cost per 1,000"]);
        for &step in self.steps.iter().step_by(self.steps.len().div_ceil(40)) {
            let (threshold, flagged, caught) = step;
            let counts = [flagged, caught, flagged - caught, self.positives - caught].map(|count| count.to_string());
            grid.row([vec![short(threshold)], counts.to_vec(), vec![short(self.cost(step) * per_thousand)]].concat());
        }
        let caption = format!(
            "For probabilities that mean what they say the cheapest threshold is alarm / (alarm + miss) = {}; here the lowest \
             cost is at {}, with {} of {} positives caught.",
            short(theory),
            short(best.0),
            best.2,
            self.positives
        );
        let alternative = format!("{title}. {caption}");
        Some(Figure { name: "threshold", svg: rendered(plots, layout, &alternative), caption, numbers: Some(grid) })
    }

    /// Two fields for the costs and what follows from them, as HTML with its own script; the numbers are inside.
    pub fn panel(&self) -> String {
        let steps: Vec<String> = self
            .steps
            .iter()
            .map(|(threshold, flagged, caught)| format!("[{threshold:.6},{flagged},{caught}]"))
            .collect();
        format!(
            "<form class=\"costs\" data-rows=\"{}\" data-positives=\"{}\">\n\
             <label>a miss costs <input name=\"miss\" type=\"number\" min=\"0\" step=\"any\" value=\"{}\"></label>\n\
             <label>an alarm costs <input name=\"alarm\" type=\"number\" min=\"0\" step=\"any\" value=\"{}\"></label>\n\
             <output aria-live=\"polite\"></output>\n</form>\n<script>\n(() => {{\n\
             const steps = [{}];\n{SCRIPT}}})();\n</script>\n",
            self.rows,
            self.positives,
            self.miss,
            self.alarm,
            steps.join(",")
        )
    }
}

const SCRIPT: &str = "const form = document.currentScript.previousElementSibling;
const rows = Number(form.dataset.rows), positives = Number(form.dataset.positives);
const show = () => {
  const miss = Number(form.miss.value), alarm = Number(form.alarm.value);
  if (!(miss > 0) || !(alarm > 0)) { form.querySelector('output').textContent = 'Both costs have to be above 0.'; return; }
  const cost = ([, flagged, caught]) => miss * (positives - caught) + alarm * (flagged - caught);
  const theory = alarm / (alarm + miss);
  const act = steps.find(step => step[0] >= theory) || [1, 0, 0];
  const best = steps.reduce((a, b) => cost(b) < cost(a) ? b : a);
  const money = value => Math.round(value * 1000 / rows).toLocaleString('en');
  form.querySelector('output').textContent =
    `Act at or above ${theory.toPrecision(3)}: ${act[1]} flagged, ${act[2]} of ${positives} caught, ` +
    `cost ${money(cost(act))} per 1,000 rows. The lowest cost on these rows, ${money(cost(best))}, is at ${best[0].toPrecision(3)}.`;
};
form.addEventListener('input', show);
form.addEventListener('submit', event => event.preventDefault());
show();
";
