//! Hands mails over: to a mail server, or into a folder.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use flotilla_domain::id::MailId;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret as _;
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use super::config::{MailConfig, MailError, Relay, RelayTls, Transport};
use super::letter::Letter;

/// Whoever may read the folder may use the links.
pub(super) const OWNER_ONLY: u32 = 0o600;
const OWNER_ONLY_FOLDER: u32 = 0o700;
/// Of a mail in the folder. Its link has ended long before.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// Letters of an identifier.
const ID_LENGTH: usize = 36;

/// What a mail server says to a login that it does not take.
pub(super) const LOGIN_REFUSED: [u16; 4] = [530, 534, 535, 538];
/// What it says of the conversation or of who it talks to, whoever the mail is for. 554 may be about the mail too.
const CONVERSATION_REFUSED: [u16; 7] = [500, 501, 502, 503, 504, 521, 554];

/// Carries mails.
pub(crate) struct Carrier {
    config: MailConfig,
    from: Mailbox,
    way: Way,
}

enum Way {
    Folder(PathBuf),
    Relay(AsyncSmtpTransport<Tokio1Executor>),
}

/// Why a mail was not handed over, in words that repeat nothing of it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Undelivered {
    #[error("it was too late for it")]
    Late,
    #[error("there were enough of them")]
    Enough,
    #[error("the address cannot be written to")]
    Address,
    #[error("the mail server refused it ({0})")]
    Refused(u16),
    #[error("the mail server takes none from here ({0})")]
    Unwelcome(u16),
    #[error("the mail server could not take it yet ({0})")]
    NotYet(u16),
    #[error("the mail server did not answer")]
    Silence,
    #[error("the file could not be written: {0}")]
    File(#[source] std::io::Error),
}

impl Undelivered {
    /// Whether trying again is of no use.
    pub(super) const fn is_final(&self) -> bool {
        matches!(self, Self::Late | Self::Enough | Self::Address | Self::Refused(_))
    }
}

impl From<lettre::transport::smtp::Error> for Undelivered {
    fn from(error: lettre::transport::smtp::Error) -> Self {
        match error.status().map(u16::from) {
            // Somebody mends the settings, and the mail is still wanted: it is tried until its time is over.
            Some(code) if LOGIN_REFUSED.contains(&code) || CONVERSATION_REFUSED.contains(&code) => {
                Self::Unwelcome(code)
            }
            Some(code) if error.is_permanent() => Self::Refused(code),
            Some(code) => Self::NotYet(code),
            None => Self::Silence,
        }
    }
}

impl Carrier {
    /// Prepares to carry; connects to nobody yet.
    ///
    /// # Errors
    ///
    /// [`MailError`] when the settings are not usable.
    pub(crate) fn new(config: MailConfig) -> Result<Self, MailError> {
        let from = config.from.parse()?;
        let way = match &config.transport {
            Transport::Folder(folder) => Way::Folder(folder.clone()),
            Transport::Relay(relay) => Way::Relay(connected(relay)?),
        };
        Ok(Self { config, from, way })
    }

    pub(super) const fn look(&self) -> Duration {
        self.config.look
    }

    pub(super) fn again_in_s(&self) -> i32 {
        i32::try_from(self.config.again.as_secs()).unwrap_or(i32::MAX)
    }

    /// What a mail server has for one mail.
    const fn limit(&self) -> Duration {
        match &self.config.transport {
            Transport::Relay(relay) => relay.timeout,
            Transport::Folder(_) => Duration::MAX,
        }
    }

    pub(super) fn public_url(&self) -> &str {
        &self.config.public_url
    }

    /// Hands one mail over.
    ///
    /// # Errors
    ///
    /// [`Undelivered`], which says whether to try again.
    pub(super) async fn carry(&self, id: MailId, letter: &Letter) -> Result<(), Undelivered> {
        let message = self.message(id, letter).ok_or(Undelivered::Address)?;
        match &self.way {
            Way::Folder(folder) => {
                let name = format!("{}-{id}", letter.kind);
                let written = write(folder, &name, &message.formatted()).await;
                let path = written.map_err(Undelivered::File)?;
                tracing::info!(mail.id = %id, path = %path.display(), "a mail is in the folder");
                Ok(())
            }
            // The transport's own limit ends with the connection; a server that takes it may still say nothing.
            Way::Relay(transport) => {
                let sent = tokio::time::timeout(self.limit(), transport.send(message)).await;
                sent.map_err(|_| Undelivered::Silence)?.map(|_| ()).map_err(Undelivered::from)
            }
        }
    }

    /// Removes mails from the folder that were written long ago.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read, or one of them stays.
    pub(super) async fn forget_old(&self) -> std::io::Result<()> {
        match &self.way {
            Way::Folder(folder) => remove_old(folder).await,
            Way::Relay(_) => Ok(()),
        }
    }

    fn message(&self, id: MailId, letter: &Letter) -> Option<Message> {
        let address: Address = letter.address.parse().ok()?;
        // Tells mail programs not to answer with notices of absence.
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(letter.subject.clone())
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .raw_header(HeaderValue::new(name, "auto-generated".to_owned()))
            .multipart(
                MultiPart::alternative()
                    .singlepart(self.plain(letter))
                    .singlepart(SinglePart::html(letter.html())),
            )
            .ok()
    }
}

impl Carrier {
    /// In a file the text is as it is read, for whoever opens it as a text: its link can be followed.
    fn plain(&self, letter: &Letter) -> SinglePart {
        let encoding = match self.way {
            Way::Folder(_) => ContentTransferEncoding::EightBit,
            Way::Relay(_) => ContentTransferEncoding::QuotedPrintable,
        };
        let text = letter.plain();
        let body = Body::new_with_encoding(text.clone(), encoding).unwrap_or_else(|_| Body::new(text));
        SinglePart::builder().header(ContentType::TEXT_PLAIN).body(body)
    }
}

pub(super) fn connected(relay: &Relay) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    let tls = match relay.tls {
        RelayTls::Tls => Tls::Wrapper(TlsParameters::new(relay.host.clone())?),
        RelayTls::StartTls => Tls::Required(TlsParameters::new(relay.host.clone())?),
        RelayTls::None => Tls::None,
    };
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&relay.host)
        .port(relay.port)
        .tls(tls)
        .timeout(Some(relay.timeout));
    let builder = match &relay.login {
        Some((user, password)) => {
            builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()))
        }
        None => builder,
    };
    Ok(builder.build())
}

/// A reader of the folder sees whole mails only. It is made when it is needed: whoever trades
/// starts without one.
async fn write(folder: &Path, name: &str, mail: &[u8]) -> std::io::Result<PathBuf> {
    let mut builder = tokio::fs::DirBuilder::new();
    builder.recursive(true).mode(OWNER_ONLY_FOLDER);
    builder.create(folder).await?;
    let (unfinished, path) = (folder.join(format!("{name}.part")), folder.join(format!("{name}.eml")));
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(OWNER_ONLY);
    let mut file = options.open(&unfinished).await?;
    file.write_all(mail).await?;
    file.sync_all().await?;
    tokio::fs::rename(&unfinished, &path).await?;
    Ok(path)
}

async fn remove_old(folder: &Path) -> std::io::Result<()> {
    let mut entries = match tokio::fs::read_dir(folder).await {
        Ok(entries) => entries,
        // The first mail makes it.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    while let Some(entry) = entries.next_entry().await? {
        let age = entry.metadata().await?.modified()?.elapsed().unwrap_or_default();
        if age > KEPT && is_mail(&entry.path()) {
            tokio::fs::remove_file(entry.path()).await?;
        }
    }
    Ok(())
}

/// Whether a file has the name of one that was written here: the folder may be somebody's.
fn is_mail(path: &Path) -> bool {
    let end = path.extension().and_then(OsStr::to_str);
    let name = path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
    let id = name.len().checked_sub(ID_LENGTH).and_then(|start| name.get(start..));
    matches!(end, Some("eml" | "part")) && id.is_some_and(|id| Uuid::try_parse(id).is_ok())
}
