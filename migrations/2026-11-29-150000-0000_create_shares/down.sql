drop table share_hashes;
drop table shares;
