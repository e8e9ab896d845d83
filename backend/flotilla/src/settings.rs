//! The environment, read here and nowhere else.
//!
//! Each section is read by the commands that need it, so that `flotilla openapi` asks for no
//! database and `flotilla migrate` for no keys. A variable that is set to nothing counts as not set.

mod database;
mod edge;
mod error;
mod exchange;
mod keys;
mod known;
mod mail;
mod server;

pub use database::{DatabaseUrl, DatabaseUrls, postgres_folder, worker_connections};
pub use edge::EaSettings;
pub use error::SettingsError;
pub use exchange::ExchangeSettings;
pub use keys::{keys_file, read_keyring};
pub use known::examine;
pub use mail::read_mail;
pub use server::{HttpSettings, LogFormat, LogSettings, Registration, read_http_tls, read_metrics_address};

use std::str::FromStr;

/// Names of variables and how to look them up.
pub struct Environment<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Environment<'a> {
    /// An environment that answers through `lookup`.
    pub const fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup }
    }

    fn text(&self, variable: &str) -> Option<String> {
        (self.lookup)(variable).filter(|value| !value.trim().is_empty())
    }

    /// Value of `variable`, or `default`. `expected` completes "… is not usable: expected …".
    fn parse<T: FromStr>(
        &self,
        variable: &'static str,
        default: T,
        expected: &'static str,
    ) -> Result<T, SettingsError> {
        match self.text(variable) {
            Some(text) => text.trim().parse().map_err(|_| SettingsError::Invalid { variable, expected }),
            None => Ok(default),
        }
    }
}

/// Looks a variable up in the environment of this process.
pub fn of_process(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}
