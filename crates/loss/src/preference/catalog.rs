//! The entries of this family.

use minimand_tensor::{DType, Rng, Tensor};

use super::*;
use crate::catalog::*;

const PAIR: [Input; 2] = [real("chosen", "[…]"), real("rejected", "[…]")];
const POLICIES: &[Input] = &[
    real("policy_chosen", "[…]"),
    real("policy_rejected", "[…]"),
    real("reference_chosen", "[…]").fixed(),
    real("reference_rejected", "[…]").fixed(),
];
const BETA: Parameter = number("beta", 0.1).above(0.0);

type Policies = fn(&Tensor, &Tensor, &Tensor, &Tensor, DpoOptions) -> Tensor;

fn of_policies(given: &Given, loss: Policies) -> Tensor {
    let options = DpoOptions { beta: given.number("beta"), label_smoothing: given.number("label_smoothing") };
    let [chosen, rejected] = ["policy_chosen", "policy_rejected"].map(|name| given.tensor(name));
    let [of_chosen, of_rejected] = ["reference_chosen", "reference_rejected"].map(|name| given.tensor(name));
    loss(chosen, rejected, of_chosen, of_rejected, options)
}

/// Logarithms of probabilities per token.
fn per_token(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed);
    let mut draw = || -(0.5 * Tensor::normal([9], &mut rng)).exp().cast(DType::F64).computed().detach();
    Arguments::new().tensor("chosen", draw().computed().detach()).tensor("rejected", draw().computed().detach())
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "bradley_terry",
        rows: &["Preference: Bradley-Terry reward-model loss"],
        tier: 3,
        aliases: &[("usual", "BradleyTerry"), ("TRL", "RewardTrainer")],
        inputs: &[PAIR[0], PAIR[1], real("margin", "[…]").fixed().optional()],
        output: "[…]",
        compute: |given| bradley_terry(given.tensor("chosen"), given.tensor("rejected"), given.optional("margin")),
        ..Entry::of(include_str!("direct.rs"))
    },
    Entry {
        name: "dpo",
        rows: &["DPO", "cDPO / rDPO (robust)"],
        tier: 3,
        aliases: &[("usual", "DPO"), ("usual", "cDPO"), ("TRL", "DPOTrainer")],
        inputs: POLICIES,
        parameters: &[BETA, number("label_smoothing", 0.0).at_least(0.0).below(0.5)],
        output: "[…]",
        compute: |given| of_policies(given, dpo),
        ..Entry::of(include_str!("direct.rs"))
    },
    Entry {
        name: "robust_dpo",
        rows: &["cDPO / rDPO (robust)"],
        tier: 3,
        aliases: &[("usual", "rDPO")],
        inputs: POLICIES,
        parameters: &[BETA, number("label_smoothing", 0.0).at_least(0.0).below(0.5)],
        output: "[…]",
        compute: |given| of_policies(given, robust_dpo),
        ..Entry::of(include_str!("direct.rs"))
    },
    Entry {
        name: "ipo",
        rows: &["IPO"],
        tier: 3,
        aliases: &[("usual", "IPO")],
        inputs: POLICIES,
        parameters: &[BETA],
        output: "[…]",
        compute: |given| {
            let [chosen, rejected] = ["policy_chosen", "policy_rejected"].map(|name| given.tensor(name));
            let [of_chosen, of_rejected] = ["reference_chosen", "reference_rejected"].map(|name| given.tensor(name));
            ipo(chosen, rejected, of_chosen, of_rejected, given.number("beta"))
        },
        ..Entry::of(include_str!("direct.rs"))
    },
    Entry {
        name: "kto",
        rows: &["KTO"],
        tier: 3,
        aliases: &[("usual", "KTO"), ("TRL", "KTOTrainer")],
        inputs: &[
            real("policy", "[…]"),
            real("reference", "[…]").fixed(),
            mask("desirable", "[…]"),
            real("divergence", "[]").fixed(),
        ],
        parameters: &[BETA, number("desirable_weight", 1.0).above(0.0), number("undesirable_weight", 1.0).above(0.0)],
        output: "[…]",
        compute: |given| {
            let options = KtoOptions {
                beta: given.number("beta"),
                desirable_weight: given.number("desirable_weight"),
                undesirable_weight: given.number("undesirable_weight"),
            };
            let (policy, reference) = (given.tensor("policy"), given.tensor("reference"));
            kto(policy, reference, given.tensor("desirable"), given.tensor("divergence"), options)
        },
        ..Entry::of(include_str!("kto.rs"))
    },
    Entry {
        name: "orpo",
        rows: &["ORPO"],
        tier: 3,
        aliases: &[("usual", "ORPO"), ("TRL", "ORPOTrainer")],
        inputs: &[PAIR[0], PAIR[1]],
        parameters: &[number("lambda", 0.1).at_least(0.0)],
        output: "[…]",
        draw: Some(per_token),
        compute: |given| orpo(given.tensor("chosen"), given.tensor("rejected"), given.number("lambda")),
        ..Entry::of(include_str!("reference_free.rs"))
    },
    Entry {
        name: "simpo",
        rows: &["SimPO"],
        tier: 3,
        aliases: &[("usual", "SimPO")],
        inputs: &[PAIR[0], PAIR[1]],
        parameters: &[number("beta", 2.0).above(0.0), number("gamma", 1.0)],
        output: "[…]",
        compute: |given| {
            simpo(
                given.tensor("chosen"),
                given.tensor("rejected"),
                SimpoOptions { beta: given.number("beta"), gamma: given.number("gamma") },
            )
        },
        ..Entry::of(include_str!("reference_free.rs"))
    },
    Entry {
        name: "cpo",
        rows: &["CPO"],
        tier: 3,
        aliases: &[("usual", "CPO"), ("TRL", "CPOTrainer")],
        inputs: &[PAIR[0], PAIR[1]],
        parameters: &[BETA, number("alpha", 1.0).at_least(0.0)],
        output: "[…]",
        compute: |given| {
            cpo(
                given.tensor("chosen"),
                given.tensor("rejected"),
                CpoOptions { beta: given.number("beta"), alpha: given.number("alpha") },
            )
        },
        ..Entry::of(include_str!("reference_free.rs"))
    },
    Entry {
        name: "slic",
        rows: &["SLiC-HF / RRHF"],
        tier: 3,
        aliases: &[("usual", "SLiC-HF")],
        inputs: &[PAIR[0], PAIR[1], real("target", "[…]")],
        parameters: &[number("margin", 1.0), number("weight", 0.1).at_least(0.0)],
        output: "[…]",
        compute: |given| {
            let options = SlicOptions { margin: given.number("margin"), weight: given.number("weight") };
            slic(given.tensor("chosen"), given.tensor("rejected"), given.tensor("target"), options)
        },
        ..Entry::of(include_str!("reference_free.rs"))
    },
    Entry {
        name: "policy_gradient",
        rows: &["Policy gradient / REINFORCE, A2C value, entropy bonus"],
        tier: 3,
        aliases: &[("usual", "REINFORCE"), ("usual", "A2C")],
        inputs: &[real("log_probabilities", "[…]"), real("advantages", "[…]").fixed()],
        output: "[…]",
        compute: |given| policy_gradient(given.tensor("log_probabilities"), given.tensor("advantages")),
        ..Entry::of(include_str!("policy.rs"))
    },
    Entry {
        name: "ppo_clip",
        rows: &["PPO clip / GRPO surrogate"],
        tier: 3,
        aliases: &[("usual", "PPO"), ("TorchRL", "ClipPPOLoss"), ("TRL", "GRPO")],
        inputs: &[
            real("log_probabilities", "[…]"),
            real("old_log_probabilities", "[…]").fixed(),
            real("advantages", "[…]").fixed(),
        ],
        parameters: &[number("epsilon", 0.2).above(0.0).below(1.0)],
        output: "[…]",
        compute: |given| {
            let old = given.tensor("old_log_probabilities");
            ppo_clip(given.tensor("log_probabilities"), old, given.tensor("advantages"), given.number("epsilon"))
        },
        ..Entry::of(include_str!("policy.rs"))
    },
    Entry {
        name: "entropy_bonus",
        rows: &["Policy gradient / REINFORCE, A2C value, entropy bonus"],
        tier: 3,
        aliases: &[("TorchRL", "entropy_loss")],
        inputs: &[real("logits", "[…, actions]")],
        output: "[…]",
        compute: |given| entropy_bonus(given.tensor("logits")),
        ..Entry::of(include_str!("policy.rs"))
    },
    Entry {
        name: "temporal_difference",
        rows: &["TD / Huber Q loss, distributional C51, QR-DQN"],
        tier: 3,
        aliases: &[("TorchRL", "DQNLoss"), ("usual", "td_error")],
        inputs: &[
            real("value", "[…]"),
            real("reward", "[…]").fixed(),
            real("next_value", "[…]").fixed(),
            mask("terminal", "[…]"),
        ],
        parameters: &[number("discount", 0.99).at_least(0.0).at_most(1.0), number("delta", 1.0).above(0.0)],
        output: "[…]",
        compute: |given| {
            let options =
                TemporalDifferenceOptions { discount: given.number("discount"), delta: given.number("delta") };
            let [value, reward, next] = ["value", "reward", "next_value"].map(|name| given.tensor(name));
            temporal_difference(value, reward, next, given.tensor("terminal"), options)
        },
        ..Entry::of(include_str!("policy.rs"))
    },
];
