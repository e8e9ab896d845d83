revoke update (taken_back_at, taken_back_by, take_back_reason) on risk_floor_overrides from flotilla_app;
alter table risk_floor_overrides
    drop constraint risk_floor_overrides_taken_back_whole,
    drop constraint risk_floor_overrides_take_back_length,
    drop column taken_back_at,
    drop column taken_back_by,
    drop column take_back_reason;
