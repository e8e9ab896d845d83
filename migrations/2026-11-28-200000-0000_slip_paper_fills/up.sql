-- Paper accounts fill at the master's price, worse by what their owner chose.

alter table accounts
    add column paper_slippage numeric,
    add constraint accounts_paper_slippage check (paper_slippage >= 0 and paper_slippage <= 0.1);

comment on column accounts.paper_slippage is 'Of a paper account: how much worse than the price it sees it is filled, as a fraction; none: as usual.';
