//! From text to rows of cells, piece by piece: comma-separated values, and
//! tables of HTML reports.

/// Longest cell in bytes.
const LONGEST_CELL: usize = 64 * 1024;
/// Most cells of a row.
const MOST_CELLS: usize = 200;
/// Longest row of an HTML table in bytes.
const LONGEST_HTML: usize = 256 * 1024;

/// Why a text has no rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowsError {
    /// A cell or a row is too long: quotes that were not closed look so.
    #[error("a row is too long: is a quote not closed?")]
    TooLong,
    /// It ends inside a quoted cell, or before the end of its table.
    #[error("the file ends before its end: is it complete?")]
    Cut,
}

/// Cells of one row.
pub type Row = Vec<String>;

/// Cuts comma-separated values (RFC 4180; also with semicolons or tabs).
#[derive(Debug)]
pub struct Csv {
    delimiter: Option<char>,
    cell: String,
    row: Row,
    is_quoted: bool,
    /// A quote was read inside quotes: it ends them, or is doubled.
    was_quote: bool,
    /// Text before the first line's end, while the delimiter is not known.
    head: String,
}

impl Csv {
    /// `delimiter`: recognised from the first line unless given.
    #[must_use]
    pub fn new(delimiter: Option<char>) -> Self {
        let (cell, row, head) = (String::new(), Vec::new(), String::new());
        Self { delimiter, cell, row, is_quoted: false, was_quote: false, head }
    }

    /// Rows that end in the next piece of text.
    ///
    /// # Errors
    ///
    /// [`RowsError::TooLong`].
    pub fn push(&mut self, text: &str) -> Result<Vec<Row>, RowsError> {
        let Some(delimiter) = self.delimiter else {
            self.head.push_str(text);
            if !self.head.contains('\n') {
                return if self.head.len() > LONGEST_CELL { Err(RowsError::TooLong) } else { Ok(Vec::new()) };
            }
            let head = std::mem::take(&mut self.head);
            self.delimiter = Some(recognised(&head));
            return self.push(&head);
        };
        let mut rows = Vec::new();
        for letter in text.chars() {
            self.take(letter, delimiter, &mut rows)?;
        }
        Ok(rows)
    }

    fn take(&mut self, letter: char, delimiter: char, rows: &mut Vec<Row>) -> Result<(), RowsError> {
        if self.is_quoted {
            match (letter, self.was_quote) {
                ('"', false) => self.was_quote = true,
                ('"', true) => {
                    self.was_quote = false;
                    self.cell.push('"');
                }
                (_, true) => {
                    (self.is_quoted, self.was_quote) = (false, false);
                    return self.take(letter, delimiter, rows);
                }
                (_, false) => self.cell.push(letter),
            }
        } else if letter == delimiter {
            self.end_cell()?;
        } else if letter == '\n' {
            self.end_row(rows)?;
        } else if letter == '"' && self.cell.is_empty() {
            self.is_quoted = true;
        } else if letter != '\r' {
            self.cell.push(letter);
        }
        if self.cell.len() > LONGEST_CELL { Err(RowsError::TooLong) } else { Ok(()) }
    }

    fn end_cell(&mut self) -> Result<(), RowsError> {
        self.row.push(std::mem::take(&mut self.cell));
        if self.row.len() > MOST_CELLS { Err(RowsError::TooLong) } else { Ok(()) }
    }

    fn end_row(&mut self, rows: &mut Vec<Row>) -> Result<(), RowsError> {
        self.end_cell()?;
        rows.push(std::mem::take(&mut self.row));
        Ok(())
    }

    /// The last row, if the file does not end with the end of a line.
    ///
    /// # Errors
    ///
    /// [`RowsError`].
    pub fn finish(&mut self) -> Result<Vec<Row>, RowsError> {
        let mut rows = Vec::new();
        if self.delimiter.is_none() {
            let head = std::mem::take(&mut self.head);
            self.delimiter = Some(recognised(&head));
            rows = self.push(&head)?;
        }
        if self.is_quoted && !self.was_quote {
            return Err(RowsError::Cut);
        }
        if !self.cell.is_empty() || !self.row.is_empty() || self.is_quoted {
            self.end_row(&mut rows)?;
        }
        Ok(rows)
    }
}

/// The one of comma, semicolon and tab that the first line has most of.
fn recognised(head: &str) -> char {
    let line = head.lines().next().unwrap_or_default();
    let count = |delimiter: &char| line.chars().filter(|letter| letter == delimiter).count();
    [';', '\t', ','].into_iter().max_by_key(count).unwrap_or(',')
}

/// Cuts the rows of all tables of a page. Cells that are hidden are left out.
#[derive(Debug, Default)]
pub struct Html {
    text: String,
}

impl Html {
    /// Rows that end in the next piece of text.
    ///
    /// # Errors
    ///
    /// [`RowsError::TooLong`].
    pub fn push(&mut self, text: &str) -> Result<Vec<Row>, RowsError> {
        self.text.push_str(text);
        let (mut rows, mut done) = (Vec::new(), 0_usize);
        while let Some(rest) = self.text.get(done..)
            && let Some(end) = find(rest, "</tr")
        {
            rows.extend(row(rest.get(..end).unwrap_or_default()));
            done = done.saturating_add(end).saturating_add(4);
        }
        self.text.drain(..done.min(self.text.len()));
        if self.text.len() > LONGEST_HTML { Err(RowsError::TooLong) } else { Ok(rows) }
    }

    /// Whether the page has its end.
    ///
    /// # Errors
    ///
    /// [`RowsError::Cut`].
    pub fn finish(&self) -> Result<(), RowsError> {
        let has_end = find(&self.text, "</table").or_else(|| find(&self.text, "</html")).is_some();
        if has_end { Ok(()) } else { Err(RowsError::Cut) }
    }
}

/// Where ASCII `needle` is, in any case of letters.
fn find(text: &str, needle: &str) -> Option<usize> {
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    text.windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle))
}

fn row(part: &str) -> Option<Row> {
    let mut cells = Vec::new();
    // A cell begins with its tag; what is before the first is no cell.
    let mut pieces = part.split('<');
    let mut open: Option<String> = None;
    pieces.next();
    for piece in pieces {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let name: String =
            tag.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
        if name == "td" || name == "th" {
            cells.extend(open.take());
            let is_hidden = tag.to_lowercase().contains("hidden");
            open = (!is_hidden).then(|| text.to_owned());
            continue;
        }
        let is_end = matches!(tag.to_lowercase().as_str(), "/td" | "/th");
        if is_end {
            cells.extend(open.take());
        } else if let Some(cell) = open.as_mut() {
            cell.push_str(text);
        }
    }
    cells.extend(open);
    cells.truncate(MOST_CELLS);
    (!cells.is_empty()).then(|| cells.iter().map(|cell| unescaped(cell)).collect())
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&#39;", "'").replace("&amp;", "&").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &str, step: usize) -> Result<Vec<Row>, RowsError> {
        let mut csv = Csv::new(None);
        let mut rows = Vec::new();
        let letters: Vec<char> = text.chars().collect();
        for piece in letters.chunks(step) {
            rows.extend(csv.push(&piece.iter().collect::<String>())?);
        }
        rows.extend(csv.finish()?);
        Ok(rows)
    }

    #[test]
    fn quotes_hold_delimiters_quotes_and_line_ends() {
        let rows = cut("a;b\r\n\"1;\"\"2\"\"\";\"x\ny\"\r\n;\r\nlast", 3).unwrap();

        assert_eq!(rows, [vec!["a", "b"], vec!["1;\"2\"", "x\ny"], vec!["", ""], vec!["last"]]);
    }

    #[test]
    fn half_a_file_is_noticed() {
        assert_eq!(cut("a,b\n\"1,2\n3,4\n", 5), Err(RowsError::Cut));
        assert_eq!(cut(&format!("a,b\n\"{}", "x".repeat(LONGEST_CELL + 1)), 1_000), Err(RowsError::TooLong));
    }

    #[test]
    fn tables_of_a_page_are_rows() {
        let page = "<html><table><TR bgcolor='#fff'><td>2026.11.02 10:00:00</td><td><b>EUR&amp;USD</b></td>\
            <td class=\"hidden\" colspan=\"8\"></td><td>1&nbsp;000.00</td></TR></table></html>";
        let mut html = Html::default();
        let mut rows = Vec::new();
        for piece in page.as_bytes().chunks(7) {
            rows.extend(html.push(std::str::from_utf8(piece).unwrap()).unwrap());
        }

        assert_eq!(rows, [vec!["2026.11.02 10:00:00", "EUR&USD", "1 000.00"]]);
        assert_eq!(html.finish(), Ok(()));
        let mut half = Html::default();
        half.push("<table><tr><td>1</td></tr><tr><td>").unwrap();
        assert_eq!(half.finish(), Err(RowsError::Cut));
    }

    proptest! {
        #[test]
        fn rows_are_the_same_however_they_are_cut(text in "[a\",\n\r;]{0,40}", step in 1_usize..9) {
            prop_assert_eq!(cut(&text, step), cut(&text, 1_000));
        }

        #[test]
        fn what_was_quoted_comes_back(cells in prop::collection::vec("[a\",;\n]{0,6}", 2..5)) {
            let line: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            prop_assert_eq!(cut(&format!("a,b,c\n{}\n", line.join(",")), 4).unwrap().remove(1), cells);
        }
    }
}
