drop table alert_levels;
