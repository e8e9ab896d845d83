//! Where the server's keys come from.

use std::path::{Path, PathBuf};

use flotilla_security::keyring::Keyring;
use zeroize::Zeroizing;

use super::{Environment, SettingsError};

const FILE: &str = "FLOTILLA_KEYS_FILE";
const TEXT: &str = "FLOTILLA_KEYS";
/// Where systemd puts what `LoadCredential=` names.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

const GROUP: u32 = 0o070;
const OTHERS: u32 = 0o007;

/// Path of the keys file, if one is named.
pub fn keys_file(environment: &Environment<'_>) -> Option<PathBuf> {
    environment.text(FILE).map(PathBuf::from)
}

/// The server's keys, from the named file or from the variable itself.
///
/// # Errors
///
/// [`SettingsError`] when there are none, both are set, or what is there is not usable. Nothing
/// starts without keys: made up on the spot they would lose every sealed secret at the next start.
pub fn read_keyring(environment: &Environment<'_>) -> Result<Keyring, SettingsError> {
    let text = match (environment.text(TEXT), keys_file(environment)) {
        (Some(_), Some(_)) => return Err(SettingsError::Both { one: TEXT, other: FILE }),
        (Some(text), None) => Zeroizing::new(text),
        (None, Some(path)) => {
            let is_credential = is_below(&path, environment.text(CREDENTIALS).as_deref());
            read_file(path, if is_credential { OTHERS } else { GROUP | OTHERS })?
        }
        (None, None) => return Err(SettingsError::NoKeys),
    };
    Ok(Keyring::parse(&text)?)
}

/// systemd gives the user of a unit his credential by an access list, which looks like a right of the group.
fn is_below(path: &Path, credentials: Option<&str>) -> bool {
    credentials.is_some_and(|folder| path.starts_with(folder))
}

/// * `forbidden`: rights that nobody else should have.
fn read_file(path: PathBuf, forbidden: u32) -> Result<Zeroizing<String>, SettingsError> {
    use std::os::unix::fs::PermissionsExt as _;

    let read = || {
        let others_may_read = std::fs::metadata(&path)?.permissions().mode() & forbidden != 0;
        Ok((others_may_read, Zeroizing::new(std::fs::read_to_string(&path)?)))
    };
    match read() {
        Ok((others_may_read, text)) => {
            if others_may_read {
                tracing::warn!(path = %path.display(), "other users may read the keys; chmod 600 the file");
            }
            Ok(text)
        }
        Err(source) => Err(SettingsError::KeysFile { path, source }),
    }
}
