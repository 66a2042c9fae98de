//! Dates and times as numbers of days, so that rows can be put in their order.

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Days since 1970-01-01 of each text that is a date, with or without a time of day: ISO 8601 (`2024-03-01`,
/// `2024-03-01T12:30:00Z`, `2024-03`), `2024/03/01`; day, month and year with `.`, `/` or `-`; `1 Mar 2024`, `Mar 1, 2024`.
/// Years of two digits are those from 1970 to 2069. Whether day or month comes first, the texts decide together: a first
/// part above 12 is a day; where nothing decides, the day comes first unless the parts are separated by `/`.
pub fn days(texts: &[String]) -> Vec<Option<f64>> {
    let parts: Vec<Option<Parts>> = texts.iter().map(|text| Parts::of(text)).collect();
    let undecided = || parts.iter().flatten().filter(|parts| parts.order == Order::Undecided);
    let day_first = undecided().any(|parts| parts.numbers[0] > 12)
        || (!undecided().any(|parts| parts.numbers[1] > 12) && !undecided().any(|parts| parts.separator == b'/'));
    parts.iter().map(|parts| parts.as_ref().and_then(|parts| parts.days(day_first))).collect()
}

#[derive(PartialEq, Eq)]
enum Order {
    YearMonthDay,
    DayMonthYear,
    /// Day and month before the year, whichever comes first.
    Undecided,
}

struct Parts {
    numbers: [u32; 3],
    order: Order,
    separator: u8,
    /// Share of the day.
    time: f64,
}

impl Parts {
    fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > 40 {
            return None;
        }
        Self::in_numbers(text).or_else(|| Self::with_name(text))
    }

    fn in_numbers(text: &str) -> Option<Self> {
        let separator = text.bytes().find(|byte| !byte.is_ascii_digit())?;
        if !matches!(separator, b'-' | b'/' | b'.') {
            return None;
        }
        let (date, time) = match text.find(['T', ' ']) {
            Some(place) => (&text[..place], text[place + 1..].trim()),
            None => (text, ""),
        };
        let mut numbers = [0, 0, 1];
        let mut lengths = [0; 3];
        for (count, part) in date.split(char::from(separator)).enumerate() {
            if count == 3 || part.is_empty() || part.len() > 4 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            (numbers[count], lengths[count]) = (part.parse().ok()?, part.len());
        }
        let order = match (lengths, separator) {
            ([4, 1 | 2, 1 | 2], _) | ([4, 2, 0], b'-' | b'/') => Order::YearMonthDay,
            ([1 | 2, 1 | 2, 4], _) => Order::Undecided,
            ([1 | 2, 1 | 2, 2], _) => {
                numbers[2] += if numbers[2] < 70 { 2000 } else { 1900 };
                Order::Undecided
            }
            _ => return None,
        };
        Some(Self { numbers, order, separator, time: time_of_day(time)? })
    }

    fn with_name(text: &str) -> Option<Self> {
        let mut words = text.split([' ', ',', '-', '/', '.']).filter(|word| !word.is_empty());
        let (first, second, year) = (words.next()?, words.next()?, words.next()?);
        let time: Vec<&str> = words.collect();
        let month_of = |word: &str| {
            let word = word.to_ascii_lowercase();
            if word.len() < 3 {
                return None;
            }
            MONTHS.iter().position(|month| month.starts_with(&word)).map(|month| month as u32 + 1)
        };
        let (day, month) = match (month_of(first), month_of(second)) {
            (Some(month), None) => (second, month),
            (None, Some(month)) => (first, month),
            _ => return None,
        };
        let number = |text: &str| if text.len() <= 4 { text.parse::<u32>().ok() } else { None };
        let year = number(year).filter(|_| year.len() == 4)?;
        let numbers = [number(day)?, month, year];
        Some(Self { numbers, order: Order::DayMonthYear, separator: b' ', time: time_of_day(&time.join(" "))? })
    }

    fn days(&self, day_first: bool) -> Option<f64> {
        let [a, b, c] = self.numbers;
        let (year, month, day) = match self.order {
            Order::YearMonthDay => (a, b, c),
            Order::DayMonthYear => (c, b, a),
            Order::Undecided if day_first => (c, b, a),
            Order::Undecided => (c, a, b),
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

/// `12:30`, `12:30:15.5`, `1:05 PM`, with `Z` or an offset (left out: one column has one) as a share of the day; nothing
/// is 0.
fn time_of_day(text: &str) -> Option<f64> {
    if text.is_empty() {
        return Some(0.0);
    }
    let lower = text.to_ascii_lowercase();
    let half = ["am", "pm"].iter().position(|half| lower.ends_with(half));
    let text = lower.trim_end_matches(['a', 'p', 'm', 'z']).trim_end();
    let text = text.find(['+', '-']).map_or(text, |place| text[..place].trim_end());
    let mut parts = text.split(':');
    let mut hours: f64 = parts.next()?.parse().ok()?;
    let minutes: f64 = parts.next()?.parse().ok()?;
    let seconds: f64 = parts.next().map_or(Ok(0.0), str::parse).ok()?;
    if let Some(half) = half {
        hours = hours % 12.0 + 12.0 * half as f64;
    }
    let valid = parts.next().is_none() && (0.0..25.0).contains(&hours) && minutes < 60.0 && seconds < 61.0;
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
        assert_eq!(of(&["2023-02-29", "2024-13-01", "12:30", "1.5", "2024-25", "abc", "1-2-3"]), [None; 7]);
    }

    #[test]
    fn all_texts_decide_what_comes_first() {
        assert_eq!(of(&["03/04/2024", "04/03/2024"]), of(&["2024-03-04", "2024-04-03"]));
        assert_eq!(of(&["03/04/2024", "25/03/2024"]), of(&["2024-04-03", "2024-03-25"]));
        assert_eq!(of(&["03.04.2024"]), of(&["2024-04-03"]));
    }

    #[test]
    fn months_may_have_names_and_days_a_time() {
        let march = 19_783.0;
        for text in ["1 Mar 2024", "01-Mar-2024", "March 1, 2024", "2024-03", "MAR 1 2024"] {
            assert_eq!(of(&[text]), [Some(march)], "{text}");
        }
        assert_eq!(of(&["3/1/24", "3/31/24"]), [Some(march), Some(march + 30.0)]);
        assert_eq!(of(&["25.12.69", "25.12.70"]), of(&["2069-12-25", "1970-12-25"]));
        for text in ["2024-03-01 18:00", "2024-03-01T18:00:00+02:00", "01/03/2024 6:00 PM", "1 Mar 2024 6:00pm"] {
            assert_eq!(of(&[text, "25/03/2024"])[0], Some(march + 0.75), "{text}");
        }
        assert_eq!(of(&["2024-03-01 12:00 AM"]), [Some(march)]);
        assert_eq!(of(&["1 Mai 2024", "Mar Apr 2024", "32 Mar 2024", "2024-03-01 25:00", "1 Mar 24x"]), [None; 5]);
    }
}
