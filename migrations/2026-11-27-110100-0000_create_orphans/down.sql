drop table orphans;
