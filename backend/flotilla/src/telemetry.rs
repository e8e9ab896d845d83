//! Log lines: one event, one line, whatever is in its fields.

use std::borrow::Cow;
use std::io::{self, Write};

use anyhow::Context as _;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::settings::{LogFormat, LogSettings};

/// Starts logging to standard error, panics included.
///
/// # Errors
///
/// When `FLOTILLA_LOG` is not a filter, or logging was started before.
pub fn start(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.filter)
        .context("FLOTILLA_LOG is not usable: expected a filter like info or info,flotilla_worker=debug")?;
    // Whatever is asked for.
    let filter = filter.and(filter_fn(|line| !repeats_secrets(line)));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(OneLine::new(io::stderr))
        // Colours are control characters, and those are escaped.
        .with_ansi(false);
    let lines = match settings.format {
        LogFormat::Text => lines.with_filter(filter).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_filter(filter).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines)
        .try_init()
        .map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// In detail, what carries streams of accounts repeats the address with which it connects, which holds the key of the
/// stream, and what speaks to the database repeats the parameters of statements, among them tokens of masters.
fn repeats_secrets(line: &Metadata<'_>) -> bool {
    let module = line.target().split("::").next().unwrap_or_default();
    matches!(module, "tungstenite" | "tokio_tungstenite" | "tokio_postgres") && *line.level() > Level::INFO
}

fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string).unwrap_or_default();
    let reason = panic.payload_as_str().unwrap_or("no reason given");
    tracing::error!(location, reason, "a task panicked");
}

/// Makes writers that escape control characters, so that a field can neither begin a line of its
/// own nor paint the terminal of whoever reads the log.
#[derive(Clone)]
struct OneLine<W> {
    inner: W,
}

impl<W> OneLine<W> {
    const fn new(inner: W) -> Self {
        Self { inner }
    }
}

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for OneLine<W> {
    type Writer = EscapingWriter<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        EscapingWriter { inner: self.inner.make_writer() }
    }
}

/// Takes one event per `write`, as the subscriber hands them over.
struct EscapingWriter<W> {
    inner: W,
}

impl<W: Write> Write for EscapingWriter<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        writeln!(self.inner, "{}", escaped(line))?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn escaped(line: &str) -> Cow<'_, str> {
    use std::fmt::Write as _;

    if !line.contains(is_unsafe) {
        return Cow::Borrowed(line);
    }
    let safe = line.chars().fold(String::with_capacity(line.len()), |mut safe, char| {
        match char {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            // Four digits: all of these lie below U+10000, and a JSON line stays JSON.
            char if is_unsafe(char) => {
                // Writing to a String cannot fail.
                let _ = write!(safe, "\\u{:04x}", u32::from(char));
            }
            char => safe.push(char),
        }
        safe
    });
    Cow::Owned(safe)
}

/// Control characters, line separators, and marks that change the direction of text.
fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Everything that was written, for all clones.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no test panicked").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Log {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("no test panicked").clone()).expect("text")
        }
    }

    /// What the log says after `event`, in one of the two forms.
    fn logged(format: LogFormat, event: impl FnOnce()) -> String {
        let log = Log::default();
        let source = log.clone();
        let lines =
            tracing_subscriber::fmt().with_ansi(false).with_writer(OneLine::new(move || source.clone()));
        match format {
            LogFormat::Text => tracing::subscriber::with_default(lines.finish(), event),
            LogFormat::Json => tracing::subscriber::with_default(lines.json().finish(), event),
        }
        log.text()
    }

    #[test]
    fn n85_a_field_cannot_forge_a_line_or_paint_the_terminal() {
        let evil = "gold\r\n2026-11-21T00:00:00Z ERROR forged\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{2028}\u{202e}\0";

        for format in [LogFormat::Text, LogFormat::Json] {
            let text = logged(format, || tracing::info!(symbol = %evil, debug = ?evil, "line of {evil}"));

            assert_eq!(text.matches('\n').count(), 1, "{text}");
            assert!(text.ends_with('\n') && text.contains("forged"), "{text}");
            assert!(!text.trim_end_matches('\n').contains(is_unsafe), "{text}");
        }
    }

    #[test]
    fn json_lines_stay_json() {
        let text = logged(LogFormat::Json, || tracing::info!(symbol = "a\u{9b}\u{202e}\u{7f}\nb", "one"));

        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
    }

    #[test]
    fn ordinary_text_of_any_language_is_left_alone() {
        assert_eq!(escaped("ทองคำ é XAUUSD"), "ทองคำ é XAUUSD");
    }
}
