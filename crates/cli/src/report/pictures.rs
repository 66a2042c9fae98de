//! Small grey pictures in rows, as one SVG that holds each of them as a PNG: digits, reconstructions, samples.

use std::io::Write;

use flate2::{Compression, Crc, write::ZlibEncoder};

use super::html::escape;

/// Side of a pixel, and space around pictures and names, in the drawing's units.
const PICTURE: f64 = 56.0;
const GAP: f64 = 8.0;
const NAMES: f64 = 150.0;
const LINE: f64 = 16.0;

/// A picture of few pixels, row after row from the top: 0 is black, 1 is white, what is beyond is cut off.
#[derive(Debug, Clone, PartialEq)]
pub struct GreyPicture {
    width: usize,
    pixels: Vec<f64>,
    caption: String,
}

impl GreyPicture {
    /// From its pixels; the caption stands below and may be empty.
    ///
    /// # Panics
    /// If the pixels do not fill rows of that width, or there are none.
    #[track_caller]
    pub fn new(width: usize, pixels: Vec<f64>, caption: impl Into<String>) -> Self {
        assert!(
            width > 0 && !pixels.is_empty() && pixels.len().is_multiple_of(width),
            "picture: {} pixels in rows of {width}",
            pixels.len()
        );
        Self { width, pixels, caption: caption.into() }
    }

    fn height(&self) -> usize {
        self.pixels.len() / self.width
    }

    /// The picture as a file.
    fn png(&self) -> Vec<u8> {
        let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX).to_be_bytes();
        // Eight bits, grey, and the one way there is to compress, to filter and to interlace.
        let header = [&side(self.width)[..], &side(self.height()), &[8, 0, 0, 0, 0]].concat();
        let level = |pixel: &f64| (255.0 * pixel.clamp(0.0, 1.0)).round() as u8;
        let rows = self.pixels.chunks(self.width).flat_map(|row| [0].into_iter().chain(row.iter().map(level)));
        let rows: Vec<u8> = rows.collect();
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        let written = encoder.write_all(&rows).and_then(|()| encoder.finish());
        let data = written.expect("memory takes what is written");
        [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &header), &chunk(b"IDAT", &data), &chunk(b"IEND", &[])].concat()
    }
}

/// A part of a PNG file: length, kind, content, and a checksum of the two.
fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut sum = Crc::new();
    sum.update(kind);
    sum.update(content);
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], kind, content, &sum.sum().to_be_bytes()].concat()
}

/// Rows of pictures, each with a name on its left; `alternative` is for those who do not see it.
pub fn pictures(alternative: &str, rows: &[(String, Vec<GreyPicture>)]) -> String {
    let most = rows.iter().map(|(_, row)| row.len()).max().unwrap_or(0);
    let names = if rows.iter().all(|(name, _)| name.is_empty()) { GAP } else { NAMES };
    let captions = rows.iter().flat_map(|(_, row)| row).any(|picture| !picture.caption.is_empty());
    let step = PICTURE + GAP + if captions { LINE } else { 0.0 };
    let (width, height) = (names + most as f64 * (PICTURE + GAP), GAP + rows.len() as f64 * step);
    let mut drawing = format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\" xmlns=\"http://www.w3.org/2000/svg\" \
         width=\"{width}\" height=\"{height}\" font-family=\"{}\" font-size=\"13\" fill=\"currentColor\">",
        escape(alternative),
        escape(super::plot::FONT),
    );
    for (number, (name, row)) in rows.iter().enumerate() {
        let top = GAP + number as f64 * step;
        if !name.is_empty() {
            drawing += &format!("<text x=\"{GAP}\" y=\"{}\">{}</text>", top + PICTURE / 2.0, escape(name));
        }
        for (place, picture) in row.iter().enumerate() {
            let left = names + place as f64 * (PICTURE + GAP);
            drawing += &format!(
                "<image x=\"{left}\" y=\"{top}\" width=\"{PICTURE}\" height=\"{PICTURE}\" \
                 style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{}\"/>",
                base64(&picture.png()),
            );
            if !picture.caption.is_empty() {
                let (middle, below) = (left + PICTURE / 2.0, top + PICTURE + LINE - 2.0);
                let caption = escape(&picture.caption);
                drawing += &format!("<text x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\">{caption}</text>");
            }
        }
    }
    drawing + "</svg>"
}

/// Bytes as letters (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letters = |group: &[u8]| {
        let bits = (0..3).fold(0_usize, |bits, place| bits << 8 | usize::from(group.get(place).copied().unwrap_or(0)));
        let letter = |place: usize| {
            if place <= group.len() { char::from(LETTERS[bits >> (18 - 6 * place) & 63]) } else { '=' }
        };
        [0, 1, 2, 3].map(letter)
    };
    bytes.chunks(3).flat_map(letters).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::ZlibDecoder;

    use super::*;

    #[test]
    fn letters_are_those_of_the_standard() {
        for (bytes, letters) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), letters);
        }
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn the_file_holds_the_pixels() {
        let png = GreyPicture::new(3, vec![0.0, 0.5, 1.0, -1.0, 2.0, 0.2], "").png();
        assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
        assert_eq!(png[8..29], *b"\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\0\0\0\0");
        // Every PNG ends with these bytes.
        assert_eq!(png[png.len() - 12..], *b"\0\0\0\0IEND\xae\x42\x60\x82");
        let length = u32::from_be_bytes(png[33..37].try_into().unwrap()) as usize;
        let mut rows = Vec::new();
        ZlibDecoder::new(&png[41..41 + length]).read_to_end(&mut rows).unwrap();
        assert_eq!(rows, [0, 0, 128, 255, 0, 0, 255, 51]);
    }

    #[test]
    fn words_are_escaped_and_nothing_is_loaded() {
        let picture = GreyPicture::new(1, vec![0.5], "a < b");
        let svg = pictures("1 & 2", &[("row <1>".into(), vec![picture])]);
        assert!(svg.contains("aria-label=\"1 &amp; 2\"") && svg.contains("row &lt;1&gt;") && svg.contains("a &lt; b"));
        assert_eq!(svg.matches("href=").count(), svg.matches("href=\"data:image/png;base64,").count());
    }

    #[test]
    #[should_panic(expected = "picture: 5 pixels in rows of 2")]
    fn pixels_fill_their_rows() {
        let _ = GreyPicture::new(2, vec![0.0; 5], "");
    }
}
