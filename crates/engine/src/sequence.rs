//! Numbers at equal distances, as far as floating point lets them be.

/// How many of `start, start + step, …` come before `end`, and where rounding to f32 would make the last of them reach it: the number that it must
/// not pass, the nearest one on this side of the end. All three are finite, the step is not 0.
///
/// ```
/// use minimand_engine::arithmetic_sequence;
/// assert_eq!(arithmetic_sequence(0.0, 1.0, 0.25), (4, None));
/// assert_eq!(arithmetic_sequence(1.0, 1.6, 0.1).0, 6); // though (1.6 - 1.0) / 0.1 is above 6
/// ```
pub fn arithmetic_sequence(start: f64, end: f64, step: f64) -> (usize, Option<f32>) {
    let mut length = ((end - start) / step).ceil().max(0.0) as usize;
    let is_beyond = |value: f64| if step > 0.0 { value >= end } else { value <= end };
    let last = |length: usize| (length as f64 - 1.0) * step + start;
    if length > 0 && is_beyond(last(length)) {
        // The quotient and the entries are rounded: those that reach the end come last, and are mostly one.
        let (mut most, mut least) = (length, 0);
        while most - least > 1 {
            let middle = least + (most - least) / 2;
            *if is_beyond(last(middle)) { &mut most } else { &mut least } = middle;
        }
        length = least;
    }
    if length == 0 || !is_beyond(f64::from(last(length) as f32)) {
        return (length, None);
    }
    // Rounding to f32 reaches the end that is left out.
    let nearest = end as f32;
    let before = match (is_beyond(f64::from(nearest)), step > 0.0) {
        (false, _) => nearest,
        (true, true) => nearest.next_down(),
        (true, false) => nearest.next_up(),
    };
    (length, Some(before))
}
