drop index trades_told_by_number;
