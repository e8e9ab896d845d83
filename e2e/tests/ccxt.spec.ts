import { createRequire } from 'node:module';
import { expect, test } from '@playwright/test';
import { BingxSim } from '../world/bingx-sim';

interface Order {
  id: string;
  clientOrderId?: string;
  status: string;
  filled: number;
  stopLossPrice?: number;
}

/** The part of ccxt that is used. Its own declarations are megabytes. */
interface Exchange {
  urls: { api: Record<string, unknown> };
  loadHttpProxyAgent(): Promise<unknown>;
  loadMarkets(): Promise<Record<string, { precision: { amount: number } }>>;
  fetchBalance(): Promise<Record<string, { total?: number }>>;
  fetchPositions(): Promise<{ side: string; contracts: number }[]>;
  setLeverage(leverage: number, symbol: string, params: object): Promise<unknown>;
  createOrder(
    symbol: string,
    type: string,
    side: string,
    amount: number,
    price: number | undefined,
    params: object,
  ): Promise<Order>;
  cancelOrder(id: string, symbol: string): Promise<Order>;
  fetchOrder(id: string, symbol: string): Promise<Order>;
  fetchOpenOrders(symbol: string): Promise<Order[]>;
  fetchOrders(symbol: string, since: number): Promise<Order[]>;
  fetchMyTrades(symbol: string, since: number): Promise<{ order: string; amount: number }[]>;
  fetchOHLCV(symbol: string, timeframe: string): Promise<number[][]>;
  fetchOrderBook(symbol: string): Promise<{ asks: number[][]; bids: number[][] }>;
  watchOrders(symbol: string): Promise<Order[]>;
  watchTicker(symbol: string): Promise<{ last?: number }>;
  watchOHLCV(symbol: string, timeframe: string): Promise<number[][]>;
  close(): Promise<void>;
}

const symbol = 'BTC/USDT:USDT';

/** The unmodified package, led to the simulator by its addresses alone. */
function client(sim: BingxSim): Exchange {
  const { pro } = createRequire(import.meta.url)('ccxt') as {
    pro: Record<'bingx', new (options: object) => Exchange>;
  };
  const exchange = new pro.bingx({
    apiKey: 'key',
    secret: 'secret',
    // Nothing here judges speed.
    timeout: 120_000,
    options: { defaultType: 'swap' },
  });
  for (const [name, address] of Object.entries(exchange.urls.api)) {
    if (typeof address === 'string') exchange.urls.api[name] = `http://${sim.live}/openApi`;
  }
  const stream = `ws://${sim.live}/swap-market`;
  exchange.urls.api.ws = { linear: stream, inverse: stream, spot: stream };
  return exchange;
}

test('a client that is not ours trades on the simulated exchange', async () => {
  const sim = await BingxSim.start();
  const exchange = client(sim);
  const since = Date.now() - 60_000;
  try {
    // It demands this of streams without TLS.
    await exchange.loadHttpProxyAgent();
    // A request may be long on its way here.
    await sim.control({ op: 'profile', profile: { window_ms: 60_000 } });
    const opened = (await sim.control({
      op: 'open_account',
      key: 'key',
      secret: 'secret',
      deposit: '10000',
    })) as { uid: number };

    await test.step('markets, balance, book, candles', async () => {
      const markets = await exchange.loadMarkets();
      expect(markets[symbol]?.precision.amount).toBe(0.0001);
      expect((await exchange.fetchBalance()).USDT?.total).toBe(10_000);
      const book = await exchange.fetchOrderBook(symbol);
      expect(book.asks[0]?.[0]).toBeGreaterThan(book.bids[0]?.[0] ?? Number.NaN);
      const times = (await exchange.fetchOHLCV(symbol, '1m')).map(([time]) => time ?? 0);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    });

    await test.step('leverage and a market order with a stop, told by the stream', async () => {
      await exchange.setLeverage(10, symbol, { side: 'LONG' });
      const watched = exchange.watchOrders(symbol);
      // The stream tells only what happens after it is there.
      await expect.poll(() => sim.control({ op: 'listening' })).toEqual({ streams: 1 });
      const order = await exchange.createOrder(symbol, 'market', 'buy', 0.01, undefined, {
        hedged: true,
        clientOrderId: 'Ccxt1',
        stopLoss: { triggerPrice: 105_000 },
        takeProfit: { triggerPrice: 120_000 },
      });
      expect((await watched).map(({ id }) => id)).toContain(order.id);

      const read = await exchange.fetchOrder(order.id, symbol);
      expect(read).toMatchObject({ status: 'closed', filled: 0.01, clientOrderId: 'ccxt1' });
      expect(await exchange.fetchPositions()).toMatchObject([{ side: 'long', contracts: 0.01 }]);
      expect(await exchange.fetchOpenOrders(symbol)).toHaveLength(2);
    });

    await test.step('a limit order with a stop, its cancel, and what is read back', async () => {
      const order = await exchange.createOrder(symbol, 'limit', 'buy', 0.01, 100_000, {
        hedged: true,
        stopLoss: { triggerPrice: 95_000 },
      });
      expect(await exchange.fetchOrder(order.id, symbol)).toMatchObject({
        status: 'open',
        stopLossPrice: 95_000,
      });
      await exchange.cancelOrder(order.id, symbol);
      expect(await exchange.fetchOrder(order.id, symbol)).toMatchObject({ status: 'canceled' });
      const orders = await exchange.fetchOrders(symbol, since);
      expect(orders.map(({ id }) => id)).toContain(order.id);
      const trades = await exchange.fetchMyTrades(symbol, since);
      expect(trades.reduce((sum, { amount }) => sum + amount, 0)).toBeCloseTo(0.01, 8);
    });

    await test.step('a close, after which the exits are gone and the sums are right', async () => {
      await exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, {
        hedged: true,
        reduceOnly: true,
      });
      expect(await exchange.fetchPositions()).toEqual([]);
      expect(await exchange.fetchOpenOrders(symbol)).toEqual([]);
      expect(await sim.control({ op: 'check' })).toEqual([]);
      const books = await sim.control({ op: 'ledger', host: 'demo', uid: opened.uid });
      expect(books).toMatchObject({ orders: [], fills: 0 });
    });

    await test.step('a price and the candle that runs, told by the stream', async () => {
      const price = '109100';
      await sim.control({ op: 'price', host: 'live', symbol: 'BTC-USDT', price });
      expect(await exchange.watchTicker(symbol)).toMatchObject({ last: 109_100 });
      expect((await exchange.watchOHLCV(symbol, '1m')).at(-1)?.[4]).toBe(109_100);
    });

    await test.step('what it does wrong is refused', async () => {
      const tooMuch = exchange.createOrder(symbol, 'market', 'buy', 50, undefined, {
        hedged: true,
      });
      await expect(tooMuch).rejects.toThrow(/margin/i);
    });
  } finally {
    await exchange.close();
    await sim.stop();
  }
});
