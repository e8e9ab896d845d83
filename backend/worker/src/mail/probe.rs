//! Whether mails would leave, without one that does.

use std::io;
use std::path::{Path, PathBuf};

use lettre::message::Mailbox;
use lettre::transport::smtp::Error as SmtpError;
use uuid::Uuid;

use super::carrier::{LOGIN_REFUSED, OWNER_ONLY, connected};
use super::config::{MailConfig, MailError, Relay, Transport};

/// Mails would leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailWay {
    /// The mail server answers, and took the login if there is one.
    Relay {
        /// Whether there is a login.
        has_login: bool,
    },
    /// Into a folder that can be written to.
    Folder(PathBuf),
    /// Into a folder that the first mail makes.
    NewFolder(PathBuf),
}

/// Why no mail would leave.
#[derive(Debug, thiserror::Error)]
pub enum MailTrouble {
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] MailError),
    /// Nobody answers, or too late.
    #[error("the mail server did not answer")]
    Silence,
    /// No encrypted connection.
    #[error("no encrypted connection to the mail server")]
    Tls(#[source] SmtpError),
    /// It lacks what the settings ask for.
    #[error("the mail server does not offer the encryption or the login that the settings ask for")]
    Offer,
    /// It does not take name and password.
    #[error("the mail server refused the login ({0})")]
    Login(u16),
    /// It answers with something else.
    #[error("the mail server refused the connection ({0})")]
    Refused(u16),
    /// The folder cannot be written to.
    #[error("the folder {0} cannot be written to")]
    Folder(PathBuf, #[source] io::Error),
}

impl From<SmtpError> for MailTrouble {
    fn from(error: SmtpError) -> Self {
        match error.status().map(u16::from) {
            Some(code) if LOGIN_REFUSED.contains(&code) => Self::Login(code),
            Some(code) => Self::Refused(code),
            None if error.is_tls() => Self::Tls(error),
            None if error.is_client() => Self::Offer,
            None => Self::Silence,
        }
    }
}

/// Looks whether mails would leave with these settings. Sends none, and makes no folder: one that
/// somebody else's user made would be closed to the worker.
///
/// # Errors
///
/// [`MailTrouble`] says why not.
pub async fn probe_mail(config: &MailConfig) -> Result<MailWay, MailTrouble> {
    let _: Mailbox = config.from.parse().map_err(MailError::from)?;
    match &config.transport {
        Transport::Relay(relay) => probe_relay(relay).await,
        Transport::Folder(folder) => {
            probe_folder(folder).await.map_err(|error| MailTrouble::Folder(folder.clone(), error))
        }
    }
}

/// Signs in and says goodbye.
async fn probe_relay(relay: &Relay) -> Result<MailWay, MailTrouble> {
    let transport = connected(relay)?;
    // The transport's own limit is for one answer each.
    let probed = tokio::time::timeout(relay.timeout, transport.test_connection()).await;
    match probed {
        Ok(Ok(true)) => Ok(MailWay::Relay { has_login: relay.login.is_some() }),
        Ok(Err(error)) => Err(error.into()),
        Ok(Ok(false)) | Err(_) => Err(MailTrouble::Silence),
    }
}

/// Writes a file into the folder, or into that in which it would be made, and takes it away again.
async fn probe_folder(folder: &Path) -> io::Result<MailWay> {
    let mut present = folder;
    while let Err(error) = tokio::fs::metadata(named(present)).await {
        let above = present.parent().filter(|_| error.kind() == io::ErrorKind::NotFound);
        present = above.ok_or(error)?;
    }
    let path = named(present).join(format!(".probe-{}", Uuid::now_v7()));
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(OWNER_ONLY);
    options.open(&path).await?;
    tokio::fs::remove_file(&path).await?;
    let way = if present == folder { MailWay::Folder } else { MailWay::NewFolder };
    Ok(way(folder.to_owned()))
}

/// What is above a relative folder is the one we are in.
fn named(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}
