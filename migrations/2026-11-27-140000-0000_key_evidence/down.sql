alter table evidence drop column line_id;
