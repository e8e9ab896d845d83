alter table groups
    drop column required_rules,
    drop column required_template_id,
    drop column required_template_size;
