//! `lgamma` and `digamma`: the logarithm of the gamma function, and its derivative.
//!
//! Both are computed in double precision, for single with shorter polynomials. What is not in the range of the quick computation, zero and
//! negative numbers above all, a library computes one element at a time, in a second pass over the tile. The result of an element never
//! depends on its neighbours.
//!
//! `lgamma`: x less the whole number n nearest to `x + 3/8` is t, and `lgamma(2 + t) = t (1 + t) P(t)`. From there to x it is the logarithm of
//! one product, by the recurrence `Γ(x + 1) = x Γ(x)`. Near the zeros, 1 and 2, t is exact and the result right to its last digits; the
//! 3/8 is where the two terms cancel least. Large numbers by Stirling's series (Abramowitz & Stegun, 6.1.41), whose terms are a polynomial
//! in `1/x²` here.
//!
//! `digamma` likewise: `ψ(3/2 + u) = (u - r) P(u)` with r at the zero of ψ, and from there to x by `ψ(x + 1) = ψ(x) + 1/x` (6.3.5), whose fractions
//! are added up as one, and 6.3.18 for large numbers.

use super::arithmetic::{Arithmetic, Float, Polynomial, evaluate};
use super::logarithm::ln_of_normal;
use super::{Elementary, zip1};
use crate::special::polygamma;

/// The approximations of `lgamma` and `digamma` for a type.
pub(crate) trait Gamma: Copy {
    /// The range of the quick computation, from here
    const LEAST: f64;
    /// to here.
    const GREATEST: f64;
    /// `lgamma(2 + t)/(t (1 + t))` for `-7/8 ≤ t ≤ 1/8`.
    const LGAMMA_NEAR: Polynomial<f64>;
    /// `x` times the rest of `lgamma x` beside `(x - ½) (ln x - 1) + ½ (ln 2π - 1)`, as a polynomial in `1/x²`.
    const LGAMMA_FAR: Polynomial<f64>;
    /// The factors of the recurrence of `lgamma` above 2. From this number and 2⅛ on, the series is taken.
    const LGAMMA_FACTORS: f64;
    /// `ψ(3/2 + u)/(u - r)` for `-7/16 ≤ u ≤ 9/16`, where ψ is 0 at r.
    const DIGAMMA_NEAR: Polynomial<f64>;
    /// `x²` times the rest of `ln x - 1/(2x)` beside `ψ(x)`, as a polynomial in `1/x²`.
    const DIGAMMA_FAR: Polynomial<f64>;
    /// The terms of the recurrence of `ψ` above 2. From this number and 2 1/16 on, the series is taken.
    const DIGAMMA_TERMS: f64;

    fn to_double(self) -> f64;
    fn of_double(x: f64) -> Self;
}

impl Gamma for f32 {
    const LEAST: f64 = f32::MIN_POSITIVE as f64;
    const GREATEST: f64 = f32::MAX as f64;
    /// Relative error: 2^-34.7.
    const LGAMMA_NEAR: Polynomial<f64> = Polynomial::TwoStrands(&[
        0.42278433510838553,
        -0.10031730207545615,
        0.03296499361990317,
        -0.012384129492672643,
        0.004999629126591756,
        -0.0021072594270278274,
        0.0008826346092536497,
        -0.000600339704827239,
        -0.00033906985407186174,
        -0.0008478129876130415,
        -0.0005705872277878857,
        -0.00023683785167173053,
    ]);
    /// Relative error of `lgamma x`: 2^-36.7.
    const LGAMMA_FAR: Polynomial<f64> = Polynomial::Horner(&[
        0.08333333130388476,
        -0.002777642559381515,
        0.0007902828430305598,
        -0.0005523253632231456,
        0.000521123502226858,
        -0.00033500797748482525,
    ]);
    const LGAMMA_FACTORS: f64 = 0.0;
    /// Relative error: 2^-33.9.
    const DIGAMMA_NEAR: Polynomial<f64> = Polynomial::TwoStrands(&[
        0.9510558759730557,
        -0.4236274211781831,
        0.24054250435630253,
        -0.1484049462756455,
        0.09498761461767029,
        -0.06192075030476036,
        0.04078301798381104,
        -0.02700777996281853,
        0.01771209692905996,
        -0.011576492999822587,
        0.008650092732232204,
        -0.0068108184924536045,
        0.0029790991754355457,
    ]);
    /// Relative error of `ψ(x)`: 2^-34.5.
    const DIGAMMA_FAR: Polynomial<f64> = Polynomial::Horner(&[
        0.08333331326715239,
        -0.0083319159814849,
        0.003932032516038837,
        -0.003699779863742232,
        0.0040301555166332315,
        -0.002701582153541225,
    ]);
    const DIGAMMA_TERMS: f64 = 0.0;

    #[inline(always)]
    fn to_double(self) -> f64 {
        self.into()
    }
    #[inline(always)]
    fn of_double(x: f64) -> f32 {
        x as f32
    }
}

impl Gamma for f64 {
    const LEAST: f64 = f64::MIN_POSITIVE;
    const GREATEST: f64 = 1e300;
    /// Relative error: 2^-55.2.
    const LGAMMA_NEAR: Polynomial<f64> = Polynomial::TwoStrands(&[
        0.42278433509846713,
        -0.10031730167435414,
        0.03296500062115404,
        -0.012384192193248857,
        0.004998641165736903,
        -0.0021081308506301715,
        0.000915376718452642,
        -0.0004057071421631063,
        0.00018256590146698066,
        -8.303143233213499e-5,
        3.809508731478159e-5,
        -1.9730544823398797e-5,
        -2.5763074109336795e-6,
        -3.6256726071581154e-5,
        -6.275117835195656e-5,
        -8.96463557767185e-5,
        -8.378272209838181e-5,
        -5.3253968244028675e-5,
        -2.0185277493071863e-5,
        -3.6949036224824435e-6,
    ]);
    /// Relative error of `lgamma x`: 2^-58.1.
    const LGAMMA_FAR: Polynomial<f64> = Polynomial::Horner(&[
        0.08333333333332506,
        -0.0027777777738365334,
        0.0007936501144275603,
        -0.0005951791352164759,
        0.0008388098141168286,
        -0.0018278693300453556,
        0.004692915403226287,
        -0.008456753917805796,
    ]);
    const LGAMMA_FACTORS: f64 = 2.0;
    /// Relative error: 2^-54.2.
    const DIGAMMA_NEAR: Polynomial<f64> = Polynomial::TwoStrands(&[
        0.9510558760318328,
        -0.42362742128146036,
        0.2405424842407913,
        -0.14840492305395578,
        0.09498872445222373,
        -0.06192213326762476,
        0.04076083397986156,
        -0.026975797044306388,
        0.017907247200435364,
        -0.011908209643750235,
        0.007927038913083315,
        -0.005280110040177706,
        0.003517971561157752,
        -0.002343692484153924,
        0.0015636832502799707,
        -0.0010483993436708663,
        0.0006941897967257487,
        -0.0004372197433140639,
        0.00029414224718126255,
        -0.00025651141892304546,
        0.00019411950150070737,
        -6.81663441246533e-5,
    ]);
    /// Relative error of `ψ(x)`: 2^-60.
    const DIGAMMA_FAR: Polynomial<f64> = Polynomial::Horner(&[
        0.08333333333332671,
        -0.008333333328368423,
        0.003968252648746531,
        -0.004166492536122617,
        0.007562712215484536,
        -0.020503462212744676,
        0.06693785304404447,
        -0.1622090120255015,
    ]);
    const DIGAMMA_TERMS: f64 = 3.0;

    #[inline(always)]
    fn to_double(self) -> f64 {
        self
    }
    #[inline(always)]
    fn of_double(x: f64) -> f64 {
        x
    }
}

/// `½ (ln 2π - 1)`.
const STIRLING: f64 = 0.4189385332046727;
/// The zero of ψ, less 3/2.
const ROOT_HIGH: f64 = -0.03836785503163766;
/// What its first bits lack.
const ROOT_LOW: f64 = -1.6445603550442201e-18;

/// The nearest whole number, of numbers that are not large.
#[inline(always)]
fn nearest(x: f64) -> f64 {
    (x + f64::ROUNDING) - f64::ROUNDING
}

/// `ln Γ(x)`, for `LEAST ≤ x ≤ GREATEST`.
#[inline(always)]
fn lgamma_in_range<A: Arithmetic, T: Gamma>(x: f64) -> f64 {
    let n = nearest(x + 0.375);
    let t = x - n;
    let below = n < 2.0;
    let mut product = f64::choose(n < 1.0, A::mul_add(x, x, x), f64::choose(below, x, 1.0));
    let mut factor = 1.0;
    while factor <= T::LGAMMA_FACTORS {
        product = f64::choose(n > factor + 1.5, product * (x - factor), product);
        factor += 1.0;
    }
    let is_near = n < T::LGAMMA_FACTORS + 2.5;
    let ln = ln_of_normal::<A, f64>(f64::choose(is_near, product, x));
    let inverse = 1.0 / x;
    let rest = A::mul_add(inverse, evaluate::<A, f64>(T::LGAMMA_FAR, inverse * inverse), STIRLING);
    let far = A::mul_add(x - 0.5, ln - 1.0, rest);
    let near = A::mul_add(t * (1.0 + t), evaluate::<A, f64>(T::LGAMMA_NEAR, t), f64::choose(below, -ln, ln));
    f64::choose(is_near, near, far)
}

/// `ψ(x)`, for `LEAST ≤ x ≤ GREATEST`.
#[inline(always)]
fn digamma_in_range<A: Arithmetic, T: Gamma>(x: f64) -> f64 {
    let n = nearest(x - 0.5625);
    let u = x - (n + 0.5);
    // Of what is added, the numerator and the denominator: less 1/x, and 1/(x + 1) where x is nearly 0.
    let (least, below) = (n < 0.0, n < 1.0);
    let mut above_line = f64::choose(below, f64::choose(least, A::mul_add(-2.0, x, -1.0), -1.0), 0.0);
    let mut below_line = f64::choose(below, f64::choose(least, A::mul_add(x, x, x), x), 1.0);
    let mut term = 1.0;
    while term <= T::DIGAMMA_TERMS {
        let (has_term, next) = (n > term + 0.5, x - term);
        above_line = f64::choose(has_term, A::mul_add(above_line, next, below_line), above_line);
        below_line = f64::choose(has_term, below_line * next, below_line);
        term += 1.0;
    }
    let is_near = n < T::DIGAMMA_TERMS + 1.5;
    let fraction = f64::choose(is_near, above_line, 1.0) / f64::choose(is_near, below_line, x);
    let distance = (u - ROOT_HIGH) - ROOT_LOW;
    let near = A::mul_add(distance, evaluate::<A, f64>(T::DIGAMMA_NEAR, u), fraction);
    let rest = A::mul_add(fraction, evaluate::<A, f64>(T::DIGAMMA_FAR, fraction * fraction), 0.5);
    let far = A::mul_add(-fraction, rest, ln_of_normal::<A, f64>(x));
    f64::choose(is_near, near, far)
}

/// Whether the quick computation is right. NaN counts as not in range.
#[inline(always)]
fn in_range<T: Gamma>(x: T) -> bool {
    let x = x.to_double();
    (x >= T::LEAST) & (x <= T::GREATEST)
}

/// The same of all numbers of a tile, without an early end, which would not vectorise.
#[inline(always)]
fn all_in_range<T: Gamma>(tile: &[T]) -> bool {
    tile.iter().fold(true, |all, &x| all & in_range(x))
}

macro_rules! function {
    ($tile:ident, $in_range:ident, $slow:expr, $text:literal) => {
        #[doc = concat!($text, " of every number of a tile, of any size. In two passes: a branch for the others in the first would")]
        /// keep it from being vectorised.
        #[inline(always)]
        pub(crate) fn $tile<A: Arithmetic, T: Elementary>(x: &[T], out: &mut [T]) {
            for (out, &x) in out.iter_mut().zip(x) {
                *out = T::of_double($in_range::<A, T>(x.to_double()));
            }
            if !all_in_range(x) {
                for (out, &x) in out.iter_mut().zip(x).filter(|(_, x)| !in_range(**x)) {
                    *out = x.by_library($slow);
                }
            }
        }
    };
}
function!(lgamma_tile, lgamma_in_range, libm::lgamma, "`ln |Γ(x)|`");
function!(digamma_tile, digamma_in_range, |x| polygamma(0, x), "`ψ(x)`");

/// `ψ⁽ⁿ⁾(x)` of every number of a tile.
#[inline(always)]
pub(crate) fn polygamma_tile<A: Arithmetic, T: Elementary>(order: u32, x: &[T], out: &mut [T]) {
    if order == 0 {
        digamma_tile::<A, T>(x, out);
    } else {
        zip1(x, out, |x| x.by_library(|x| polygamma(order, x)));
    }
}
