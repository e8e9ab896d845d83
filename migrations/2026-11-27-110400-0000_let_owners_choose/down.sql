alter table accounts
    drop column close_with_partner,
    drop column adopt_inferred;
