-- An exchange says at which price an order was filled, after its copy was booked.

grant update (quantity, price) on executions to flotilla_worker;
