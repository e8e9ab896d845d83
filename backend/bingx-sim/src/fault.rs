//! Faults on order: which requests they hit, and what happens to those.

use serde::Deserialize;

use crate::chance::Chance;
use crate::request::Incoming;

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Mishap {
    /// Answers with this status and does nothing.
    StatusBefore {
        /// HTTP status.
        status: u16,
    },
    /// Does it, and answers with this status.
    StatusAfter {
        /// HTTP status.
        status: u16,
    },
    /// Ends the connection and does nothing.
    DropBefore,
    /// Does it, and ends the connection.
    DropAfter,
    /// Does it, and answers later.
    Slow {
        /// By so many milliseconds.
        ms: u64,
    },
    /// Does it, and hides the order from queries.
    Hide {
        /// For so many milliseconds.
        ms: i64,
        /// And ends the connection without an answer: the worst of both.
        #[serde(default)]
        lost: bool,
    },
    /// Does it, and sends half of the answer.
    HalfBody,
    /// Does it, and answers with something that is no JSON.
    Garbage,
    /// Does it, and answers with this instead. Redirections lead to a path that ends in `elsewhere`.
    Answer {
        /// HTTP status.
        status: u16,
        /// Body.
        body: String,
    },
    /// Does it, and answers with numbers of orders as a float writes them.
    FloatIds,
    /// Does it, and answers about another contract.
    OtherSymbol,
    /// Answers as the firewall does, with HTML and 403.
    Firewall,
    /// Refuses with this code and text.
    Refuse {
        /// Number.
        code: i64,
        /// Words.
        text: String,
    },
    /// Refuses likewise, and from now on shows what it hid of this account: what was sent first took the room.
    RefuseAndShow {
        /// Number.
        code: i64,
        /// Words.
        text: String,
    },
    /// Does it; exits that come with an entry are lost when it fills.
    LoseExits,
    /// An order that is to be cancelled is filled just before.
    FillFirst,
}

/// Which requests, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What happens.
    pub mishap: Mishap,
    /// Of this account only.
    #[serde(default)]
    pub uid: Option<u64>,
    /// `GET` and so on.
    #[serde(default)]
    pub method: Option<String>,
    /// End of the path.
    #[serde(default)]
    pub path: Option<String>,
    /// So many are let through before.
    #[serde(default)]
    pub after: u64,
    /// So many are hit; all, where nothing stands.
    #[serde(default)]
    pub times: Option<u64>,
    /// In so many of a thousand cases; in all, where nothing stands.
    #[serde(default)]
    pub permille: Option<u64>,
}

impl Rule {
    /// Hits all requests.
    pub const fn of(mishap: Mishap) -> Self {
        Self { mishap, uid: None, method: None, path: None, after: 0, times: None, permille: None }
    }

    /// Hits requests with this method and end of the path only.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path = Some(path.to_owned());
        self
    }

    /// Hits so many only.
    #[must_use]
    pub const fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Hits this account only.
    #[must_use]
    pub const fn of_account(mut self, uid: u64) -> Self {
        self.uid = Some(uid);
        self
    }

    /// Hits so many of a thousand.
    #[must_use]
    pub const fn permille(mut self, permille: u64) -> Self {
        self.permille = Some(permille);
        self
    }

    fn is_for(&self, uid: Option<u64>, request: &Incoming) -> bool {
        self.uid.is_none_or(|wanted| uid == Some(wanted))
            && self.method.as_ref().is_none_or(|method| *method == request.method)
            && self.path.as_ref().is_none_or(|path| request.path.ends_with(path.as_str()))
    }
}

/// All rules.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<Rule>,
    /// How many requests were hit.
    pub hits: u64,
}

impl Faults {
    /// Adds a rule.
    pub fn add(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    /// Takes all rules away.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// What happens to this request. The first rule that fits counts.
    pub fn strike(&mut self, uid: Option<u64>, request: &Incoming, chance: &mut Chance) -> Option<Mishap> {
        for rule in &mut self.rules {
            if !rule.is_for(uid, request) || rule.times == Some(0) {
                continue;
            }
            if rule.after > 0 {
                rule.after -= 1;
                continue;
            }
            if rule.permille.is_some_and(|permille| !chance.permille(permille)) {
                continue;
            }
            rule.times = rule.times.map(|left| left - 1);
            self.hits += 1;
            return Some(rule.mishap.clone());
        }
        None
    }
}

/// What goes wrong with a user stream, so many times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamMishap {
    /// The connection ends.
    Drop,
    /// Nothing comes any more, not even pings.
    Stall,
    /// An event comes twice.
    Twice,
    /// Two events change places.
    Swap,
    /// An event is left out.
    Lose,
    /// An event comes in two frames of one message.
    Split,
}
