drop table ws_tickets;
drop table refresh_tokens;
