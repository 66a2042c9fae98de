//! What the program has to show, before it is known where: in the terminal, or in a report.

/// One chapter's findings: the terminal shows the texts and the grids, the report the figures too.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The chapter's name.
    pub title: String,
    /// Paragraphs that say what was done, on which data.
    pub lead: Vec<String>,
    /// Numbers.
    pub grids: Vec<Grid>,
    /// Pictures.
    pub figures: Vec<Figure>,
    /// What the numbers say, sentence by sentence.
    pub verdict: Vec<String>,
}

/// A table of texts: the first column names the row, the others are figures and stand flush right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// What the table shows.
    pub caption: String,
    /// Names of the columns.
    pub header: Vec<String>,
    /// Rows, each as long as the header.
    pub rows: Vec<Vec<String>>,
    /// What a reader has to know to read it right; may be empty.
    pub notes: Vec<String>,
}

impl Grid {
    /// A grid without rows yet.
    pub fn new(caption: impl Into<String>, header: &[&str]) -> Self {
        Self {
            caption: caption.into(),
            header: header.iter().map(|&name| name.to_owned()).collect(),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// If the row has not as many cells as the header.
    #[track_caller]
    pub fn row(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.header.len(), "grid: cells of the row and columns of the header");
        self.rows.push(cells);
    }

    /// The grid with a note below it.
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// A picture with the words that make it readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Its file's name without the ending.
    pub name: &'static str,
    /// What is to be seen.
    pub caption: String,
    /// The drawing, an `<svg>` element.
    pub svg: String,
    /// The drawing's numbers.
    pub numbers: Option<Grid>,
}

/// With its first letter in upper case.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}
