//! An event as it travels: made once, written out once, however many sockets listen.

use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::dto::stream::StreamEvent;

/// An event, and its text once somebody asked for it.
#[derive(Debug, Clone)]
pub struct Told(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    event: StreamEvent,
    text: OnceLock<Option<String>>,
}

/// What differs from socket to socket.
#[derive(Serialize)]
struct Head<'a> {
    topic: &'a str,
    seq: u64,
    at: DateTime<Utc>,
}

impl From<StreamEvent> for Told {
    fn from(event: StreamEvent) -> Self {
        Self(Arc::new(Inner { event, text: OnceLock::new() }))
    }
}

impl Told {
    /// The event.
    pub fn event(&self) -> &StreamEvent {
        &self.0.event
    }

    /// The message of one socket, as a [`crate::dto::stream::StreamMessage`] is written; `None` if it cannot be.
    pub fn message(&self, topic: &str, seq: u64, at: DateTime<Utc>) -> Option<String> {
        let event = self.0.text.get_or_init(|| serde_json::to_string(&self.0.event).ok()).as_ref()?;
        let head = serde_json::to_string(&Head { topic, seq, at }).ok()?;
        // Two objects become one.
        Some(format!("{},{}", head.strip_suffix('}')?, event.strip_prefix('{')?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dto::alerts::UnreadDto;
    use crate::dto::stream::StreamMessage;

    #[test]
    fn a_message_reads_as_it_is_described() {
        for event in [StreamEvent::AlertsUnread(UnreadDto { unread: 3 }), StreamEvent::Resync {}] {
            let (topic, seq, at) = ("account:\"x\"".to_owned(), 7, DateTime::<Utc>::UNIX_EPOCH);
            let told = Told::from(event.clone());

            let described = serde_json::to_string(&StreamMessage { topic: topic.clone(), seq, at, event });

            assert_eq!(told.message(&topic, seq, at), described.ok());
        }
    }
}
