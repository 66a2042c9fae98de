//! Figures over the epochs of a training, which every chapter shows: a line for each loss, the first seed.

use super::Epoch;
use crate::{
    page::Figure,
    report::plot::{Axes, Scale, Series, lines},
};

/// The epochs that each line of a chapter's figures is drawn from, by the line's name.
pub(super) type Trainings<'a> = Vec<(String, &'a [Epoch])>;

/// Who steers the training: the share of the gradient that some rows hold, after each epoch.
pub(super) fn gradient_share(
    name: &'static str,
    rows: &str,
    scale: Scale,
    trainings: &Trainings<'_>,
    caption: &str,
) -> Figure {
    let axes = Axes {
        title: format!("Who steers the training: {rows}"),
        x: "epoch".into(),
        y: "share of the gradient".into(),
        scale,
    };
    over_epochs(name, &axes, trainings, |epoch, _| epoch.gradient_share, caption.into())
}

/// Training loss after each epoch over that after the first: losses whose `measures` differ, on one axis.
pub(super) fn training_loss(name: &'static str, trainings: &Trainings<'_>, measures: &str) -> Figure {
    let figure = |epoch: &Epoch, first: &Epoch| epoch.training_loss / first.training_loss;
    let caption =
        format!("At the end of each epoch; each loss over its own first value: their {measures} differ. First seed.");
    over_epochs(name, &loss_axes("Loss on the training rows"), trainings, figure, caption)
}

/// Validation loss after each epoch over that after the first.
pub(super) fn validation_loss(name: &'static str, trainings: &Trainings<'_>) -> Figure {
    let figure = |epoch: &Epoch, first: &Epoch| epoch.validation_loss / first.validation_loss;
    let caption = "The weights of each line's lowest point are kept. First seed.".into();
    over_epochs(name, &loss_axes("Loss on the validation rows"), trainings, figure, caption)
}

fn loss_axes(title: &str) -> Axes {
    Axes { title: title.into(), x: "epoch".into(), y: "loss / that of epoch 1".into(), scale: Scale::Plain }
}

fn over_epochs(
    name: &'static str,
    axes: &Axes,
    trainings: &Trainings<'_>,
    figure: impl Fn(&Epoch, &Epoch) -> f64,
    caption: String,
) -> Figure {
    let series = |(name, epochs): &(String, &[Epoch])| Series { name: name.clone(), points: points(epochs, &figure) };
    Figure { name, svg: lines(axes, &trainings.iter().map(series).collect::<Vec<_>>()), caption, numbers: None }
}

/// `figure` of each epoch and the first, by the epoch's number; the untrained network is left out.
fn points(epochs: &[Epoch], figure: impl Fn(&Epoch, &Epoch) -> f64) -> Vec<(f64, f64)> {
    let trained = epochs.get(1..).unwrap_or_default();
    trained.iter().map(|epoch| (epoch.number as f64, figure(epoch, &trained[0]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_trained_epoch_is_the_measure_and_the_untrained_network_is_left_out() {
        let epoch = |number, training_loss| Epoch { number, training_loss, validation_loss: 0.0, gradient_share: 0.0 };
        let ratio = |epoch: &Epoch, first: &Epoch| epoch.training_loss / first.training_loss;
        assert_eq!(points(&[epoch(0, 9.0), epoch(1, 4.0), epoch(2, 1.0)], ratio), [(1.0, 1.0), (2.0, 0.25)]);
        assert_eq!(points(&[], ratio), []);
    }
}
