//+------------------------------------------------------------------+
//| FlotillaReporter.mq5                                             |
//|                                                                  |
//| Tells Flotilla what an account is worth: balance, equity with    |
//| its highs and lows, and open positions. It only looks and tells. |
//| It holds no trading function and obeys no command.               |
//|                                                                  |
//| Put it on any chart of the account, beside any other EA.         |
//| Tools > Options > Expert Advisors: add the server's host to the  |
//| list of allowed addresses.                                       |
//+------------------------------------------------------------------+
#ifdef __MQL5__
#property copyright   "Flotilla"
#property version     "1.00"
#property description "Reports balance, equity and open positions to Flotilla. Never trades."
// A list of bytes that grows as needed. The tests compile this file as C++ and bring their own.
#define BYTES(name) uchar name[]
#endif

input string ServerHost = "";    // Host name or address of your Flotilla
input int    ServerPort = 5001;  // Its port for EAs
input string ApiKey     = "";    // API key of this account

// Milliseconds.
#define LOOK_EVERY     100     // between two looks at the account
#define TELL_EVERY     1000    // between two reports, at least
#define TELL_QUIETLY   5000    // between two reports in which nothing is new
#define LIST_EVERY     60000   // between two lists of positions in which nothing is new
#define PING_EVERY     10000   // between two signs of life while the broker is away
#define CONNECT_WITHIN 5000    // an attempt to connect takes this long at most, and nothing else happens
#define ANSWER_WITHIN  15000
#define RETRY_FIRST    1000
#define RETRY_MOST     30000
#define RETRY_REFUSED  60000   // after a wrong key
#define LATE_AT_MOST   1000    // a report this late still is one of the reset
#define CASH_WITHIN    10000   // in which the history shows what changed the balance
#define LOST_WITHIN    15000   // what was told so long before a connection was lost may have been lost with it
#define KEPT_MOST      24      // lines that are kept
#define INPUT_MOST     8192    // characters of a line that does not end

int    g_socket       = -1;
bool   g_is_let_in    = false;
string g_input        = "";
ulong  g_connected_at = 0;
ulong  g_retry_at     = 0;
ulong  g_retry_after  = RETRY_FIRST;
long   g_clock        = 0;      // UTC when the computer's ticks began, in milliseconds
long   g_reset_at     = 0;      // next reset of the account's day, in milliseconds of UTC
bool   g_is_watching  = false;
double g_high         = 0.0;    // equity since the last report
double g_low          = 0.0;
int    g_kept         = 0;      // lines that are still to be told, and those that were told of late; the oldest first
string g_kept_line[KEPT_MOST];  // up to the time at which it was true
string g_kept_cash[KEPT_MOST];
double g_kept_high[KEPT_MOST];
double g_kept_low[KEPT_MOST];
bool   g_kept_ends_day[KEPT_MOST]; // whether it is of a reset
bool   g_kept_is_told[KEPT_MOST];
ulong  g_kept_told_at[KEPT_MOST];
double g_cash         = 0.0;    // moved in and out in the account's whole history
bool   g_is_cash_known = false; // whether that is so with the balance and the credit
double g_cash_balance = 0.0;    // of these
double g_cash_credit  = 0.0;
bool   g_is_doubting  = false;  // whether the history does not show how the balance came about
ulong  g_doubt_at     = 0;      // since when
ulong  g_cash_at      = 0;      // when it was last looked at
ulong  g_told_at      = 0;
string g_told         = "";     // the last report without its time
ulong  g_listed_at    = 0;
string g_listed       = "";     // the last list without its results
string g_listing      = "";     // the next one

//+------------------------------------------------------------------+
//| Time                                                             |
//+------------------------------------------------------------------+

// Milliseconds of UTC. The terminal tells whole seconds: the largest difference to the ticks is the true one.
long NowMs()
  {
   long ticks = (long)GetTickCount64();
   long clock = (long)TimeGMT() * 1000 - ticks;
   if(clock > g_clock || clock < g_clock - 2000)
      g_clock = clock;
   return(g_clock + ticks);
  }

bool IsPast(const ulong since, const ulong by)
  {
   return(GetTickCount64() - since >= by);
  }

// What the trade server's clock is ahead of UTC, in milliseconds: whole quarters of an hour.
long ServerAheadMs()
  {
   double quarters = MathRound((double)((long)TimeTradeServer() - (long)TimeGMT()) / 900.0);
   return((long)quarters * 900 * 1000);
  }

//+------------------------------------------------------------------+
//| The account                                                      |
//+------------------------------------------------------------------+

// Without its broker a terminal shows what was true before: that must not pass for fresh.
bool IsKnown()
  {
   if(TerminalInfoInteger(TERMINAL_CONNECTED) == 0 || AccountInfoInteger(ACCOUNT_LOGIN) == 0)
      return(false);
   // While a terminal starts, it has a balance before it has an equity.
   return(AccountInfoDouble(ACCOUNT_EQUITY) != 0.0 || AccountInfoDouble(ACCOUNT_BALANCE) == 0.0);
  }

void Watch()
  {
   if(!IsKnown())
      return;
   double equity = AccountInfoDouble(ACCOUNT_EQUITY);
   if(!g_is_watching || equity > g_high)
      g_high = equity;
   if(!g_is_watching || equity < g_low)
      g_low = equity;
   g_is_watching = true;
  }

string Money(const double amount)
  {
   return(DoubleToString(amount, (int)AccountInfoInteger(ACCOUNT_CURRENCY_DIGITS)));
  }

string Figures(const double equity)
  {
   string text = "ACCOUNT|" + Money(AccountInfoDouble(ACCOUNT_BALANCE)) + "|" + Money(equity);
   text += "|" + Money(AccountInfoDouble(ACCOUNT_MARGIN)) + "|" + Money(AccountInfoDouble(ACCOUNT_MARGIN_FREE));
   text += "|" + AccountInfoString(ACCOUNT_CURRENCY) + "|" + IntegerToString(AccountInfoInteger(ACCOUNT_LEVERAGE));
   return(text + "|" + Money(g_high) + "|" + Money(g_low));
  }

// Sums up the account's history. True: it is whole, for it adds up to the balance. A terminal may know only part of
// it, or not yet the last of it: then what was moved is not known, and nothing is said of it.
bool SumHistory(const double balance)
  {
   if(!HistorySelect(0, TimeTradeServer() + 86400))
      return(false);
   double cash = 0.0, whole = 0.0;
   for(int i = 0; i < HistoryDealsTotal(); i++)
     {
      ulong ticket = HistoryDealGetTicket(i);
      if(ticket == 0)
         return(false);
      long   type   = HistoryDealGetInteger(ticket, DEAL_TYPE);
      double amount = HistoryDealGetDouble(ticket, DEAL_PROFIT) + HistoryDealGetDouble(ticket, DEAL_SWAP);
      amount += HistoryDealGetDouble(ticket, DEAL_COMMISSION) + HistoryDealGetDouble(ticket, DEAL_FEE);
      if(type == DEAL_TYPE_BALANCE || type == DEAL_TYPE_CREDIT)
         cash += amount;
      if(type != DEAL_TYPE_CREDIT)
         whole += amount;
     }
   if(MathAbs(whole - balance) > 0.005)
      return(false);
   g_cash = cash;
   return(true);
  }

// Whether figures may be told. Without what was moved a withdrawal would pass for a loss.
bool IsCashSettled()
  {
   return(!g_is_doubting || IsPast(g_doubt_at, CASH_WITHIN));
  }

// Whether nothing was moved since the history was looked at.
bool IsCashStill()
  {
   return(AccountInfoDouble(ACCOUNT_BALANCE) == g_cash_balance && AccountInfoDouble(ACCOUNT_CREDIT) == g_cash_credit);
  }

// Looks at the history when the balance changed; when it did not show why, again for a while, and then seldom.
void LookAtCash()
  {
   double balance = AccountInfoDouble(ACCOUNT_BALANCE);
   double credit  = AccountInfoDouble(ACCOUNT_CREDIT);
   bool   is_same = (balance == g_cash_balance && credit == g_cash_credit);
   if(g_is_cash_known && is_same)
      return;
   if(!g_is_doubting)
     {
      g_is_doubting = true;
      g_doubt_at    = GetTickCount64();
     }
   else
      if(is_same && !IsPast(g_cash_at, IsCashSettled() ? LIST_EVERY : TELL_EVERY))
         return;
   g_cash_at       = GetTickCount64();
   g_cash_balance  = balance;
   g_cash_credit   = credit;
   g_is_cash_known = SumHistory(balance);
   g_is_doubting   = !g_is_cash_known;
  }

string Cash()
  {
   if(!g_is_cash_known)
      return("|-");
   return("|" + Money(g_cash));
  }

string SymbolLine(const string symbol)
  {
   string text = "SYMBOL|" + symbol + "|" + DoubleToString(SymbolInfoDouble(symbol, SYMBOL_TRADE_CONTRACT_SIZE), 4);
   text += "|" + IntegerToString(SymbolInfoInteger(symbol, SYMBOL_DIGITS));
   text += "|" + DoubleToString(SymbolInfoDouble(symbol, SYMBOL_TRADE_TICK_SIZE), 8);
   text += "|" + DoubleToString(SymbolInfoDouble(symbol, SYMBOL_TRADE_TICK_VALUE), 8);
   text += "|" + DoubleToString(SymbolInfoDouble(symbol, SYMBOL_VOLUME_MIN), 4);
   text += "|" + DoubleToString(SymbolInfoDouble(symbol, SYMBOL_VOLUME_STEP), 4);
   text += "|" + DoubleToString(SymbolInfoDouble(symbol, SYMBOL_VOLUME_MAX), 4);
   return(text + "|" + SymbolInfoString(symbol, SYMBOL_CURRENCY_PROFIT) + "\n");
  }

// The selected position, up to what changes with every price.
string PositionHead(const ulong ticket)
  {
   string symbol = PositionGetString(POSITION_SYMBOL);
   int    digits = (int)SymbolInfoInteger(symbol, SYMBOL_DIGITS);
   string side   = "SELL";
   if(PositionGetInteger(POSITION_TYPE) == POSITION_TYPE_BUY)
      side = "BUY";
   string text = "POSITION|" + IntegerToString((long)ticket) + "|" + symbol + "|" + side;
   text += "|" + DoubleToString(PositionGetDouble(POSITION_VOLUME), 4);
   text += "|" + DoubleToString(PositionGetDouble(POSITION_PRICE_OPEN), digits);
   text += "|" + DoubleToString(PositionGetDouble(POSITION_SL), digits);
   return(text + "|" + DoubleToString(PositionGetDouble(POSITION_TP), digits));
  }

string PositionTail()
  {
   string text = "|" + Money(PositionGetDouble(POSITION_PROFIT)) + "|" + Money(PositionGetDouble(POSITION_SWAP));
   text += "|" + IntegerToString(PositionGetInteger(POSITION_MAGIC)) + "|-";
   return(text + "|" + IntegerToString(PositionGetInteger(POSITION_TIME_MSC) - ServerAheadMs()) + "\n");
  }

//+------------------------------------------------------------------+
//| Lines that are kept                                              |
//+------------------------------------------------------------------+

void Forget(const int place)
  {
   for(int i = place + 1; i < g_kept; i++)
     {
      g_kept_line[i - 1]     = g_kept_line[i];
      g_kept_cash[i - 1]     = g_kept_cash[i];
      g_kept_high[i - 1]     = g_kept_high[i];
      g_kept_low[i - 1]      = g_kept_low[i];
      g_kept_ends_day[i - 1] = g_kept_ends_day[i];
      g_kept_is_told[i - 1]  = g_kept_is_told[i];
      g_kept_told_at[i - 1]  = g_kept_told_at[i];
     }
   g_kept--;
  }

// Keeps a line with what equity did since the one before.
void Keep(const string line, const string cash, const bool ends_day, const bool is_told)
  {
   if(g_kept == KEPT_MOST)
      Forget(0);
   g_kept_line[g_kept]     = line;
   g_kept_cash[g_kept]     = cash;
   g_kept_high[g_kept]     = g_high;
   g_kept_low[g_kept]      = g_low;
   g_kept_ends_day[g_kept] = ends_day;
   g_kept_is_told[g_kept]  = is_told;
   g_kept_told_at[g_kept]  = GetTickCount64();
   g_kept++;
  }

// Whether a line is still to be told.
bool IsAnyKept()
  {
   for(int i = 0; i < g_kept; i++)
      if(!g_kept_is_told[i])
         return(true);
   return(false);
  }

// Lines that are still to be told, each with its own time: how far equity went belongs to then, and not to a later day
// or a line that has moved since.
string KeptLines(const string sent)
  {
   string lines = "";
   for(int i = 0; i < g_kept; i++)
      if(!g_kept_is_told[i])
         lines += g_kept_line[i] + sent + g_kept_cash[i];
   return(lines);
  }

void AllAreTold()
  {
   for(int i = 0; i < g_kept; i++)
      if(!g_kept_is_told[i])
        {
         g_kept_is_told[i] = true;
         g_kept_told_at[i] = GetTickCount64();
        }
  }

// The connection is lost. That a line left does not mean that it was written down: those of the last seconds are told
// again, as far as equity went farther than it did later on the same day. What the server knows it passes over.
void TellAgain()
  {
   double high = g_high, low = g_low;
   for(int i = g_kept - 1; i >= 0; i--)
     {
      bool is_farther = (g_kept_high[i] > high || g_kept_low[i] < low);
      if(g_kept_is_told[i] && (IsPast(g_kept_told_at[i], LOST_WITHIN) || (!is_farther && !g_kept_ends_day[i])))
        {
         Forget(i);
         continue;
        }
      g_kept_is_told[i] = false;
      if(g_kept_ends_day[i] || g_kept_high[i] > high)
         high = g_kept_high[i];
      if(g_kept_ends_day[i] || g_kept_low[i] < low)
         low = g_kept_low[i];
     }
  }

//+------------------------------------------------------------------+
//| The connection                                                   |
//+------------------------------------------------------------------+

void Disconnect(const string why)
  {
   if(g_socket >= 0)
      SocketClose(g_socket);
   g_socket    = -1;
   g_is_let_in = false;
   g_input     = "";
   TellAgain();
   g_retry_at  = GetTickCount64() + g_retry_after + (ulong)(MathRand() % 500);
   Print("Flotilla reporter: ", why, "; trying again in about ", IntegerToString((long)(g_retry_after / 1000)), " s");
   Comment("Flotilla reporter: not connected");
   g_retry_after = g_retry_after * 2;
   if(g_retry_after > RETRY_MOST)
      g_retry_after = RETRY_MOST;
  }

bool Send(const string text)
  {
   BYTES(bytes);
   int size = StringToCharArray(text, bytes, 0, -1, CP_UTF8) - 1;
   if(size <= 0)
      return(true);
   if(SocketSend(g_socket, bytes, (uint)size) == size)
      return(true);
   Disconnect("the connection is lost");
   return(false);
  }

// Key and word leave together, so that the server never takes this connection for one that trades.
void Connect()
  {
   g_socket = SocketCreate();
   if(g_socket < 0)
     {
      g_socket = -1;
      Disconnect("no socket");
      return;
     }
   if(!SocketConnect(g_socket, ServerHost, (uint)ServerPort, CONNECT_WITHIN))
     {
      Disconnect("no connection (is the address allowed in Tools > Options > Expert Advisors?)");
      return;
     }
   g_connected_at = GetTickCount64();
   Send("AUTH:" + ApiKey + "\nREPORT_ONLY\n");
  }

// Anything but these three lines is passed over, whatever it says.
void Hear(const string line)
  {
   if(StringFind(line, "AUTH_OK") == 0)
     {
      g_is_let_in   = true;
      g_retry_after = RETRY_FIRST;
      g_told        = "";
      g_told_at     = 0;
      g_listed_at   = 0;
      Print("Flotilla reporter: connected");
      Comment("Flotilla reporter: connected");
      return;
     }
   if(StringFind(line, "AUTH_FAILED") == 0)
     {
      g_retry_after = RETRY_REFUSED;
      Disconnect("the API key is not that of an active account");
      return;
     }
   if(StringFind(line, "RESET_AT|") == 0)
      g_reset_at = StringToInteger(StringSubstr(line, 9));
  }

bool Receive()
  {
   uint ready = SocketIsReadable(g_socket);
   if(ready > 0)
     {
      BYTES(bytes);
      int size = SocketRead(g_socket, bytes, ready, 10);
      if(size < 0)
        {
         Disconnect("the connection is lost");
         return(false);
        }
      g_input += CharArrayToString(bytes, 0, size, CP_UTF8);
     }
   int end = StringFind(g_input, "\n");
   while(end >= 0)
     {
      string line = "";
      if(end > 0)
         line = StringSubstr(g_input, 0, end);
      g_input = StringSubstr(g_input, end + 1);
      Hear(line);
      if(g_socket < 0)
         return(false);
      end = StringFind(g_input, "\n");
     }
   if(StringLen(g_input) > INPUT_MOST || !SocketIsConnected(g_socket))
     {
      Disconnect("the server closed the connection");
      return(false);
     }
   return(true);
  }

//+------------------------------------------------------------------+
//| Reports                                                          |
//+------------------------------------------------------------------+

// Orders that wait for their price; below zero: one could not be read.
int Pending()
  {
   int count = 0;
   for(int i = 0; i < OrdersTotal(); i++)
     {
      if(OrderGetTicket(i) == 0)
         return(-1);
      long state = OrderGetInteger(ORDER_STATE);
      if(OrderGetInteger(ORDER_TYPE) > ORDER_TYPE_SELL && (state == ORDER_STATE_PLACED || state == ORDER_STATE_PARTIAL))
         count++;
     }
   return(count);
  }

// All open positions, when something is new or a minute has passed; otherwise nothing.
string List()
  {
   string heads = "", lines = "", symbols = "", known = "|";
   int    count = 0;
   for(int i = 0; i < PositionsTotal(); i++)
     {
      ulong ticket = PositionGetTicket(i);
      // A list that lacks one would pass for the whole of them.
      if(ticket == 0)
         return("");
      string head   = PositionHead(ticket);
      string symbol = PositionGetString(POSITION_SYMBOL);
      heads += head + "\n";
      lines += head + PositionTail();
      count++;
      if(StringFind(known, "|" + symbol + "|") < 0)
        {
         known   += symbol + "|";
         symbols += SymbolLine(symbol);
        }
     }
   // After the positions: an order that is filled meanwhile must not count beside its position.
   int pending = Pending();
   if(pending < 0)
      return("");
   heads += IntegerToString(pending);
   if(g_listed_at != 0 && heads == g_listed && !IsPast(g_listed_at, LIST_EVERY))
      return("");
   g_listing = heads;
   return(symbols + "POSITIONS_BEGIN|1\n" + lines + "POSITIONS_END|" + IntegerToString(count) +
          "|" + IntegerToString(pending) + "\n");
  }

// The day ends, told or not: what equity did until then is kept apart from what it does after. True: it ended now.
bool KeepReset()
  {
   long now = NowMs();
   if(g_reset_at <= 0 || now < g_reset_at)
      return(false);
   if(now - g_reset_at <= LATE_AT_MOST && IsKnown() && g_is_watching)
     {
      LookAtCash();
      Watch();
      double equity  = AccountInfoDouble(ACCOUNT_EQUITY);
      string figures = Figures(equity) + "|" + IntegerToString(g_reset_at);
      if(IsCashSettled() && IsCashStill())
        {
         Keep(figures, Cash() + "\n", true, false);
         g_high = equity;
         g_low  = equity;
        }
     }
   g_reset_at = 0;
   return(true);
  }

// Whether the day ends before an attempt to connect would be over.
bool IsResetNear()
  {
   return(g_reset_at > 0 && g_reset_at - NowMs() <= CONNECT_WITHIN + LATE_AT_MOST);
  }

// Figures with what equity did since the last ones, behind the positions they belong to; before them what was kept.
void TellFigures(const double equity)
  {
   string sent    = "|" + IntegerToString(NowMs());
   string list    = List();
   string figures = Figures(equity);
   string cash    = Cash() + "\n";
   if(!IsCashStill())
      return;
   // Positions that are what they were are those of the kept lines, too.
   string before = KeptLines(sent) + list;
   if(list != "" && g_listing == g_listed)
      before = list + KeptLines(sent);
   if(!Send(before + figures + sent + sent + cash))
      return;
   if(list != "")
     {
      g_listed    = g_listing;
      g_listed_at = GetTickCount64();
     }
   AllAreTold();
   Keep(figures + sent, cash, false, true);
   g_told    = figures;
   g_told_at = GetTickCount64();
   g_high    = equity;
   g_low     = equity;
  }

void Tell()
  {
   bool is_reset = KeepReset();
   Watch();
   if(!IsKnown() || !g_is_watching)
     {
      if(IsPast(g_told_at, PING_EVERY) && Send("PING\n"))
         g_told_at = GetTickCount64();
      return;
     }
   LookAtCash();
   if(!IsCashSettled())
      return;
   double equity = AccountInfoDouble(ACCOUNT_EQUITY);
   bool   is_new = (Figures(equity) != g_told);
   bool   is_due = (IsPast(g_told_at, TELL_QUIETLY) || (is_new && IsPast(g_told_at, TELL_EVERY)));
   if(is_reset || IsAnyKept() || is_due)
      TellFigures(equity);
  }

//+------------------------------------------------------------------+
//| What the terminal calls                                          |
//+------------------------------------------------------------------+

int OnInit()
  {
   if(ServerHost == "" || ApiKey == "")
     {
      Print("Flotilla reporter: ServerHost and ApiKey are needed");
      return(INIT_PARAMETERS_INCORRECT);
     }
   if(!EventSetMillisecondTimer(LOOK_EVERY))
      return(INIT_FAILED);
   Watch();
   return(INIT_SUCCEEDED);
  }

void OnDeinit(const int reason)
  {
   EventKillTimer();
   if(g_socket >= 0)
      SocketClose(g_socket);
   g_socket = -1;
   Comment("");
  }

void OnTick()
  {
   Watch();
  }

void OnTimer()
  {
   Watch();
   if(!g_is_let_in)
      KeepReset();
   if(g_socket < 0)
     {
      if(GetTickCount64() >= g_retry_at && !IsResetNear())
         Connect();
      return;
     }
   if(!Receive())
      return;
   if(g_is_let_in)
      Tell();
   else
      if(IsPast(g_connected_at, ANSWER_WITHIN))
         Disconnect("the server does not answer");
  }
//+------------------------------------------------------------------+
