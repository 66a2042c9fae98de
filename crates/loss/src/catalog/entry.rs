//! One loss of the catalogue.

use std::fmt;

use minimand_tensor::Tensor;

use super::arguments::{Arguments, Given};
use super::documentation::Documentation;
use super::domain::Input;
use super::error::ArgumentError;
use super::formula::Formula;
use super::parameter::Parameter;
use super::statistic::Estimate;

/// A loss: its names, what it takes and gives, what it estimates, and how to compute it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name of its function.
    pub name: &'static str,
    /// Which rows of the field's list of losses it covers, under their names there.
    pub rows: &'static [&'static str],
    /// How expected it is: 1, every user expects it; 2, another library has it; 3, none has.
    pub tier: u8,
    /// Its names elsewhere: library and name.
    pub aliases: &'static [(&'static str, &'static str)],
    /// The tensors that go in.
    pub inputs: &'static [Input],
    /// The numbers and words that go in.
    pub parameters: &'static [Parameter],
    /// The shape of the loss, in the symbols of the inputs' shapes; `[]` is one number.
    pub output: &'static str,
    /// What its minimiser is, where that is one statistic of the target.
    pub estimates: Option<Estimate>,
    /// The formula on arguments that are known to be complete.
    pub(crate) compute: fn(&Given) -> Tensor,
    /// The mean, where it is not the sum over the number of losses.
    pub(crate) average: Option<fn(&Given, &Tensor) -> Tensor>,
    /// The formula in LaTeX, where its text is in a notation of the paper's own that no test reads; an oracle stands for it there.
    pub latex: Option<&'static str>,
    /// Arguments to try it with, where random ones from the domains will not do; from a seed.
    pub(crate) draw: Option<fn(u64) -> Arguments>,
    /// The source file, which holds the documentation.
    pub(crate) source: &'static str,
}

impl Entry {
    /// An entry to complete, of a function in the given source text.
    pub(crate) const fn of(source: &'static str) -> Entry {
        Entry {
            name: "",
            rows: &[],
            tier: 3,
            aliases: &[],
            inputs: &[],
            parameters: &[],
            output: "…",
            estimates: None,
            compute: |_| unreachable!("an entry says how to compute"),
            average: None,
            latex: None,
            draw: None,
            source,
        }
    }

    /// The family to which it belongs.
    pub fn family(&self) -> Family {
        let holds =
            |(_, lists): &&(Family, &[&[Entry]])| lists.iter().copied().flatten().any(|entry| entry.name == self.name);
        super::FAMILIES.iter().find(holds).expect("entries stand in families").0
    }

    /// What its documentation says, section by section.
    pub fn documentation(&self) -> Documentation {
        Documentation::find(self.source, self.name)
            .unwrap_or_else(|| panic!("{}: its source has no documentation of it", self.name))
    }

    /// Its formula in LaTeX, for a displayed equation.
    pub fn latex(&self) -> String {
        self.latex.map_or_else(|| Formula::parse(&self.documentation().formula).latex(), Into::into)
    }

    /// The unreduced loss.
    ///
    /// # Errors
    /// Names the argument that is missing, superfluous, of the wrong shape or out of its domain.
    ///
    /// # Panics
    /// As the function itself, where arguments do not fit each other.
    pub fn evaluate(&'static self, arguments: &Arguments) -> Result<Tensor, ArgumentError> {
        Ok((self.compute)(&arguments.complete(self)?))
    }

    /// The mean loss: over the labels that count, where there are labels.
    ///
    /// # Errors
    /// As [`evaluate`](Entry::evaluate).
    ///
    /// # Panics
    /// As [`evaluate`](Entry::evaluate).
    pub fn mean(&'static self, arguments: &Arguments) -> Result<Tensor, ArgumentError> {
        let given = arguments.complete(self)?;
        let loss = (self.compute)(&given);
        Ok(self.average.map_or_else(|| loss.mean(), |average| average(&given, &loss)))
    }

    /// Random arguments from the domains, in double precision, and the parameters' defaults.
    pub fn sample(&'static self, seed: u64) -> Arguments {
        self.draw.map_or_else(|| super::sample::draw(self, seed), |draw| draw(seed))
    }

    /// Whether its arguments depend on each other in ways that the domains do not tell, so that [`sample`](Entry::sample) draws them in a way of
    /// its own.
    pub fn draws_its_own(&self) -> bool {
        self.draw.is_some()
    }

    /// The input of that name.
    pub fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.iter().find(|input| input.name == name)
    }

    /// The parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

/// What a loss is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// How far off is a number?
    Regression,
    /// How likely does a predicted distribution make the data?
    Likelihood,
    /// Times until an event.
    Survival,
    /// Which class?
    Classification,
    /// Classes, when some labels are wrong.
    LabelNoise,
    /// Classes in an order.
    Ordinal,
    /// Do probabilities come true as often as they say?
    Calibration,
    /// What of a batch of losses counts?
    Risk,
    /// Lists of scores.
    Ranking,
    /// Which of two answers is liked better?
    Preference,
    /// Like things near each other.
    Embedding,
    /// Like things near a learned representative.
    Proxy,
    /// Views of the same things near each other.
    SelfSupervised,
    /// How far is one distribution from another?
    Divergence,
    /// How far are the samples of one distribution from those of another?
    Transport,
    /// Bounds and matching objectives of generative models.
    Generative,
    /// A generator and its critic.
    Adversarial,
    /// Sequences of unknown alignment.
    Sequence,
    /// Pictures and signals.
    Image,
    /// Regions of pixels.
    Segmentation,
    /// Bounding boxes.
    Detection,
}

impl Family {
    /// All families, in the order of the catalogue.
    pub fn all() -> impl Iterator<Item = Family> {
        super::FAMILIES.iter().map(|(family, _)| *family)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(match self {
            Family::Regression => "regression",
            Family::Likelihood => "likelihood",
            Family::Survival => "survival",
            Family::Classification => "classification",
            Family::LabelNoise => "label-noise",
            Family::Ordinal => "ordinal",
            Family::Calibration => "calibration",
            Family::Risk => "risk",
            Family::Ranking => "ranking",
            Family::Preference => "preference",
            Family::Embedding => "embedding",
            Family::Proxy => "proxy",
            Family::SelfSupervised => "self-supervised",
            Family::Divergence => "divergence",
            Family::Transport => "transport",
            Family::Generative => "generative",
            Family::Adversarial => "adversarial",
            Family::Sequence => "sequence",
            Family::Image => "image",
            Family::Segmentation => "segmentation",
            Family::Detection => "detection",
        })
    }
}
