//! Chapter 7 as a page.

use super::{Chapter, ListKind, Orders, RankedSet, train::MU, verdict};
use crate::{
    page::{Figure, Grid, Page},
    report::plot::{Axes, Scale, bars},
    terminal::number::{Unit, count, figure, one, spread},
    tour::{chapter::Chapter as _, contrast::Contrast, listed},
};

impl Orders {
    /// The chapter: what was done, the figures, the pictures, the verdict.
    pub fn page(&self) -> Page {
        Page {
            grids: self.sets.iter().map(|set| self.scores(set)).collect(),
            figures: vec![self.bars()],
            verdict: verdict(self),
            ..self.opening()
        }
    }

    /// Title and lead alone: known before the trainings.
    pub(super) fn opening(&self) -> Page {
        Page { title: Chapter.title().into(), lead: self.lead(), ..Page::default() }
    }

    fn lead(&self) -> Vec<String> {
        let rates: Vec<String> = self.learning_rates.iter().map(f64::to_string).collect();
        let sets = self.sets.iter().map(|set| {
            let lists = count(set.lists as f64);
            match set.kind {
                ListKind::Travel => format!(
                    "{lists} people chose one of {} ways to travel, by {} columns of times, costs and the person.",
                    set.items, set.features
                ),
                ListKind::Made => format!(
                    "{lists} lists of {} items have grades from 0 to 4, made from {} columns by a formula that is not \
                     linear, and noise.",
                    set.items, set.features
                ),
            }
        });
        vec![
            ["Which item should come first?".to_owned()].into_iter().chain(sets).collect::<Vec<_>>().join(" "),
            format!(
                "Only the loss differs. The network scores each item, with one hidden layer of 24 ReLUs; AdamW trains it \
                 for at most {} epochs in batches of 32 lists, with weight decay 0.01 and a learning rate that falls to 0 \
                 from {}. {} with the highest NDCG on a fifth of the training lists that is kept \
                 from training: the same measure for every loss. {} folds{}; a list is never in two parts. LambdaLoss is \
                 NDCG-Loss2++ with μ = {MU}; squared error is of each item's grade.",
                self.epochs,
                listed(&rates.iter().map(String::as_str).collect::<Vec<_>>(), "or"),
                if rates.len() > 1 { "Learning rate and epoch are those" } else { "Kept are the weights of the epoch" },
                self.folds,
                match self.repeats {
                    1 => String::new(),
                    repeats => format!(", {repeats} times"),
                },
            ),
        ]
    }

    fn scores(&self, set: &RankedSet) -> Grid {
        let header = ["loss", "NDCG", "best item first", "against squared error", "p", "epoch kept"];
        let mut grid = Grid::new(format!("{}, on test lists", crate::page::capitalised(set.kind.in_words())), &header);
        for found in &set.losses {
            let against = found.p.and_then(|_| set.losses.first()).map_or_else(
                || "–".to_owned(),
                |first| Contrast::of(&found.ndcg, &first.ndcg, self.ratio()).in_words(Unit::Places(3)),
            );
            grid.row(vec![
                found.loss.name().into(),
                spread(&found.ndcg, Unit::Places(3)),
                spread(&found.best_first, Unit::Percent),
                against,
                found.p.map_or_else(|| "–".to_owned(), |p| figure(p, 2)),
                spread(&found.kept_epoch, Unit::Count),
            ]);
        }
        grid.with_note(format!(
            "Mean ± standard deviation over the splits; a random order has NDCG {}. In brackets a 95 % interval, corrected \
             for the training lists that the splits share (Nadeau & Bengio 2003). p: randomisation test over the lists.",
            one(set.by_chance, Unit::Places(3)),
        ))
    }

    /// What each loss gains on a random order.
    fn bars(&self) -> Figure {
        let axes = Axes {
            title: "How much better than a random order?".into(),
            x: "loss".into(),
            y: "of the way to the best order".into(),
            scale: Scale::Percent,
        };
        let groups: Vec<String> = (self.sets.first().into_iter())
            .flat_map(|set| &set.losses)
            .map(|found| found.loss.name().to_owned())
            .collect();
        let gained = |set: &RankedSet| {
            let share = |ndcg: f64| (ndcg - set.by_chance) / (1.0 - set.by_chance);
            set.losses.iter().map(|found| share(found.ndcg.mean())).collect::<Vec<f64>>()
        };
        let series: Vec<(String, Vec<f64>)> =
            self.sets.iter().map(|set| (set.kind.in_words().to_owned(), gained(set))).collect();
        Figure {
            name: "ranking-ndcg",
            svg: bars(&axes, &groups, &series),
            caption: "Mean NDCG over the splits, from that of a random order (0 %) to that of the best (100 %).".into(),
            numbers: None,
        }
    }
}
