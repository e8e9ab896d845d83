//! How mails leave.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

/// Settings of the outbox.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// Address of the site as browsers see it, without a slash at the end: links begin with it.
    pub public_url: String,
    /// Who mails are from, as in `Flotilla <fleet@example.com>`.
    pub from: String,
    /// Where they go.
    pub transport: Transport,
    /// Between looks for mails that are due.
    pub look: Duration,
    /// From the first attempt to the second; later ones are four times as far apart each, an hour at most.
    /// Longer than a mail server has for one mail: another worker would send it as well.
    pub again: Duration,
}

/// Where mails go.
#[derive(Debug, Clone)]
pub enum Transport {
    /// Into a folder, one file each, for whoever runs the server to read.
    Folder(PathBuf),
    /// To a mail server.
    Relay(Relay),
}

/// A mail server.
#[derive(Clone)]
pub struct Relay {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: RelayTls,
    /// Who we are there, if it asks.
    pub login: Option<(String, SecretString)>,
    /// For one mail, from the connection to the last answer.
    pub timeout: Duration,
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("login", &self.login.as_ref().map(|_| "[redacted]"))
            .field("timeout", &self.timeout)
            .finish()
    }
}

/// How the connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayTls {
    /// From its first byte.
    Tls,
    /// From `STARTTLS` on, which the server must offer.
    StartTls,
    /// Not at all.
    None,
}

impl MailConfig {
    /// Mails into `folder`, of a site at `public_url`.
    #[must_use]
    pub fn local(public_url: String, folder: PathBuf) -> Self {
        Self {
            public_url,
            from: "Flotilla <flotilla@localhost.localdomain>".to_owned(),
            transport: Transport::Folder(folder),
            look: Duration::from_secs(1),
            again: Duration::from_mins(1),
        }
    }
}

/// Why no mail can leave with these settings.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The sender is no address.
    #[error("the sender of mails is no address")]
    From(#[from] lettre::address::AddressError),
    /// The connection cannot be set up.
    #[error("the mail server cannot be used")]
    Relay(#[from] lettre::transport::smtp::Error),
}
