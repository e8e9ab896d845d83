//! The accounts of the demo fleet, made over the REST API as a user would.

use std::fs::{OpenOptions, read_to_string};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::api::{Credentials, ListedAccount, Session};
use super::cast::{CAST, FUNDED, GROUP, MASTERS, platform};
use super::exchange::{EXCHANGE_CAST, ExchangeKey, settings};
use crate::ea_v7::Terminal;

/// Accounts of the fleet.
#[derive(Debug, Clone)]
pub struct Fleet {
    /// Those that lead and the tokens with which followers subscribe to them, in the order of [`MASTERS`].
    pub masters: Vec<(Member, String)>,
    /// Those that follow, in the order of [`CAST`].
    pub followers: Vec<Member>,
}

/// One account of the fleet, as it is kept in the state file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Member {
    /// The account.
    pub id: Uuid,
    /// What it was called when it was made; its owner may rename it.
    name: String,
    /// Its API key.
    pub api_key: String,
}

impl Fleet {
    /// Signs in at `api` and finds the fleet's accounts, or makes those that are missing.
    ///
    /// Keys come from `state` as long as they are current, then from the API, which reveals them to their owner.
    ///
    /// # Errors
    ///
    /// [`Unready`](super::Unready) when it may work later; anything else is final.
    pub async fn prepare(api: &str, owner: &Credentials, state: &Path) -> anyhow::Result<Self> {
        let session = Session::open(api, owner).await?;
        let kept: Vec<Member> =
            read_to_string(state).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let mut roll = Roll { listed: session.list_accounts().await?, session, kept };
        let mut fleet = Self { masters: Vec::new(), followers: Vec::new() };
        for part in MASTERS {
            let (member, token) = roll.member(part.name, "master", part.terminal).await?;
            fleet.masters.push((member, token.context("a master without a token")?));
        }
        for part in CAST {
            let (member, _) = roll.member(part.name, "follower", part.terminal).await?;
            if let (Some(restriction), Some((_, token))) = (part.restriction, fleet.masters.get(part.master))
            {
                roll.session.restrict(member.id, token, restriction).await?;
            }
            if let Some(template) = part.template {
                roll.session.begin_phase(member.id, template).await?;
            }
            fleet.followers.push(member);
        }
        if let Some((leader, _)) = fleet.masters.first() {
            let led = CAST.iter().zip(&fleet.followers).filter(|(part, _)| part.master == 0);
            let members: Vec<Uuid> =
                std::iter::once(leader).chain(led.map(|(_, member)| member)).map(|one| one.id).collect();
            let funded = CAST.iter().zip(&fleet.followers).filter(|(part, _)| part.template.is_some());
            let funded: Vec<Uuid> = funded.map(|(_, member)| member.id).collect();
            roll.session.group_up(&[(GROUP, &members), (FUNDED, &funded)]).await?;
        }
        fleet.keep(state).context("write the fleet's keys")?;
        Ok(fleet)
    }

    /// Makes the accounts at the exchange, connects them and has them follow.
    ///
    /// # Errors
    ///
    /// As [`Fleet::prepare`].
    pub async fn connect(&self, api: &str, owner: &Credentials, keys: &[ExchangeKey]) -> anyhow::Result<()> {
        let session = Session::open(api, owner).await?;
        let listed = session.list_accounts().await?;
        for (part, key) in EXCHANGE_CAST.iter().zip(keys) {
            let account = match listed.iter().find(|account| account.name == part.name) {
                Some(account) => account.id,
                None => session.open_account(part.name, part.role, "bingx").await?.account.id,
            };
            session.connect(account, key).await?;
            if let Some((_, token)) = part.master.and_then(|master| self.masters.get(master)) {
                session.follow(account, token, &settings(part)).await?;
            }
        }
        Ok(())
    }

    /// Readable by its owner only: it holds keys.
    fn keep(&self, state: &Path) -> anyhow::Result<()> {
        let masters = self.masters.iter().map(|(member, _)| member);
        let members: Vec<_> = masters.chain(&self.followers).collect();
        let text = serde_json::to_string_pretty(&members)?;
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(state)?;
        Ok(file.write_all(text.as_bytes())?)
    }
}

impl Member {
    /// Where its broker keeps its books: beside `state`, one file an account.
    #[must_use]
    pub fn books_beside(&self, state: &Path) -> PathBuf {
        state.with_extension(format!("{}.json", self.id))
    }
}

/// What exists already.
struct Roll<'a> {
    session: Session<'a>,
    listed: Vec<ListedAccount>,
    kept: Vec<Member>,
}

impl Roll<'_> {
    /// The account once made as `name`, and its token if it leads.
    async fn member(
        &mut self,
        name: &str,
        role: &str,
        terminal: Terminal,
    ) -> anyhow::Result<(Member, Option<String>)> {
        let kept = self.kept.iter().find(|member| member.name == name);
        let found = kept
            .and_then(|member| self.listed.iter().find(|account| account.id == member.id))
            .or_else(|| self.listed.iter().find(|account| account.name == name));
        let (account, api_key) = match (found, kept) {
            (Some(account), Some(member)) if member.api_key.starts_with(&account.api_key_prefix) => {
                (account.clone(), member.api_key.clone())
            }
            (Some(account), _) => (account.clone(), self.session.reveal_key(account.id).await?),
            (None, _) => {
                let opened = self.session.open_account(name, role, platform(terminal)).await?;
                if role == "master" {
                    self.session.publish(opened.account.id, name).await?;
                }
                let api_key = opened.api_key.context("an account without a key for its EA")?;
                (opened.account, api_key)
            }
        };
        Ok((Member { id: account.id, name: name.to_owned(), api_key }, account.master_token))
    }
}
