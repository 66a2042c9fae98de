//! The entries of this family.

use super::*;
use crate::catalog::*;
use crate::{Labels, squared_error};

const ROW: &[&str] = &["Group DRO / CVaR / tilted (TERM) / V-REx / IRM"];
const LOSSES: Input = real("losses", "[batch]");
const GROUPS: Input = whole("groups", "[batch]");

/// As many groups as the greatest number says.
fn groups(given: &Given) -> Labels {
    let groups: Vec<i64> = given.tensor("groups").to_vec();
    let count = groups.iter().map(|&group| group + 1).max().unwrap_or(0).max(0);
    Labels::new(groups, count as usize).unwrap_or_else(|error| panic!("groups: {error}"))
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "worst_group",
        rows: ROW,
        tier: 3,
        aliases: &[("usual", "worst_group_loss")],
        inputs: &[LOSSES, GROUPS],
        output: "[]",
        compute: |given| worst_group(given.tensor("losses"), &groups(given)),
        ..Entry::of(include_str!("groups.rs"))
    },
    Entry {
        name: "group_dro",
        rows: ROW,
        tier: 3,
        aliases: &[("DomainBed", "GroupDRO")],
        inputs: &[LOSSES, non_negative("weights", "[group]").fixed(), labels("groups", "[batch]", "group")],
        parameters: &[number("step", 0.01).at_least(0.0)],
        output: "[]",
        compute: |given| {
            let (losses, weights) = (given.tensor("losses"), given.tensor("weights"));
            group_dro(losses, given.labels("groups"), weights, given.number("step"))
        },
        ..Entry::of(include_str!("groups.rs"))
    },
    Entry {
        name: "risk_extrapolation",
        rows: ROW,
        tier: 3,
        aliases: &[("DomainBed", "VREx")],
        inputs: &[LOSSES, GROUPS],
        parameters: &[number("beta", 1.0).at_least(0.0)],
        output: "[]",
        compute: |given| risk_extrapolation(given.tensor("losses"), &groups(given), given.number("beta")),
        ..Entry::of(include_str!("groups.rs"))
    },
    Entry {
        name: "invariant_risk_penalty",
        rows: ROW,
        tier: 3,
        aliases: &[("DomainBed", "IRM"), ("usual", "irm_penalty")],
        inputs: &[real("prediction", "[batch]"), real("target", "[batch]"), GROUPS],
        output: "[groups]",
        compute: |given| {
            let target = given.tensor("target");
            invariant_risk_penalty(given.tensor("prediction"), &groups(given), |x| squared_error(x, target))
        },
        latex: Some(
            r"\ell_k = \left( \left. \frac{\partial}{\partial w} \right|_{w = 1} \frac{1}{n_k} \sum_{i \in k} \mathrm{loss}(w \hat{y}_i)_i \right)^2",
        ),
        ..Entry::of(include_str!("groups.rs"))
    },
    Entry {
        name: "conditional_value_at_risk",
        rows: ROW,
        tier: 3,
        aliases: &[("usual", "CVaR"), ("usual", "expected_shortfall")],
        inputs: &[real("losses", "[…, batch]")],
        parameters: &[number("tail", 0.1).above(0.0).at_most(1.0)],
        output: "[…]",
        compute: |given| conditional_value_at_risk(given.tensor("losses"), given.number("tail")),
        ..Entry::of(include_str!("tail.rs"))
    },
    Entry {
        name: "tilted",
        rows: ROW,
        tier: 3,
        aliases: &[("usual", "TERM"), ("usual", "entropic_risk")],
        inputs: &[real("losses", "[…, batch]")],
        parameters: &[number("tilt", 1.0)],
        output: "[…]",
        compute: |given| tilted(given.tensor("losses"), given.number("tilt")),
        ..Entry::of(include_str!("tail.rs"))
    },
];
