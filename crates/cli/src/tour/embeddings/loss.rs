//! The losses and the miners, each as it is trained: from the embeddings of a batch to one number.

use minimand::prelude::*;

use super::{DIMENSIONS, EmbeddingLoss};

/// Letters in a batch, and rows of each.
pub(super) const LETTERS: usize = 12;
pub(super) const ROWS: usize = 8;

/// The same where a batch is to hold few triplets to choose from.
pub(super) const FEW_LETTERS: usize = 6;
pub(super) const FEW_ROWS: usize = 4;

/// Share of the steps with random triplets, where the hardest come after.
pub(super) const WARM_UP: f64 = 0.3;

/// What ArcFace's cosines are multiplied by.
pub(super) const SCALE: f64 = 16.0;

impl EmbeddingLoss {
    /// What is tried, as many for each loss: margins or temperatures, from small to large.
    pub(super) fn settings(self) -> Vec<f64> {
        match self {
            Self::Contrastive => vec![1.0, 2.0, 4.0],
            Self::RandomTriplets | Self::AllTriplets | Self::SemiHard | Self::EasyPositive | Self::BatchHard => {
                vec![0.5, 1.0, 2.0]
            }
            Self::InfoNce | Self::SupCon => vec![0.1, 0.3, 1.0],
            Self::ArcFace => vec![0.1, 0.3, 0.5],
            Self::OnTheSphere => vec![0.2, 0.4, 0.8],
            Self::SoftMargin | Self::AfterWarmUp | Self::OfFew => Vec::new(),
        }
    }

    /// Whether only the direction of an embedding counts.
    pub(super) fn by_direction(self) -> bool {
        match self {
            Self::InfoNce | Self::SupCon | Self::ArcFace | Self::OnTheSphere => true,
            Self::Contrastive
            | Self::RandomTriplets
            | Self::AllTriplets
            | Self::SemiHard
            | Self::EasyPositive
            | Self::BatchHard
            | Self::SoftMargin
            | Self::AfterWarmUp
            | Self::OfFew => false,
        }
    }

    /// Letters in a batch and rows of each.
    pub(super) fn batch(self) -> (usize, usize) {
        if self == Self::OfFew { (FEW_LETTERS, FEW_ROWS) } else { (LETTERS, ROWS) }
    }

    /// The loss of an embedding that has everything in one place; nothing where it is no fixed number.
    pub(super) fn of_one_point(self, setting: f64) -> Option<f64> {
        let (letters, rows) = self.batch();
        match self {
            Self::InfoNce => Some((letters as f64).ln()),
            Self::SupCon => Some(((letters * rows - 1) as f64).ln()),
            Self::ArcFace => None,
            Self::SoftMargin => Some(2_f64.ln()),
            Self::Contrastive
            | Self::RandomTriplets
            | Self::AllTriplets
            | Self::SemiHard
            | Self::EasyPositive
            | Self::BatchHard
            | Self::OnTheSphere
            | Self::AfterWarmUp
            | Self::OfFew => Some(setting),
        }
    }
}

/// A loss with its margin or temperature, for batches of `letters` times `rows`: row after row, in each the letters in one order.
pub(super) struct Objective {
    loss: EmbeddingLoss,
    setting: f64,
    letters: usize,
    rows: usize,
    /// Of all like and of all unlike pairs: the same in every batch.
    masks: (Tensor, Tensor),
    /// ArcFace's direction of each letter.
    pub(super) directions: Parameter,
}

impl Objective {
    /// Of so many letters that are trained on.
    pub(super) fn new(loss: EmbeddingLoss, setting: f64, classes: usize, rng: &mut Rng) -> Self {
        let (letters, rows) = loss.batch();
        let places: Vec<usize> = (0..letters * rows).map(|place| place % letters).collect();
        let labels = Labels::new(places, letters).expect("places are below their number");
        Self {
            loss,
            setting,
            letters,
            rows,
            masks: AllMiner.pairs(&labels).masks(letters * rows),
            directions: Parameter::new("directions", Tensor::normal([classes, DIMENSIONS], rng)),
        }
    }

    /// Of a batch, at a share of the training's steps.
    pub(super) fn of(&self, embeddings: &Tensor, labels: &Labels, done: f64, rng: &mut Rng) -> Tensor {
        use EmbeddingLoss as E;
        let margin = self.setting;
        let hardest = |margin: Margin| {
            batch_hard_triplet(embeddings, labels, BatchHardOptions { margin, ..BatchHardOptions::default() }).mean()
        };
        match self.loss {
            E::Contrastive => {
                let options = ContrastivePairsOptions {
                    positive_margin: 0.0,
                    negative_margin: margin,
                    normalize: false,
                    ..ContrastivePairsOptions::default()
                };
                let loss = contrastive_pairs(embeddings, labels, options);
                // Apart, or the many unlike pairs that are done would hide the few that are not.
                Masked::new(&loss, &self.masks.0).mean_nonzero() + Masked::new(&loss, &self.masks.1).mean_nonzero()
            }
            E::RandomTriplets => self.triplets(&self.random(rng), embeddings),
            E::OnTheSphere => self.triplets(&self.random(rng), &embeddings.normalize(-1)),
            E::AllTriplets => {
                let miner = TripletMarginMiner { margin, normalize: false, ..TripletMarginMiner::default() };
                self.triplets(&miner.mine(embeddings, labels), embeddings)
            }
            E::SemiHard => self.triplets(&mined(Hardness::Hard, Hardness::SemiHard, embeddings, labels), embeddings),
            E::EasyPositive => {
                self.triplets(&mined(Hardness::Easy, Hardness::SemiHard, embeddings, labels), embeddings)
            }
            E::InfoNce => {
                // Sets of one pair of each letter: no other key of a set is of the query's letter.
                let set = |number: usize| embeddings.slice(0, number * self.letters..(number + 1) * self.letters);
                let pairs = (0..self.rows / 2).map(|pair| info_nce(&set(2 * pair), &set(2 * pair + 1), self.setting));
                Tensor::stack(&pairs.collect::<Vec<Tensor>>(), 0).mean()
            }
            E::SupCon => supcon(embeddings, labels, self.setting).mean(),
            E::ArcFace => {
                let options = ArcFaceOptions { margin, scale: SCALE };
                arc_face(embeddings, labels, &self.directions.value(), options).mean()
            }
            E::AfterWarmUp if done < WARM_UP => self.triplets(&self.random(rng), embeddings),
            E::BatchHard | E::AfterWarmUp | E::OfFew => hardest(Margin::Hard(margin)),
            E::SoftMargin => hardest(Margin::Soft),
        }
    }

    /// One triplet for each row, of places in the batch.
    fn random(&self, rng: &mut Rng) -> Triplets {
        let triplet = |anchor: usize| {
            let (row, letter) = (anchor / self.letters, anchor % self.letters);
            let other = (row + 1 + rng.below(self.rows - 1)) % self.rows;
            let another = (letter + 1 + rng.below(self.letters - 1)) % self.letters;
            [anchor, other * self.letters + letter, rng.below(self.rows) * self.letters + another]
        };
        Triplets((0..self.letters * self.rows).map(triplet).collect())
    }

    /// Mean of some triplets; 0 of none.
    fn triplets(&self, triplets: &Triplets, embeddings: &Tensor) -> Tensor {
        if triplets.0.is_empty() {
            return embeddings.sum() * 0.0;
        }
        let [anchor, positive, negative] = triplets.of(embeddings);
        let options = TripletOptions { margin: self.setting, ..TripletOptions::default() };
        triplet_margin(&anchor, &positive, &negative, options).mean()
    }
}

fn mined(positive: Hardness, negative: Hardness, embeddings: &Tensor, labels: &Labels) -> Triplets {
    let miner = BatchEasyHardMiner { positive, negative, normalize: false, ..BatchEasyHardMiner::default() };
    miner.mine(embeddings, labels)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    fn batch(loss: EmbeddingLoss) -> Labels {
        let (letters, rows) = loss.batch();
        Labels::new((0..letters * rows).map(|place| place % letters).collect::<Vec<usize>>(), 20).unwrap()
    }

    /// Every contender is tried as often; what collapses takes its setting from one that was tried.
    #[test]
    fn tuning_is_equal() {
        for loss in EmbeddingLoss::CONTENDERS {
            assert_eq!(loss.settings().len(), 3, "{loss:?}");
            assert!(loss.settings().is_sorted());
        }
        assert!(EmbeddingLoss::VARIATIONS.iter().all(|loss| loss.settings().is_empty()));
    }

    /// An embedding in one place has the loss that the report compares a stuck training with.
    #[test]
    fn a_point_has_the_loss_that_is_said() {
        let mut rng = Rng::seed(1);
        for loss in EmbeddingLoss::CONTENDERS.into_iter().chain(EmbeddingLoss::VARIATIONS) {
            let setting = 0.7;
            let objective = Objective::new(loss, setting, 20, &mut rng);
            let (letters, rows) = loss.batch();
            let point = Tensor::full([letters * rows, DIMENSIONS], 0.3);
            let found = objective.of(&point, &batch(loss), 1.0, &mut rng).item();
            match (loss, loss.of_one_point(setting)) {
                // Nothing is farther than the positive in one place.
                (EmbeddingLoss::SemiHard | EmbeddingLoss::EasyPositive, _) => assert_eq!(found, 0.0),
                (_, Some(said)) => assert_relative_eq!(found, said, max_relative = 1e-5),
                (loss, None) => assert_eq!(loss, EmbeddingLoss::ArcFace),
            }
        }
    }

    #[test]
    fn random_triplets_are_triplets() {
        let mut rng = Rng::seed(1);
        let objective = Objective::new(EmbeddingLoss::RandomTriplets, 1.0, 20, &mut rng);
        let mut negatives = std::collections::BTreeSet::new();
        for _ in 0..20 {
            for [anchor, positive, negative] in objective.random(&mut rng).0 {
                assert!(anchor != positive && anchor % LETTERS == positive % LETTERS && positive < LETTERS * ROWS);
                assert_ne!(anchor % LETTERS, negative % LETTERS);
                negatives.insert(negative);
            }
        }
        assert_eq!(negatives.len(), LETTERS * ROWS);
    }
}
