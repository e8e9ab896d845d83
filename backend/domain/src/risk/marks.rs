//! Which marks hold for an account: its own, else those of its groups, else
//! its owner's, else those that hold for everybody. A rule's own come before
//! all of them ([`super::rule::Rule::marks`]).

use serde::{Deserialize, Serialize};

use super::form::MAX_THRESHOLD;
use super::rule::{Class, Rule};
use super::status::{DefaultThresholds, Thresholds};
use crate::id::GroupId;
use crate::text_enum::text_enum;

/// Marks that an account, a group or an owner sets; those left out come from the next of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Marks {
    /// Of floors and of the risk per trade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money: Option<Thresholds>,
    /// Of the other caps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<Thresholds>,
}

text_enum! {
    /// Who set marks.
    MarksLevel, "level of marks" {
        /// The rule itself.
        Rule = "rule",
        /// The account.
        Account = "account",
        /// One or more groups of the account.
        Group = "group",
        /// Its owner, for all accounts.
        Tenant = "tenant",
        /// Nobody: they hold for everybody.
        BuiltIn = "built_in",
    }
}

/// A group that sets marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkingGroup {
    /// The group.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// What it sets.
    pub marks: Marks,
}

/// Where marks are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Who set them.
    pub level: MarksLevel,
    /// Identifiers and names of the groups, where groups did.
    pub groups: Vec<(GroupId, String)>,
}

/// Marks that hold for an account, and where they are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The marks.
    pub marks: DefaultThresholds,
    /// Where those of money are from.
    pub money: Source,
    /// Where those of counts are from.
    pub count: Source,
}

impl Marks {
    /// Whether it sets none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.money.is_none() && self.count.is_none()
    }

    /// Those of a class.
    #[must_use]
    pub const fn of(&self, class: Class) -> Option<Thresholds> {
        match class {
            Class::Money => self.money,
            Class::Count => self.count,
        }
    }
}

impl From<MarksLevel> for Source {
    fn from(level: MarksLevel) -> Self {
        Self { level, groups: Vec::new() }
    }
}

impl Resolved {
    /// Marks of an account that sets none of its own. In several groups the
    /// strictest of each mark holds: the one that warns first.
    #[must_use]
    pub fn inherited(groups: &[MarkingGroup], tenant: Marks) -> Self {
        let of = |class| {
            of_groups(groups, class)
                .or_else(|| Some((tenant.of(class)?, MarksLevel::Tenant.into())))
                .unwrap_or_else(|| (DefaultThresholds::default().of(class), MarksLevel::BuiltIn.into()))
        };
        let ((money, of_money), (count, of_count)) = (of(Class::Money), of(Class::Count));
        Self { marks: DefaultThresholds { money, count }, money: of_money, count: of_count }
    }

    /// The same of an account that sets its own.
    #[must_use]
    pub fn under(mut self, own: Marks) -> Self {
        if let Some(money) = own.money {
            (self.marks.money, self.money) = (money, MarksLevel::Account.into());
        }
        if let Some(count) = own.count {
            (self.marks.count, self.count) = (count, MarksLevel::Account.into());
        }
        self
    }

    /// Where the marks of `rule` are from.
    #[must_use]
    pub fn source_of(&self, rule: &Rule) -> Source {
        if rule.thresholds.is_some() {
            return MarksLevel::Rule.into();
        }
        match rule.kind().class() {
            Class::Money => self.money.clone(),
            Class::Count => self.count.clone(),
        }
    }
}

/// The first warning and the first alarm that any of `groups` asks for.
fn of_groups(groups: &[MarkingGroup], class: Class) -> Option<(Thresholds, Source)> {
    let set = || groups.iter().filter_map(|group| Some((group, group.marks.of(class)?)));
    let caution = set().map(|(_, marks)| marks.caution()).max()?;
    let critical = set().map(|(_, marks)| marks.critical()).max()?;
    // Each has its critical mark below its first: so have the largest of both.
    let strictest = Thresholds::new(caution, critical).ok()?;
    let gives = |marks: &Thresholds| marks.caution() == caution || marks.critical() == critical;
    let named = set().filter(|(_, marks)| gives(marks)).map(|(group, _)| (group.id, group.name.clone()));
    Some((strictest, Source { level: MarksLevel::Group, groups: named.collect() }))
}

/// Why marks make no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at most a million, whatever its sign")]
pub struct MarksError;

impl Thresholds {
    /// These marks, when they are of a size that a percentage may have.
    ///
    /// # Errors
    ///
    /// [`MarksError`].
    pub fn bounded(self) -> Result<Self, MarksError> {
        if self.largest() > MAX_THRESHOLD { Err(MarksError) } else { Ok(self) }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn marks(caution: i64, critical: i64) -> Thresholds {
        Thresholds::new(caution.into(), critical.into()).unwrap()
    }

    fn money(caution: i64, critical: i64) -> Marks {
        Marks { money: Some(marks(caution, critical)), count: None }
    }

    fn group(name: &str, marks: Marks) -> MarkingGroup {
        MarkingGroup { id: GroupId::from_uuid(Uuid::nil()), name: name.to_owned(), marks }
    }

    #[rstest]
    #[case::nobody([Marks::default(); 2], &[], (50, 20), (MarksLevel::BuiltIn, ""))]
    #[case::the_owner([Marks::default(), money(60, 30)], &[], (60, 30), (MarksLevel::Tenant, ""))]
    #[case::a_group(
        [Marks::default(), money(60, 30)], &[("A", money(70, 10))], (70, 10), (MarksLevel::Group, "A")
    )]
    #[case::a_group_without(
        [Marks::default(), money(60, 30)], &[("A", Marks::default())], (60, 30), (MarksLevel::Tenant, "")
    )]
    #[case::the_strictest_of_each_mark(
        [Marks::default(), money(99, 99)], &[("A", money(70, 10)), ("B", money(40, 35)), ("C", money(30, 5))],
        (70, 35), (MarksLevel::Group, "A B")
    )]
    #[case::the_account(
        [money(25, 5), money(60, 30)], &[("A", money(70, 10))], (25, 5), (MarksLevel::Account, "")
    )]
    fn the_nearest_level_that_sets_marks_counts(
        #[case] of_account_and_owner: [Marks; 2],
        #[case] groups: &[(&str, Marks)],
        #[case] (caution, critical): (i64, i64),
        #[case] (level, named): (MarksLevel, &str),
    ) {
        let [own, tenant] = of_account_and_owner;
        let groups: Vec<_> = groups.iter().map(|(name, marks)| group(name, *marks)).collect();

        let resolved = Resolved::inherited(&groups, tenant).under(own);

        assert_eq!(resolved.marks.money, marks(caution, critical));
        assert_eq!(resolved.money.level, level);
        assert_eq!(
            resolved.money.groups.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(" "),
            named
        );
        assert_eq!(resolved.marks.count, Thresholds::COUNT, "each class for itself");
        assert_eq!(resolved.count, MarksLevel::BuiltIn.into());
    }

    #[test]
    fn a_rules_own_marks_come_first_and_each_class_has_its_source() {
        let rule = |form| serde_json::from_value::<Rule>(form).unwrap();
        let limit = json!({ "type": "amount", "value": "5000" });
        let own = json!({ "caution": "90", "critical": "80" });
        let marked = rule(json!({ "id": "a", "kind": "max_total_loss", "limit": limit, "thresholds": own }));
        let plain = rule(json!({ "id": "b", "kind": "max_total_loss", "limit": limit }));
        let counted = rule(json!({ "id": "c", "kind": "max_open_positions", "cap": "2" }));

        let resolved = Resolved::inherited(&[], money(60, 30));

        assert_eq!(resolved.source_of(&marked), MarksLevel::Rule.into());
        assert_eq!(resolved.source_of(&plain), MarksLevel::Tenant.into());
        assert_eq!(resolved.source_of(&counted), MarksLevel::BuiltIn.into());
    }

    #[test]
    fn what_is_left_out_is_not_written_and_marks_are_of_a_size() {
        assert_eq!(json!(Marks::default()), json!({}));
        let read: Marks = serde_json::from_value(json!(money(60, 30))).unwrap();
        assert_eq!(read, money(60, 30));
        assert!(marks(1_000_000, -1_000_000).bounded().is_ok());
        assert_eq!(marks(1_000_001, 0).bounded(), Err(MarksError));
        assert_eq!(marks(0, -1_000_001).bounded(), Err(MarksError));
    }
}
