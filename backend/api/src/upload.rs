//! Files that are sent: on disk until they are read, never in memory.

use std::io::SeekFrom;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::dev::Payload;
use flotilla_domain::import::rows::{Csv, Html, Row, RowsError};
use flotilla_domain::import::text::{Decoder, TextError};
use sha2::{Digest, Sha256};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio::time::timeout;
use uuid::Uuid;

use crate::arrivals::Paced;
use crate::error::{ApiError, ApiResult};
use crate::imports::Progress;

/// A file has this long to arrive.
const WITHIN: Duration = Duration::from_mins(5);
/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// A file that has arrived. It has no name on disk any more, so it goes with
/// the last that reads it, whatever happens to the process.
pub struct Upload {
    file: File,
    hash: Vec<u8>,
}

impl Upload {
    /// Takes the body of a request, of at most `largest` bytes.
    ///
    /// # Errors
    ///
    /// 413 when it is too large, 400 when it ends or stops before its end, or hardly comes.
    pub async fn take(payload: Payload, progress: &Progress, largest: usize) -> ApiResult<Self> {
        let path = std::env::temp_dir().join(format!("flotilla-{}", Uuid::new_v4()));
        let file = named_nowhere(&path).await.map_err(|error| unwritten(&error))?;
        timeout(WITHIN, fill(Paced::new(payload), file, (progress, largest)))
            .await
            .map_err(|_| ApiError::BadRequest)?
            .map(|(file, hash)| Self { file, hash })
    }

    /// SHA-256 of all of it.
    pub fn hash(&self) -> &[u8] {
        &self.hash
    }

    /// Reads it from its beginning.
    ///
    /// # Errors
    ///
    /// 503 when the disk fails.
    pub async fn rows(&self) -> ApiResult<Rows> {
        let mut file = self.file.try_clone().await.map_err(|error| unwritten(&error))?;
        file.seek(SeekFrom::Start(0)).await.map_err(|error| unwritten(&error))?;
        Ok(Rows { file, decoder: Decoder::default(), cutter: Cutter::Unknown, is_over: false })
    }
}

async fn named_nowhere(path: &PathBuf) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let file = options.open(path).await?;
    fs::remove_file(path).await?;
    Ok(file)
}

async fn fill(
    mut paced: Paced<Payload>,
    mut file: File,
    (progress, largest): (&Progress, usize),
) -> ApiResult<(File, Vec<u8>)> {
    let (mut size, mut hash) = (0_usize, Sha256::new());
    while let Some(piece) = paced.next().await? {
        size = size.saturating_add(piece.len());
        if size > largest {
            return Err(ApiError::FileTooLarge(largest));
        }
        progress.received(piece.len());
        hash.update(&piece);
        file.write_all(&piece).await.map_err(|error| unwritten(&error))?;
    }
    file.flush().await.map_err(|error| unwritten(&error))?;
    Ok((file, hash.finalize().to_vec()))
}

fn unwritten(error: &std::io::Error) -> ApiError {
    tracing::error!(%error, "an upload cannot be kept on disk");
    ApiError::Busy
}

enum Cutter {
    /// Nothing but blanks so far.
    Unknown,
    Csv(Csv),
    Html(Html),
}

impl Cutter {
    fn push(&mut self, text: &str, is_end: bool) -> Result<Vec<Row>, RowsError> {
        let (mut rows, text) = self.begin(text);
        match self {
            Self::Unknown => {}
            Self::Csv(csv) => {
                rows.extend(csv.push(text)?);
                if is_end {
                    rows.extend(csv.finish()?);
                }
            }
            Self::Html(html) => {
                rows.extend(html.push(text)?);
                if is_end {
                    html.finish()?;
                }
            }
        }
        Ok(rows)
    }

    /// Recognises what begins in `text`. Blank lines before it are counted as rows of
    /// a table, never kept: a whole file may be blank. Returns them and what is left.
    fn begin<'a>(&mut self, text: &'a str) -> (Vec<Row>, &'a str) {
        if !matches!(self, Self::Unknown) {
            return (Vec::new(), text);
        }
        let begun = text.trim_start();
        if begun.starts_with('<') {
            *self = Self::Html(Html::default());
            return (Vec::new(), begun);
        }
        let blank = text.strip_suffix(begun).unwrap_or_default();
        let rows = blank.matches('\n').map(|_| Row::new()).collect();
        if begun.is_empty() {
            return (rows, begun);
        }
        *self = Self::Csv(Csv::new(None));
        // The first line may begin with a tab that is a delimiter.
        let line = blank.rfind('\n').and_then(|end| text.get(end..)?.strip_prefix('\n'));
        (rows, line.unwrap_or(text))
    }
}

/// The rows of a file, some at a time.
pub struct Rows {
    file: File,
    decoder: Decoder,
    cutter: Cutter,
    is_over: bool,
}

impl Rows {
    /// The next rows; `None` at the end.
    ///
    /// # Errors
    ///
    /// 422 for a file that is no text or is cut off.
    pub async fn next(&mut self) -> ApiResult<Option<Vec<Row>>> {
        if self.is_over {
            return Ok(None);
        }
        let mut piece = vec![0; PIECE];
        let count = self.file.read(&mut piece).await.map_err(|error| unwritten(&error))?;
        piece.truncate(count);
        self.is_over = count == 0;
        let text = if self.is_over { self.decoder.finish() } else { self.decoder.push(&piece) };
        let text = text.map_err(|error| match error {
            TextError::Encoding(_) => ApiError::field("file", "wrong_encoding", &error.to_string()),
            TextError::Cut => ApiError::field("file", "incomplete", &error.to_string()),
        })?;
        let rows = self.cutter.push(&text, self.is_over).map_err(|error| match error {
            RowsError::TooLong => ApiError::field("file", "row_too_long", &error.to_string()),
            RowsError::Cut => ApiError::field("file", "incomplete", &error.to_string()),
        })?;
        Ok(Some(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_before_the_first_row_are_counted_and_not_kept() {
        let (blanks, mut cutter, mut rows) = ("\n".repeat(PIECE), Cutter::Unknown, 0);

        for _ in 0..100 {
            let some = cutter.push(&blanks, false).expect("blanks");
            assert!(some.iter().all(Vec::is_empty), "a blank row takes no room");
            rows += some.len();
        }
        let begun = cutter.push(" \n\ta,b;c\td\n1\t2\t3\n", false).expect("a table");

        assert_eq!(rows, 100 * PIECE);
        assert_eq!(begun, [vec![], vec!["", "a,b;c", "d"], vec!["1", "2", "3"]]);
        assert_eq!(cutter.push("", true).expect("the end"), Vec::<Row>::new());
    }

    #[test]
    fn a_page_may_begin_with_blanks() {
        let mut cutter = Cutter::Unknown;

        cutter.push(" \n", false).expect("blanks");
        let rows = cutter.push("  <table><tr><td>1</td></tr></table>", true).expect("a page");

        assert_eq!(rows, [vec!["1"]]);
    }
}
