//! `erf`.
//!
//! Near zero `erf x = x + x P(x²)`; beyond, `erf |x| = 1 - 2^-Q(|x| - 1)`, where `Q` approximates `-log₂ erfc` as
//! closely as `erfc` matters beside 1, and `2^-Q = 2ⁿ (1 + r R(r))` with `|r| ≤ ½`. Both are computed and one is taken.

use super::arithmetic::{Arithmetic, Float, Polynomial, evaluate};

/// The constants of the error function.
pub(crate) trait ErrorFunction: Copy + 'static {
    /// Where the polynomial in `x` ends.
    const ERF_SMALL: Self;
    /// From here on the result rounds to 1.
    const ERF_LARGE: Self;
    /// `erf x / x - 1` as a polynomial in `z = x²`.
    const ERF_POLYNOMIAL: Polynomial<Self>;
    /// `-log₂ erfc(t + 1)`.
    const ERFC_EXPONENT: Polynomial<Self>;
    /// `(2^r - 1)/r` for `|r| ≤ ½`.
    const EXP2_POLYNOMIAL: Polynomial<Self>;
}

impl ErrorFunction for f32 {
    const ERF_SMALL: Self = 1.0;
    const ERF_LARGE: Self = 4.0;
    /// Relative error of `erf x`: 2^-27.1.
    const ERF_POLYNOMIAL: Polynomial<Self> = Polynomial::Horner(&[
        0.12837917,
        -0.37612626,
        0.112835884,
        -0.026853915,
        0.0051884977,
        -0.00080115366,
        7.857951e-5,
    ]);
    /// Error of `erf x`: 2^-27.7.
    const ERFC_EXPONENT: Polynomial<Self> = Polynomial::Horner(&[
        2.6684167,
        3.8072252,
        1.2163464,
        0.059963427,
        -0.014493964,
        0.002902651,
        -0.00041769893,
        3.1287076e-5,
    ]);
    /// Relative error of `2^r`: 2^-25.9, and of that at most a sixth is seen.
    const EXP2_POLYNOMIAL: Polynomial<Self> = Polynomial::Horner(&[
        std::f32::consts::LN_2,
        0.24022648,
        0.055503324,
        0.009618437,
        0.0013398875,
        0.00015353355,
    ]);
}

impl ErrorFunction for f64 {
    const ERF_SMALL: Self = 1.0;
    const ERF_LARGE: Self = 6.0;
    /// Relative error of `erf x`: 2^-56.2.
    const ERF_POLYNOMIAL: Polynomial<Self> = Polynomial::TwoStrands(&[
        0.1283791670955126,
        -0.3761263890318375,
        0.11283791670954862,
        -0.02686617064507361,
        0.005223977624786539,
        -0.0008548326979020734,
        0.00012055331045841848,
        -1.4925593699961694e-5,
        1.6460975641573597e-6,
        -1.6350052840003652e-7,
        1.4658052669163026e-8,
        -1.1366291839560906e-9,
        5.946259314022598e-11,
    ]);
    /// Error of `erf x`: 2^-57.2.
    const ERFC_EXPONENT: Polynomial<Self> = Polynomial::TwoStrands(&[
        2.6684166967815997,
        3.807225345853604,
        1.2163466576861632,
        0.059959990038812576,
        -0.014475750108757046,
        0.002853510225794178,
        -0.00034238396592650483,
        -3.791096332637902e-5,
        3.918232322916549e-5,
        -1.3862723249264009e-5,
        2.9716348210975567e-6,
        -2.06135667315537e-7,
        -1.4072486494877444e-7,
        7.507193736425286e-8,
        -2.15117351204168e-8,
        4.131718394055025e-9,
        -5.312361233279423e-10,
        4.156900579770818e-11,
        -1.4989784438729852e-12,
    ]);
    /// Relative error of `2^r`: 2^-55.
    const EXP2_POLYNOMIAL: Polynomial<Self> = Polynomial::TwoStrands(&[
        std::f64::consts::LN_2,
        0.2402265069591013,
        0.055504108664820084,
        0.009618129107594119,
        0.0013333558146774868,
        0.00015403530457114078,
        1.5252733493017344e-5,
        1.3215435281042908e-6,
        1.0178199573643296e-7,
        7.073783496581188e-9,
        4.434776338913942e-10,
    ]);
}

/// Error function.
#[inline(always)]
pub(crate) fn erf<A: Arithmetic, F: Float>(x: F) -> F {
    let a = x.abs().at_most(F::of(F::Number::ERF_LARGE));
    let small = A::mul_add(a, evaluate::<A, F>(F::Number::ERF_POLYNOMIAL, a * a), a);
    let exponent = -evaluate::<A, F>(F::Number::ERFC_EXPONENT, a - F::ONE);
    let shifted = exponent + (F::ROUNDING + F::BIAS);
    let r = exponent - (shifted - (F::ROUNDING + F::BIAS));
    let power = F::power_of_two(shifted);
    let large = F::ONE - A::mul_add(power * r, evaluate::<A, F>(F::Number::EXP2_POLYNOMIAL, r), power);
    F::choose(a.less(F::of(F::Number::ERF_SMALL)), small, large).with_sign_of(x)
}
