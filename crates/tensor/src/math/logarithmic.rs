//! Softmax and its relatives: right for large numbers, and for entries and whole rows masked with -∞.

use std::f64::consts::LN_2;

use crate::axes::Axes;
use crate::operators::Operand;
use crate::tensor::Tensor;
use minimand_engine::AxisList;

/// What log-sum-exp and softmax share, for one choice of axes, which stay with size 1.
struct Exponentials {
    axes: AxisList,
    /// `x - shift`, at most 0 (unless an entry is +∞).
    shifted: Tensor,
    shift: Tensor,
    /// `exp(x - shift)`.
    exponentials: Tensor,
    /// Their sum, or 1 where every entry is masked.
    sum: Tensor,
    /// Where every entry is masked with -∞.
    masked: Tensor,
}

impl Exponentials {
    #[track_caller]
    fn of(x: &Tensor, axes: AxisList) -> Exponentials {
        let x = x.as_float();
        // Its derivative cancels, so it is cut off; where it is infinite nothing is shifted.
        let greatest = x.max_keepdim(axes.as_slice()).detach();
        let shift = greatest.is_finite().select(&greatest, 0);
        let shifted = &x - &shift;
        let exponentials = shifted.exp();
        let sum = exponentials.sum_keepdim(axes.as_slice());
        let masked = sum.eq(0);
        Exponentials { axes, shifted, shift, sum: masked.select(1, &sum), exponentials, masked }
    }

    /// The logarithm of their sum, or 0 where every entry is masked. By `ln_1p` of what the others add to the 1 of the greatest entry, so that it
    /// keeps its digits where they add little.
    #[track_caller]
    fn ln_sum(&self) -> Tensor {
        let excess = &self.sum - 1.0;
        // Below 2 there is one greatest entry, and what it rounds away from the others is put back; the derivative needs no repair.
        let others = self.shifted.eq(0).select(0, &self.exponentials).sum_keepdim(self.axes.as_slice());
        let lost = self.sum.lt(2).select(others - &excess, 0).detach();
        (excess + lost).ln_1p()
    }
}

reductions! {
    /// `ln Σ eˣ` of all entries, shape `[]`; no overflow. Gradient: softmax. Where every entry is -∞ (or there is none) the value is
    /// -∞ and the gradient 0.
    #[doc(alias = "log_sum_exp")]
    logsumexp {
        /// assert_eq!(format!("{:.4}", Tensor::from([1e4, 1e4]).logsumexp()), "10000.6931");
    }
    logsumexp_axis {
        /// let x = Tensor::from([[1e4, 1e4], [f64::NEG_INFINITY, f64::NEG_INFINITY]]);
        /// assert_eq!(format!("{:.4}", x.logsumexp_axis(-1)), "[10000.6931, -inf]");
    }
    logsumexp_keepdim(x, axes) = {
        let terms = Exponentials::of(x, axes);
        terms.masked.select(f64::NEG_INFINITY, terms.ln_sum() + &terms.shift)
    };
}

formulas! {
    /// `eˣ / Σ eˣ` along the given axes: probabilities. No overflow; a row that is -∞ throughout becomes 0 throughout, with gradient 0.
    pub softmax(x, axes: impl Axes) = {
        let terms = Exponentials::of(x, axes.resolve(x.shape(), "softmax"));
        terms.exponentials / terms.sum
    }; {
        /// assert_eq!(Tensor::from([1e4, 1e4]).softmax(-1).to_string(), "[0.5, 0.5]");
    }
    /// `x - ln Σ eˣ` along the given axes: log-probabilities. No overflow, no -∞ for a finite `x`, and no digits lost where an entry has nearly
    /// all of the probability; a row that is -∞ throughout stays so, with a finite gradient.
    pub log_softmax(x, axes: impl Axes) = {
        let terms = Exponentials::of(x, axes.resolve(x.shape(), "log_softmax"));
        &terms.shifted - terms.ln_sum()
    }; {
        /// assert_eq!(Tensor::from([0.0, -1e4]).log_softmax(-1).to_string(), "[0, -10000]");
    }
    /// `ln(eᵃ + eᵇ)` without overflow, exact also where one operand is negligible; -∞ where both are.
    pub logaddexp(x, other: impl Operand) = {
        let other = other.operand(x.dtype());
        x.shape().broadcast_for(other.shape(), "logaddexp");
        let first = x.ge(&other);
        let (greater, lesser) = (first.select(x, &other), first.select(&other, x));
        // The difference of equal infinities is NaN; the sum does not need it.
        let settled = greater.eq(&lesser) & greater.abs().eq(f64::INFINITY);
        let difference = settled.select(0, lesser - &greater);
        greater + difference.softplus()
    }; {
        /// let (a, b) = (Tensor::from([0.0, 1e4]), Tensor::from([0.0, 0.0]));
        /// assert_eq!(format!("{:.4}", a.logaddexp(&b)), "[0.6931, 10000.0000]");
    }
    /// `x ln y`, and 0 where x = 0 although ln y is infinite there (y = 0 or ∞): 0 ln 0 = 0, in value and gradient.
    pub xlogy(x, y: impl Operand) = {
        let y = y.operand(x.dtype());
        let void = x.eq(0) & (y.le(0) | y.eq(f64::INFINITY));
        x * void.select(1, &y).ln()
    }; {
        /// let p = Tensor::from([0.0, 1.0]);
        /// assert_eq!(p.xlogy(&p).to_string(), "[0, 0]");
        /// assert_eq!(p.xlogy(&p).sum().grad(&p).to_string(), "[0, 1]");
    }
    /// `ln(1 - eˣ)` for x ≤ 0 without cancellation: near 0 by `exp_m1`, far from it by `ln_1p` (Mächler 2012). -∞ at 0, NaN above.
    pub log1mexp(x) = {
        let near = x.gt(-LN_2);
        // Subtracted from 0, not negated: at x = 0 the sign of zero decides the sign of the infinite slope.
        let by_exp_m1 = (0.0 - near.select(x, -1.0).exp_m1()).ln();
        let by_ln_1p = (-near.select(-1.0, x).exp()).ln_1p();
        near.select(by_exp_m1, by_ln_1p)
    }; {
        /// assert_eq!(format!("{:.4}", Tensor::from([-1e-20, -50.0]).log1mexp()), "[-46.0517, -0.0000]");
    }
    /// `ln σ(x) = -softplus(-x)`: the log-probability of a logit, without overflow.
    #[doc(alias = "logsigmoid")]
    pub log_sigmoid(x) = -(-x).softplus(); {
        /// assert_eq!(Tensor::from([-1e4, 1e4]).log_sigmoid().to_string(), "[-10000, -0]");
    }
}
