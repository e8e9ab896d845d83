alter table risk_states
    drop column risk,
    drop column told,
    drop column due_at;
