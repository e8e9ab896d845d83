alter table accounts
    drop column default_sizing,
    drop column default_sizing_value;
