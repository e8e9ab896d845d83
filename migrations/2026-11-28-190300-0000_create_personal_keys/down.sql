drop table personal_key_hashes;
drop table personal_keys;
