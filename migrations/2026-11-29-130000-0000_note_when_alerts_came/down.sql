alter table alerts drop column came_at;
