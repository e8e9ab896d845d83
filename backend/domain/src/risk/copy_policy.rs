//! What firms say about copying on their own pages.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::text_enum::text_enum;

text_enum! {
    /// What a firm says about a way of copying.
    CopyStance, "stance on copying" {
        /// It is allowed.
        Allowed = "allowed",
        /// It is allowed under conditions.
        Restricted = "restricted",
        /// It is not allowed.
        Forbidden = "forbidden",
        /// No page of the firm was found that says it.
        NotEstablished = "not_established",
    }
}

/// Policies of firms.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyPolicies {
    /// Name and version of the format.
    pub format: String,
    /// How they were found.
    pub about: String,
    /// The policies; a template without one is not established.
    pub policies: Vec<CopyPolicy>,
}

/// What the page of one firm says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyPolicy {
    /// Templates it holds for.
    pub templates: Vec<String>,
    /// From an account of the trader to another of his.
    pub own_accounts: CopyStance,
    /// From or to accounts of other people.
    pub other_people: CopyStance,
    /// By a program, such as an EA.
    pub copier_programs: CopyStance,
    /// How sure we are.
    pub confidence: String,
    /// When the page was read.
    pub read_on: NaiveDate,
    /// Address of the page, of the firm itself.
    pub source: String,
    /// Conditions, in few words.
    pub notes: String,
}

impl CopyPolicies {
    /// The policy that holds for a template.
    #[must_use]
    pub fn of(&self, template: &str) -> Option<&CopyPolicy> {
        self.policies.iter().find(|policy| policy.templates.iter().any(|id| id == template))
    }
}
