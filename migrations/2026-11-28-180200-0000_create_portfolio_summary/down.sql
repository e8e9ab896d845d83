drop view user_portfolio_summary;
