//! The table as data: rows, and in each its steps.

/// One row of the table.
#[derive(Debug)]
pub struct Row {
    /// `row_01`.
    pub name: String,
    /// What the row is about.
    pub title: String,
    pub steps: Vec<Step>,
}

/// One line of a row.
#[derive(Debug)]
pub struct Step {
    /// Line of the file, for messages.
    pub number: usize,
    pub text: String,
    pub does: Does,
}

/// What a line of a row does.
#[derive(Debug)]
pub enum Does {
    /// `M> …` and `M>> …`: who, and what with its line ends, escaped.
    Says(String, String),
    /// `M< …`.
    Hears(String, Expected),
    /// `db copies F: …`.
    Stored { what: String, of: String, is: String },
    /// Anything else, word by word.
    SetUp(Vec<String>),
}

/// What a socket is to hear next.
#[derive(Debug)]
pub enum Expected {
    Line(String),
    Nothing,
    Closed,
}

/// Reads a table; a line that cannot be read is a panic.
pub fn read(table: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (index, line) in table.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(head) = line.strip_prefix("row ") {
            rows.push(row(head));
            continue;
        }
        let step = Step { number: index + 1, text: line.to_owned(), does: does(line) };
        rows.last_mut().expect("a row before its steps").steps.push(step);
    }
    rows
}

fn row(head: &str) -> Row {
    let (name, title) = head.split_once(": ").expect("a title");
    let (number, kind) = name.split_once(' ').expect("a kind");
    assert!(matches!(kind, "KEEP" | "BETTER"), "{kind} of row {number}");
    Row { name: format!("row_{number}"), title: title.to_owned(), steps: Vec::new() }
}

fn does(line: &str) -> Does {
    let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
    if first == "db" {
        let (named, is) = line.strip_prefix("db ").and_then(|rest| rest.split_once(':')).expect("a colon");
        let (what, of) = named.rsplit_once(' ').expect("of whom");
        return Does::Stored { what: what.to_owned(), of: of.to_owned(), is: is.trim().to_owned() };
    }
    if let Some(who) = first.strip_suffix(">>") {
        return Does::Says(who.to_owned(), rest.to_owned());
    }
    if let Some(who) = first.strip_suffix('>') {
        return Does::Says(who.to_owned(), format!("{rest}\\n"));
    }
    if let Some(who) = first.strip_suffix('<') {
        let expected = match rest {
            "(nothing)" => Expected::Nothing,
            "(closed)" => Expected::Closed,
            line => Expected::Line(line.to_owned()),
        };
        return Does::Hears(who.to_owned(), expected);
    }
    Does::SetUp(line.split(' ').map(ToOwned::to_owned).collect())
}

/// `\n`, `\r` and `\x16` are what they are in Rust.
pub fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = match (first, after) {
            (b'\\', [b'n', more @ ..]) => {
                bytes.push(b'\n');
                more
            }
            (b'\\', [b'r', more @ ..]) => {
                bytes.push(b'\r');
                more
            }
            (b'\\', [b'x', high, low, more @ ..]) => {
                let digits = String::from_utf8_lossy(&[*high, *low]).into_owned();
                bytes.push(u8::from_str_radix(&digits, 16).expect("two hexadecimal digits"));
                more
            }
            (byte, more) => {
                bytes.push(byte);
                more
            }
        };
    }
    bytes
}
