//! The losses of the first table: the library's own.

use minimand::prelude::*;
use minimand_peers::{Case, Input};

use crate::Formula;

fn class_labels(input: &Input) -> Labels {
    Labels::new(input.indices(), input.classes.expect("classes")).expect("labels below the number of classes")
}

/// The labels among a case's inputs.
pub fn labels(case: &Case) -> Labels {
    case.inputs.iter().find(|input| input.classes.is_some()).map(class_labels).expect("the case has labels")
}

/// The formula of a case, if it is of this table.
pub fn formula(case: &Case) -> Option<Formula> {
    let number = |name: &str| case.number(name);
    let known = || labels(case);
    Some(match case.loss.as_str() {
        "mse" => Box::new(|x| squared_error(&x[0], &x[1])),
        "mae" => Box::new(|x| absolute_error(&x[0], &x[1])),
        "huber" => {
            let delta = number("delta");
            Box::new(move |x| huber(&x[0], &x[1], delta))
        }
        "bce" => Box::new(|x| binary_cross_entropy_with_logits(&x[0], &x[1])),
        "binary_focal" => {
            let options = FocalOptions { alpha: Some(number("alpha")), gamma: number("gamma") };
            Box::new(move |x| binary_focal(&x[0], &x[1], options))
        }
        "cross_entropy" => {
            let (labels, label_smoothing) = (known(), number("smoothing"));
            let options = CrossEntropyOptions { label_smoothing, ..Default::default() };
            Box::new(move |x| cross_entropy_with(&x[0], &labels, options.clone()))
        }
        "softmax_focal" => {
            let (labels, options) = (known(), CategoricalFocalOptions { gamma: number("gamma"), ..Default::default() });
            Box::new(move |x| categorical_focal(&x[0], &labels, options.clone()))
        }
        "kl" => Box::new(|x| kl_divergence(&x[0].log_softmax(-1), &x[1])),
        "vae_kl" => Box::new(|x| gaussian_kl_to_standard_normal(&x[0], &x[1])),
        "info_nce" => {
            let temperature = number("temperature");
            Box::new(move |x| info_nce_symmetric(&x[0], &x[1], temperature))
        }
        "triplet" => {
            let margin = number("margin");
            Box::new(move |x| triplet_margin(&x[0], &x[1], &x[2], TripletOptions { margin, ..Default::default() }))
        }
        "batch_hard_triplet" => {
            let (labels, margin) = (known(), Margin::Hard(number("margin")));
            let options = BatchHardOptions { margin, ..Default::default() };
            Box::new(move |x| batch_hard_triplet(&x[0], &labels, options))
        }
        "pairwise_logistic" => Box::new(|x| pairwise_logistic(&x[0], &x[1], None)),
        "list_net" => Box::new(|x| list_net(&x[0], &x[1], None)),
        "approx_ndcg" => {
            let temperature = number("temperature");
            Box::new(move |x| approx_ndcg(&x[0], &x[1], None, temperature))
        }
        "gaussian_nll" => Box::new(|x| gaussian_nll_log_variance(&x[0], &x[2], &x[1])),
        "poisson_nll" => Box::new(|x| poisson_nll_log_rate(&x[0], &x[1], false)),
        "quantile" => {
            let tau = number("tau");
            Box::new(move |x| quantile(&x[0], &x[1], tau))
        }
        "log_cosh" => Box::new(|x| log_cosh(&x[0], &x[1])),
        _ => return None,
    })
}
