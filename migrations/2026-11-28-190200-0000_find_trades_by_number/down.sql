drop index trades_by_number;
