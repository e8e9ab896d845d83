alter table sessions drop column opens_from;
