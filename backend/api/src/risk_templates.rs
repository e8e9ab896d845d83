//! Rules of firms that this version ships.

use std::sync::LazyLock;

use flotilla_domain::risk::template::{Template, Templates};

static SHIPPED: LazyLock<Templates> = LazyLock::new(|| {
    let text = include_str!("../../domain/data/risk_templates.json");
    serde_json::from_str(text).expect("a test reads the file that is built in")
});

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
}
