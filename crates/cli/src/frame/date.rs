//! Dates and times as numbers of days, so that rows can be put in their order.

/// Days since 1970-01-01 of each text that is a date, with or without a time of day: ISO 8601 (`2024-03-01`,
/// `2024-03-01T12:30:00Z`), `2024/03/01`, and day, month, year with `.`, `/` or `-`. Whether day or month comes first, the
/// texts decide together: a first part above 12 is a day; where nothing decides, the day comes first unless the parts are
/// separated by `/`.
pub fn days(texts: &[String]) -> Vec<Option<f64>> {
    let parts: Vec<Option<Parts>> = texts.iter().map(|text| Parts::of(text)).collect();
    let short = || parts.iter().flatten().filter(|parts| !parts.year_first);
    let day_first = short().any(|parts| parts.numbers[0] > 12)
        || (!short().any(|parts| parts.numbers[1] > 12) && !short().any(|parts| parts.separator == b'/'));
    parts.iter().map(|parts| parts.as_ref().and_then(|parts| parts.days(day_first))).collect()
}

struct Parts {
    numbers: [u32; 3],
    year_first: bool,
    separator: u8,
    /// Share of the day.
    time: f64,
}

impl Parts {
    fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let separator = text.bytes().find(|byte| !byte.is_ascii_digit())?;
        if !matches!(separator, b'-' | b'/' | b'.') {
            return None;
        }
        let (date, time) = match text.find(['T', ' ']) {
            Some(place) => (&text[..place], text[place + 1..].trim()),
            None => (text, ""),
        };
        let mut numbers = [0; 3];
        let mut lengths = [0; 3];
        let mut count = 0;
        for part in date.split(char::from(separator)) {
            if count == 3 || part.is_empty() || part.len() > 4 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            (numbers[count], lengths[count]) = (part.parse().ok()?, part.len());
            count += 1;
        }
        let year_first = lengths[0] == 4;
        if count != 3 || (!year_first && lengths[2] != 4) {
            return None;
        }
        Some(Self { numbers, year_first, separator, time: time_of_day(time)? })
    }

    fn days(&self, day_first: bool) -> Option<f64> {
        let [a, b, c] = self.numbers;
        let (year, month, day) = if self.year_first {
            (a, b, c)
        } else if day_first {
            (c, b, a)
        } else {
            (c, a, b)
        };
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let lengths = [31, 28 + u32::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let length = *lengths.get((month as usize).checked_sub(1)?)?;
        if day == 0 || day > length {
            return None;
        }
        // Days from civil (Hinnant): years start in March, so that the leap day is their last.
        let (year, month) = (i64::from(year) - i64::from(month <= 2), i64::from((month + 9) % 12));
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some((era * 146_097 + day_of_era - 719_468) as f64 + self.time)
    }
}

/// `12:30`, `12:30:15.5`, with `Z` or an offset (left out: one column has one) as a share of the day; nothing is 0.
fn time_of_day(text: &str) -> Option<f64> {
    if text.is_empty() {
        return Some(0.0);
    }
    let text = text.trim_end_matches(['Z', 'z']);
    let text = text.find(['+', '-']).map_or(text, |place| text[..place].trim_end());
    let mut parts = text.split(':');
    let hours: f64 = parts.next()?.parse().ok()?;
    let minutes: f64 = parts.next()?.parse().ok()?;
    let seconds: f64 = parts.next().map_or(Ok(0.0), str::parse).ok()?;
    let valid = parts.next().is_none() && hours < 25.0 && minutes < 60.0 && seconds < 61.0;
    valid.then_some((hours + minutes / 60.0 + seconds / 3600.0) / 24.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Vec<Option<f64>> {
        days(&texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        let known = ["1970-01-01", "2000-02-29", "2024-03-01", "1969-12-31", "2024/03/01", "2024-03-01T12:00:00Z"];
        let expected = [0.0, 11_016.0, 19_783.0, -1.0, 19_783.0, 19_783.5];
        assert_eq!(of(&known), expected.map(Some));
        assert_eq!(of(&["2023-02-29", "2024-13-01", "12:30", "1.5", "2024-03", "abc", "1-2-3"]), [None; 7]);
    }

    #[test]
    fn all_texts_decide_what_comes_first() {
        assert_eq!(of(&["03/04/2024", "04/03/2024"]), of(&["2024-03-04", "2024-04-03"]));
        assert_eq!(of(&["03/04/2024", "25/03/2024"]), of(&["2024-04-03", "2024-03-25"]));
        assert_eq!(of(&["03.04.2024"]), of(&["2024-04-03"]));
    }
}
