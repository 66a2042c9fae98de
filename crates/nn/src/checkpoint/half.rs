//! Floating point in 16 bits, as numbers of 32, which hold every one of them.

/// A number in IEEE 754's binary16: sign, 5 bits of exponent, 10 of fraction. NaN keeps sign and payload.
pub(super) fn from_f16(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let (exponent, fraction) = (u32::from(bits >> 10 & 0x1f), u32::from(bits & 0x3ff));
    let magnitude = match exponent {
        // Subnormal: a multiple of 2⁻²⁴.
        0 => (fraction as f32 * 2f32.powi(-24)).to_bits(),
        0x1f => 0xff << 23 | fraction << 13,
        // The exponents count from -15 and from -127.
        _ => (exponent + 112) << 23 | fraction << 13,
    };
    f32::from_bits(sign | magnitude)
}

/// A number in bfloat16: the upper half of an f32.
pub(super) fn from_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(-1)ˢ · 2^(e - bias) · (1 + f/2ᵏ)`, or `2^(1 - bias) · f/2ᵏ` where e = 0; the greatest exponent means infinity and NaN. In f64, which holds
    /// all of it.
    fn by_definition(bits: u16, fraction_bits: u32, exponent_bits: u32) -> f64 {
        let bias = (1 << (exponent_bits - 1)) - 1;
        let fraction = f64::from(u32::from(bits) & ((1 << fraction_bits) - 1)) / f64::from(1 << fraction_bits);
        let exponent = i32::from(bits >> fraction_bits) & ((1 << exponent_bits) - 1);
        let magnitude = match exponent {
            0 => fraction * 2f64.powi(1 - bias),
            _ if exponent == (1 << exponent_bits) - 1 => {
                if fraction == 0.0 {
                    f64::INFINITY
                } else {
                    f64::NAN
                }
            }
            _ => (1.0 + fraction) * 2f64.powi(exponent - bias),
        };
        if bits >> 15 == 1 { -magnitude } else { magnitude }
    }

    #[test]
    fn every_pattern_of_16_bits_is_the_number_that_it_stands_for() {
        for bits in 0..=u16::MAX {
            for (found, expected) in
                [(from_f16(bits), by_definition(bits, 10, 5)), (from_bf16(bits), by_definition(bits, 7, 8))]
            {
                assert_eq!(found.is_nan(), expected.is_nan(), "{bits:04x}");
                assert_eq!(found.is_sign_negative(), expected.is_sign_negative(), "{bits:04x}");
                if !expected.is_nan() {
                    assert_eq!(f64::from(found).to_bits(), expected.to_bits(), "{bits:04x}");
                }
            }
        }
    }
}
