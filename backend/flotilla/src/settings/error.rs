//! What is wrong with the environment, and what to do about it. Values are never repeated.

use std::io;
use std::path::PathBuf;

use flotilla_security::KeyringError;

/// Why a command does not start.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{variable} is not usable: expected {expected}")]
    Invalid { variable: &'static str, expected: &'static str },
    #[error("{variable} is not set: {remedy}")]
    Missing { variable: &'static str, remedy: &'static str },
    #[error("set only one of {one} and {other}")]
    Both { one: &'static str, other: &'static str },
    #[error(
        "there are no keys to start with. Make them once with `flotilla keys generate --file flotilla.keys`, \
         keep a copy, and set FLOTILLA_KEYS_FILE to that path"
    )]
    NoKeys,
    #[error(
        "FLOTILLA_KEYS_FILE: cannot read {path}: {source}. Make the file once with \
         `flotilla keys generate --file {path}`, or restore it from your copy"
    )]
    KeysFile { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}
