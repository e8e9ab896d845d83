// Places market orders with the unmodified ccxt as fast as it can, and prints how many a second that were.
//
//   node bench/ccxt-orders.mjs HOST:PORT ACCOUNTS ORDERS IN_FLIGHT
//
// The live host of a simulator whose limits are off, with accounts key0, key1 and so on, whose secret is `secret`. Its own
// limiter is off as well: it counts by instance, and there is one for each account.
import { createRequire } from 'node:module';

const ccxt = createRequire(import.meta.url)('ccxt');
const [host, accounts, orders, inFlight] = process.argv
  .slice(2)
  .map((word, at) => (at === 0 ? word : Number(word)));
const symbol = 'BTC/USDT:USDT';

function client(at) {
  const exchange = new ccxt.bingx({
    apiKey: `key${at}`,
    secret: 'secret',
    enableRateLimit: false,
    options: { defaultType: 'swap' },
  });
  for (const [name, address] of Object.entries(exchange.urls.api)) {
    if (typeof address === 'string') exchange.urls.api[name] = `http://${host}/openApi`;
  }
  return exchange;
}

const place = (exchange, name) =>
  exchange.createOrder(symbol, 'market', 'buy', 0.001, undefined, {
    hedged: true,
    clientOrderId: name,
  });

const clients = Array.from({ length: accounts }, (_, at) => client(at));
// Markets are read once, not by each.
await clients[0].loadMarkets();
for (const other of clients.slice(1)) other.setMarkets(clients[0].markets, clients[0].currencies);
await Promise.all(clients.slice(0, inFlight).map((one, at) => place(one, `ccxtwarm${at}`)));

const began = performance.now();
let next = 0;
async function worker() {
  while (next < orders) {
    const at = next++;
    await place(clients[at % accounts], `ccxt${at}`);
  }
}
await Promise.all(Array.from({ length: inFlight }, worker));
const seconds = (performance.now() - began) / 1_000;
console.log(
  `ccxt: ${orders} orders, ${inFlight} at a time: ${Math.round(orders / seconds)} a second`,
);
