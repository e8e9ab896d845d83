alter table risk_phases
    drop constraint risk_phases_template_length,
    drop constraint risk_phases_confirmation_is_whole,
    drop column template_id,
    drop column template_size,
    drop column confirmed_at,
    drop column confirmed_by;
