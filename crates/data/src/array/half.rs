//! Numbers of 16 bits (IEEE 754 binary16), as files hold them.

use std::fmt;

/// A half-precision number: 1 bit of sign, 5 of exponent, 10 of fraction. It is stored and converted, not computed with.
///
/// ```
/// use minimand_data::Half;
/// assert_eq!(Half::from_f32(0.1).to_f32(), 0.099975586);
/// assert_eq!(Half::from_f32(1e6).to_f32(), f32::INFINITY); // the largest is 65504
/// ```
#[doc(alias = "float16")]
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Half(u16);

impl Half {
    /// From its bits.
    pub const fn from_bits(bits: u16) -> Half {
        Half(bits)
    }

    /// Its bits.
    pub const fn to_bits(self) -> u16 {
        self.0
    }

    /// The number; every half is an `f32`.
    pub fn to_f32(self) -> f32 {
        let (sign, exponent, fraction) = (self.0 >> 15, (self.0 >> 10) & 0x1f, u32::from(self.0 & 0x3ff));
        let magnitude = match exponent {
            0 => fraction as f32 * 2f32.powi(-24),
            0x1f => f32::from_bits(0x7f80_0000 | (fraction << 13)),
            _ => f32::from_bits(((u32::from(exponent) + 112) << 23) | (fraction << 13)),
        };
        if sign == 1 { -magnitude } else { magnitude }
    }

    /// The nearest half, of two the one whose last bit is 0; beyond 65504 infinity.
    pub fn from_f32(value: f32) -> Half {
        let sign = ((value.to_bits() >> 16) & 0x8000) as u16;
        let bits = value.abs().to_bits();
        let magnitude = if value.is_nan() {
            0x7e00 | ((bits >> 13) & 0x3ff) as u16
        } else if bits >= 0x4780_0000 {
            0x7c00 // from 2¹⁶
        } else if bits < 0x3880_0000 {
            // Below 2⁻¹⁴, the least normal half: whole numbers of 2⁻²⁴. The product is exact.
            (value.abs() * 2f32.powi(24)).round_ties_even() as u16
        } else {
            // Rounds the 13 bits that go; a carry runs on into the exponent, up to infinity.
            let kept = bits - (112 << 23);
            ((kept + 0xfff + ((kept >> 13) & 1)) >> 13) as u16
        };
        Half(sign | magnitude)
    }
}

impl fmt::Debug for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_f32(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::Half;

    #[test]
    fn every_half_comes_back_from_f32() {
        for bits in 0..=u16::MAX {
            let half = Half::from_bits(bits);
            let back = Half::from_f32(half.to_f32());
            assert!(back == half || half.to_f32().is_nan() && back.to_f32().is_nan(), "{bits:04x}");
        }
    }

    #[test]
    fn between_two_halves_the_nearer_and_of_two_the_even() {
        for bits in 0..0x7bffu16 {
            let (low, high) = (Half::from_bits(bits), Half::from_bits(bits + 1));
            let middle = low.to_f32() / 2.0 + high.to_f32() / 2.0;
            let even = if bits % 2 == 0 { low } else { high };
            assert_eq!(Half::from_f32(middle), even, "{bits:04x}");
            assert_eq!(Half::from_f32(middle.next_down()), low, "{bits:04x}");
            assert_eq!(Half::from_f32(middle.next_up()), high, "{bits:04x}");
            assert_eq!(Half::from_f32(-middle).to_bits(), even.to_bits() | 0x8000);
        }
        assert_eq!(Half::from_f32(65519.996).to_f32(), 65504.0);
        assert_eq!(Half::from_f32(65520.0).to_f32(), f32::INFINITY);
    }

    #[test]
    fn the_bits_are_those_of_the_standard() {
        for (bits, value) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65504.0), (0x0001, 5.9604645e-8), (0x3555, 0.33325195)]
        {
            assert_eq!(Half::from_bits(bits).to_f32(), value);
        }
    }
}
