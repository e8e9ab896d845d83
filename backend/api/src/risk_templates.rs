//! Rules of firms that this version ships.

use std::sync::LazyLock;

use flotilla_domain::risk::copy_policy::{CopyPolicies, CopyPolicy};
use flotilla_domain::risk::template::{Template, Templates};

static SHIPPED: LazyLock<Templates> = LazyLock::new(|| {
    let text = include_str!("../../domain/data/risk_templates.json");
    serde_json::from_str(text).expect("a test reads the file that is built in")
});

static POLICIES: LazyLock<CopyPolicies> = LazyLock::new(|| {
    let text = include_str!("../../domain/data/copy_policies.json");
    serde_json::from_str(text).expect("a test reads the file that is built in")
});

/// What the firm of a template says about copying, as far as that is established.
pub fn copying(template: &str) -> Option<&'static CopyPolicy> {
    POLICIES.of(template)
}

/// All of them.
pub fn all() -> &'static Templates {
    &SHIPPED
}

/// The one with this identifier.
pub fn find(id: &str) -> Option<&'static Template> {
    SHIPPED.templates.iter().find(|template| template.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_can_be_taken_over_in_some_size() {
        for template in &all().templates {
            let sizes =
                template.market_sizes.iter().filter(|size| template.rules_for(**size).is_ok()).count();
            assert!(sizes > 0, "{}", template.id);
            assert!(!template.as_of.is_empty() && !template.confidence.is_empty(), "{}", template.id);
            assert!(find(&template.id).is_some());
        }
    }

    #[test]
    fn a_policy_is_of_shipped_templates_and_says_from_which_page_of_a_firm() {
        let mut seen = std::collections::BTreeSet::new();
        for policy in &POLICIES.policies {
            assert!(policy.source.starts_with("https://") && !policy.notes.is_empty(), "{}", policy.source);
            for id in &policy.templates {
                assert!(find(id).is_some() && seen.insert(id), "{id}");
                assert_eq!(copying(id), Some(policy));
            }
        }
        assert_eq!(copying("ftmo_2step_p1"), None, "what others write about a firm establishes nothing");
    }
}
