drop table key_addresses;
