import { LineSocket } from './line-socket.ts';

/**
 * EAs of version 7, written from the protocol's description and not from the Rust code: a second implementation finds what
 * the encoder and the decoder of the first one agree on wrongly.
 */

export type Side = 'BUY' | 'SELL';

export interface Order {
  side: Side;
  symbol: string;
  price: string;
  lots: string;
  ticket: string;
  stopLoss?: string;
  takeProfit?: string;
}

/** `CMD_OPEN|TYPE|SYMBOL|PRICE|VOLUME|SL|TP|MASTER_TICKET`, later fields ignored as the EAs do. */
export interface OpenCommand {
  side: Side;
  symbol: string;
  price: string;
  lots: string;
  stopLoss: string;
  takeProfit: string;
  masterTicket: string;
}

/** `CMD_CLOSE|SYMBOL|SLAVE_TICKET|MASTER_TICKET`. */
export interface CloseCommand {
  symbol: string;
  ticket: string;
  masterTicket: string;
}

const decimal = /^-?\d+(\.\d+)?$/;
const wholeNumber = /^\d+$/;

function fields(line: string, verb: string, atLeast: number): string[] {
  const [first, ...rest] = line.split('|');
  if (first !== verb || rest.length < atLeast) throw new Error(`not a ${verb} line: ${line}`);
  return rest;
}

function matching(text: string | undefined, pattern: RegExp, what: string): string {
  if (text === undefined || !pattern.test(text)) throw new Error(`${what} is "${text}"`);
  return text;
}

export function parseOpen(line: string): OpenCommand {
  const [side, symbol, price, lots, stopLoss, takeProfit, ticket] = fields(line, 'CMD_OPEN', 7);
  // An EA takes everything but BUY for SELL, so nothing else may ever be sent.
  matching(side, /^(BUY|SELL)$/, 'side');
  return {
    side: side === 'BUY' ? 'BUY' : 'SELL',
    symbol: matching(symbol, /^\S+$/, 'symbol'),
    price: matching(price, decimal, 'price'),
    lots: matching(lots, decimal, 'lots'),
    stopLoss: matching(stopLoss, decimal, 'stop loss'),
    takeProfit: matching(takeProfit, decimal, 'take profit'),
    masterTicket: matching(ticket, wholeNumber, 'master ticket'),
  };
}

export function parseClose(line: string): CloseCommand {
  const [symbol, ticket, masterTicket] = fields(line, 'CMD_CLOSE', 3);
  return {
    symbol: matching(symbol, /^\S+$/, 'symbol'),
    ticket: matching(ticket, wholeNumber, 'ticket'),
    masterTicket: matching(masterTicket, wholeNumber, 'master ticket'),
  };
}

async function signIn(port: number, apiKey: string): Promise<LineSocket> {
  const socket = await LineSocket.open(port);
  socket.send(`AUTH:${apiKey}`);
  await socket.next('AUTH_OK');
  return socket;
}

/** What a chart shows. */
export interface Quote {
  symbol: string;
  bid: string;
  ask: string;
}

const GOLD: Quote = { symbol: 'XAUUSD', bid: '2035.10', ask: '2035.30' };

/** A master's EA on one chart: prices every second, signals when it trades. */
export class MasterEa {
  readonly #chart: Quote;
  #socket: LineSocket;
  #prices: NodeJS.Timeout;

  private constructor(socket: LineSocket, chart: Quote) {
    this.#socket = socket;
    this.#chart = chart;
    this.#prices = this.#quote();
  }

  static async start(port: number, apiKey: string, chart = GOLD): Promise<MasterEa> {
    const ea = new MasterEa(await signIn(port, apiKey), chart);
    ea.#socket.send('MASTER_SNAPSHOT:');
    await ea.#socket.next('SNAPSHOT_OK');
    return ea;
  }

  open({ side, symbol, price, lots, stopLoss, takeProfit, ticket }: Order): void {
    const stops = `${stopLoss ?? '0.00'}|${takeProfit ?? '0.00'}`;
    this.#socket.send(`SIGNAL_OPEN|${side}|${symbol}|${price}|${lots}|${stops}|${ticket}`);
  }

  close(symbol: string, ticket: string, price: string, profit: string): void {
    this.#socket.send(`SIGNAL_CLOSE|${symbol}|${ticket}|${price}|${profit}`);
  }

  /** Connects anew, as the EA does by itself when its connection broke. */
  async reconnect(port: number, apiKey: string): Promise<void> {
    this.stop();
    this.#socket = await signIn(port, apiKey);
    this.#prices = this.#quote();
  }

  stop(): void {
    clearInterval(this.#prices);
    this.#socket.close();
  }

  #quote(): NodeJS.Timeout {
    const { symbol, bid, ask } = this.#chart;
    const quote = () => this.#socket.send(`CMD_PRICE|${symbol}|${bid}|${ask}`);
    quote();
    return setInterval(quote, 1_000);
  }
}

/** A follower's EA. It acknowledges what it is told by itself unless `silent`. */
export class FollowerEa {
  readonly opened: OpenCommand[] = [];
  readonly closed: CloseCommand[] = [];
  silent = false;
  #socket: LineSocket;
  #pings: NodeJS.Timeout;
  #nextTicket = 880_001;

  private constructor(socket: LineSocket) {
    this.#socket = socket;
    this.#pings = this.#attend();
  }

  /** Without a token it subscribes to nobody: its owner follows on the pages. */
  static async start(port: number, apiKey: string, masterToken?: string): Promise<FollowerEa> {
    const ea = new FollowerEa(await signIn(port, apiKey));
    if (masterToken !== undefined) await ea.#subscribe(masterToken);
    return ea;
  }

  /** Connects anew, as the EA does by itself when its connection broke. */
  async reconnect(port: number, apiKey: string, masterToken?: string): Promise<void> {
    this.stop();
    this.#socket = await signIn(port, apiKey);
    this.#pings = this.#attend();
    if (masterToken !== undefined) await this.#subscribe(masterToken);
  }

  /** The next command to open that this EA has not been asked about yet. */
  async nextOpen(): Promise<OpenCommand> {
    return parseOpen(await this.#socket.next('CMD_OPEN|'));
  }

  async nextClose(): Promise<CloseCommand> {
    return parseClose(await this.#socket.next('CMD_CLOSE|'));
  }

  acknowledgeOpen(command: OpenCommand): string {
    const ticket = String(this.#nextTicket++);
    this.#socket.send(`ACK_OPEN|${command.masterTicket}|${ticket}|${command.lots}|${command.side}`);
    return ticket;
  }

  refuseOpen(command: OpenCommand, reason: string): void {
    this.#socket.send(`ACK_OPEN_FAIL|${command.masterTicket}|${reason}`);
  }

  acknowledgeClose(command: CloseCommand, price: string, profit: string): void {
    this.#socket.send(`ACK_CLOSE|${command.masterTicket}|${price}|${profit}`);
  }

  /** Lists the positions it holds, and waits until the list was taken. */
  async snapshot(tickets: string[]): Promise<void> {
    this.#socket.send(`SLAVE_SNAPSHOT:${tickets.map((ticket) => `${ticket},`).join('')}`);
    await this.#socket.next('SNAPSHOT_OK');
  }

  /** Says how many units a lot has, once after its first order in a symbol. */
  nameLot(symbol: string, units: string, digits: number): void {
    this.#socket.send(`CMD_INIT_SYMBOL|${symbol}|${units}|${digits}`);
  }

  /** Settles when the server's end of the connection is gone. */
  async disconnected(): Promise<void> {
    await this.#socket.closed();
  }

  stop(): void {
    clearInterval(this.#pings);
    this.#socket.close();
  }

  async #subscribe(masterToken: string): Promise<void> {
    this.#socket.send(`SUBSCRIBE:${masterToken}`);
    await this.#socket.next('SUBSCRIBE_OK');
    this.#socket.send('CHECK_STATUS');
    await this.#socket.next('STATUS_ACTIVE');
  }

  #attend(): NodeJS.Timeout {
    const socket = this.#socket;
    socket.onLine((line) => {
      if (line.startsWith('CMD_OPEN|')) this.#answerOpen(parseOpen(line));
      if (line.startsWith('CMD_CLOSE|')) this.#answerClose(parseClose(line));
    });
    return setInterval(() => socket.send('PING'), 5_000);
  }

  #answerOpen(command: OpenCommand): void {
    this.opened.push(command);
    if (!this.silent) this.acknowledgeOpen(command);
  }

  #answerClose(command: CloseCommand): void {
    this.closed.push(command);
    if (!this.silent) this.acknowledgeClose(command, '2034.90', '44.00');
  }
}

/** A reporter beside another EA: tells every second what the account is worth, and takes no commands. */
export class ReporterEa {
  readonly #socket: LineSocket;
  readonly #reports: NodeJS.Timeout;
  #told: number;
  #equity: number;
  readonly #balance: number;

  private constructor(socket: LineSocket, balance: number) {
    this.#socket = socket;
    this.#balance = balance;
    this.#equity = balance;
    this.#told = balance;
    this.#report();
    this.#reports = setInterval(() => this.#report(), 1_000);
  }

  static async start(port: number, apiKey: string, balance: number): Promise<ReporterEa> {
    const socket = await LineSocket.open(port);
    // In one packet, so that it is never taken for an EA that trades.
    socket.send(`AUTH:${apiKey}\nREPORT_ONLY`);
    await socket.next('AUTH_OK');
    return new ReporterEa(socket, balance);
  }

  /** What the account is worth from now on, while its positions are open. */
  moveTo(equity: number): void {
    this.#equity = equity;
    this.#report();
  }

  stop(): void {
    clearInterval(this.#reports);
    this.#socket.close();
  }

  /** Balance, equity, margin, free margin, currency, leverage; the extremes since the last line; when. */
  #report(): void {
    const [low, high] = [this.#told, this.#equity].sort((a, b) => a - b).map(amount);
    const [balance, equity] = [amount(this.#balance), amount(this.#equity)];
    this.#told = this.#equity;
    this.#socket.send(
      `ACCOUNT|${balance}|${equity}|0.00|${equity}|USD|100|${high}|${low}|${Date.now()}`,
    );
  }
}

const amount = (value: number): string => value.toFixed(2);
