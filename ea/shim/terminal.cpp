// The terminal around the reporter: an account that a script changes, and real sockets.
#include "mql.h"

#include <arpa/inet.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "script.h"

Account account;

// ---------------------------------------------------------------- text and numbers

int StringLen(const string &text) { return (int)text.size(); }

int StringFind(const string &text, const string &part, int start)
  {
   size_t at = text.find(part, (size_t)start);
   return at == string::npos ? -1 : (int)at;
  }

string StringSubstr(const string &text, int start, int length)
  {
   if((size_t)start >= text.size())
      return "";
   // MQL4 takes a length of nothing for all there is.
   return text.substr((size_t)start, length <= 0 ? string::npos : (size_t)length);
  }

long StringToInteger(const string &text) { return std::strtol(text.c_str(), nullptr, 10); }

string IntegerToString(long number) { return std::to_string(number); }

string DoubleToString(double number, int digits)
  {
   char text[400];
   std::snprintf(text, sizeof(text), "%.*f", digits, number);
   return text;
  }

int StringToCharArray(const string &text, Bytes &bytes, int start, int, uint)
  {
   bytes.held.assign(text.begin() + start, text.end());
   bytes.held.push_back(0);
   return (int)bytes.held.size();
  }

string CharArrayToString(const Bytes &bytes, int start, int count, uint)
  {
   return string(bytes.held.begin() + start, bytes.held.begin() + start + count);
  }

int ArrayResize(Bytes &bytes, int size)
  {
   bytes.held.resize((size_t)size);
   return size;
  }

int MathRand() { return std::rand() % 32768; }

// ---------------------------------------------------------------- terminal

static long MicrosOf(std::chrono::nanoseconds since)
  {
   return (long)std::chrono::duration_cast<std::chrono::microseconds>(since).count();
  }

// Whole seconds, as a terminal tells them.
datetime TimeGMT() { return MicrosOf(std::chrono::system_clock::now().time_since_epoch()) / 1000000; }

// A broker in Cyprus, in winter.
datetime TimeTradeServer() { return TimeGMT() + SERVER_AHEAD; }
datetime TimeCurrent()     { return TimeTradeServer(); }

ulong GetMicrosecondCount() { return (ulong)MicrosOf(std::chrono::steady_clock::now().time_since_epoch()); }
ulong GetTickCount64()      { return GetMicrosecondCount() / 1000; }

bool EventSetMillisecondTimer(int every) { account.timer = every; return true; }
void EventKillTimer()                    { account.timer = 0; }
void Comment(const string &)             {}
void PrintText(const string &text)       { std::fprintf(stderr, "%s\n", text.c_str()); }

// ---------------------------------------------------------------- MQL5: account, positions, symbols

long TerminalInfoInteger(Terminal) { return account.is_connected; }

double AccountInfoDouble(AccountDouble what)
  {
   switch(what)
     {
      case ACCOUNT_BALANCE:     return account.balance;
      case ACCOUNT_EQUITY:      return account.equity;
      case ACCOUNT_MARGIN:      return 100.0 * (double)account.positions.size();
      case ACCOUNT_MARGIN_FREE: return account.equity - 100.0 * (double)account.positions.size();
      case ACCOUNT_CREDIT:      return account.credit;
     }
   return 0.0;
  }

long AccountInfoInteger(AccountInteger what)
  {
   switch(what)
     {
      case ACCOUNT_LOGIN:           return 1001;
      case ACCOUNT_LEVERAGE:        return 100;
      case ACCOUNT_CURRENCY_DIGITS: return 2;
     }
   return 0;
  }

string AccountInfoString(AccountText) { return account.currency; }

static size_t selected = 0;

static const Position &Selected() { return account.positions.at(selected); }

int PositionsTotal() { return (int)account.positions.size(); }

ulong PositionGetTicket(int index)
  {
   selected = (size_t)index;
   return Selected().ticket;
  }

double PositionGetDouble(PositionDouble what)
  {
   switch(what)
     {
      case POSITION_VOLUME:     return Selected().lots;
      case POSITION_PRICE_OPEN: return Selected().entry;
      case POSITION_SL:         return Selected().stop;
      case POSITION_TP:         return 0.0;
      case POSITION_PROFIT:     return account.equity - account.balance;
      case POSITION_SWAP:       return -0.0;
     }
   return 0.0;
  }

long PositionGetInteger(PositionInteger what)
  {
   switch(what)
     {
      case POSITION_TYPE:     return Selected().side == "BUY" ? POSITION_TYPE_BUY : POSITION_TYPE_SELL;
      case POSITION_MAGIC:    return 123456;
      case POSITION_TIME_MSC: return (Selected().opened_at + SERVER_AHEAD) * 1000;
     }
   return 0;
  }

string PositionGetString(PositionText) { return Selected().symbol; }

// What is open stands among the orders as it does in MetaTrader 4, and as an order of the market that is just being
// filled does in MetaTrader 5.
ulong OrderGetTicket(int index)
  {
   selected = (size_t)index;
   return (ulong)index + 1;
  }

long OrderGetInteger(OrderInteger what)
  {
   bool is_pending = selected >= account.positions.size();
   switch(what)
     {
      case ORDER_TYPE:  return is_pending ? ORDER_TYPE_BUY_LIMIT : ORDER_TYPE_BUY;
      case ORDER_STATE: return is_pending ? ORDER_STATE_PLACED : ORDER_STATE_FILLED;
     }
   return 0;
  }

bool HistorySelect(datetime, datetime) { return true; }
int  HistoryDealsTotal()               { return (int)account.history.size(); }

ulong HistoryDealGetTicket(int index)               { return (ulong)index + 1; }
long  HistoryDealGetInteger(ulong ticket, DealInteger) { return account.history.at(ticket - 1).type; }

double HistoryDealGetDouble(ulong ticket, DealDouble what)
  {
   return what == DEAL_PROFIT ? account.history.at(ticket - 1).amount : 0.0;
  }

double SymbolInfoDouble(const string &, SymbolDouble what)
  {
   switch(what)
     {
      case SYMBOL_TRADE_CONTRACT_SIZE: return 100.0;
      case SYMBOL_TRADE_TICK_SIZE:     return 0.01;
      case SYMBOL_TRADE_TICK_VALUE:    return 1.0;
      case SYMBOL_VOLUME_MIN:          return 0.01;
      case SYMBOL_VOLUME_STEP:         return 0.01;
      case SYMBOL_VOLUME_MAX:          return 50.0;
     }
   return 0.0;
  }

long   SymbolInfoInteger(const string &, SymbolInteger) { return 2; }
string SymbolInfoString(const string &, SymbolText)     { return "USD"; }

// ---------------------------------------------------------------- MQL5: sockets

int SocketCreate() { return ::socket(AF_INET, SOCK_STREAM, 0); }

static bool Look(const string &server, sockaddr_in &address)
  {
   addrinfo hints = {}, *found = nullptr;
   hints.ai_family = AF_INET;
   if(getaddrinfo(server.c_str(), nullptr, &hints, &found) != 0)
      return false;
   std::memcpy(&address, found->ai_addr, sizeof(address));
   freeaddrinfo(found);
   return true;
  }

bool SocketConnect(int socket, const string &server, uint port, uint)
  {
   sockaddr_in address = {};
   if(!Look(server, address))
      return false;
   address.sin_port = htons((uint16_t)port);
   return ::connect(socket, (sockaddr *)&address, sizeof(address)) == 0;
  }

bool SocketIsConnected(int socket)
  {
   char byte;
   return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
  }

uint SocketIsReadable(int socket)
  {
   int ready = 0;
   return ::ioctl(socket, FIONREAD, &ready) == 0 && ready > 0 ? (uint)ready : 0;
  }

int SocketRead(int socket, Bytes &bytes, uint most, uint)
  {
   if(bytes.held.size() < most)
      bytes.held.resize(most);
   return (int)::recv(socket, bytes.held.data(), most, 0);
  }

int SocketSend(int socket, const Bytes &bytes, uint size)
  {
   return (int)::send(socket, bytes.held.data(), size, MSG_NOSIGNAL);
  }

bool SocketClose(int socket) { return ::close(socket) == 0; }

// ---------------------------------------------------------------- MQL4: account, orders, symbols

bool   IsConnected()       { return account.is_connected; }
int    AccountNumber()     { return 1001; }
double AccountBalance()    { return account.balance; }
double AccountEquity()     { return account.equity; }
double AccountCredit()     { return account.credit; }
double AccountMargin()     { return AccountInfoDouble(ACCOUNT_MARGIN); }
double AccountFreeMargin() { return AccountInfoDouble(ACCOUNT_MARGIN_FREE); }
string AccountCurrency()   { return account.currency; }
int    AccountLeverage()   { return 100; }
int    OrdersTotal()       { return PositionsTotal() + account.pending; }

int OrdersHistoryTotal() { return (int)account.history.size(); }

static bool is_of_history = false;

bool OrderSelect(int index, int, int pool)
  {
   selected      = (size_t)index;
   is_of_history = pool == MODE_HISTORY;
   return selected < (is_of_history ? account.history.size() : (size_t)OrdersTotal());
  }

int OrderType()
  {
   if(!is_of_history && selected >= account.positions.size())
      return OP_BUYLIMIT;
   if(!is_of_history)
      return (int)PositionGetInteger(POSITION_TYPE);
   int type = account.history.at(selected).type;
   return type == DEAL_TYPE_BUY ? OP_BUY : type + 4;
  }

double OrderProfit()
  {
   return is_of_history ? account.history.at(selected).amount : account.equity - account.balance;
  }

int      OrderTicket()      { return (int)Selected().ticket; }
string   OrderSymbol()      { return Selected().symbol; }
double   OrderLots()        { return Selected().lots; }
double   OrderOpenPrice()   { return Selected().entry; }
double   OrderStopLoss()    { return Selected().stop; }
double   OrderTakeProfit()  { return 0.0; }
double   OrderCommission()  { return 0.0; }
double   OrderSwap()        { return 0.0; }
int      OrderMagicNumber() { return 123456; }
datetime OrderOpenTime()    { return Selected().opened_at + SERVER_AHEAD; }

double MarketInfo(const string &symbol, Market what)
  {
   switch(what)
     {
      case MODE_LOTSIZE:   return SymbolInfoDouble(symbol, SYMBOL_TRADE_CONTRACT_SIZE);
      case MODE_DIGITS:    return 2.0;
      case MODE_TICKSIZE:  return 0.01;
      case MODE_TICKVALUE: return 1.0;
      case MODE_MINLOT:    return 0.01;
      case MODE_LOTSTEP:   return 0.01;
      case MODE_MAXLOT:    return 50.0;
     }
   return 0.0;
  }

// ---------------------------------------------------------------- MQL4: what it imports from Windows

namespace windows
{
// Memory as a program of 32 bits sees it: addresses are numbers.
static const int BASE = 0x1000;
static int       memory[8];

int WSAStartup(int, Bytes &) { return 0; }
int WSACleanup()             { return 0; }

// A hostent: its fourth word leads to a list, whose first entry leads to the address.
int gethostbyname(Bytes &name)
  {
   sockaddr_in address = {};
   if(!Look((const char *)name.held.data(), address))
      return 0;
   memory[3] = BASE + 16;
   memory[4] = BASE + 24;
   std::memcpy(&memory[6], &address.sin_addr, 4);
   return BASE;
  }

void RtlMoveMemory(int *target, int source, int size)
  {
   std::memcpy(target, (const char *)memory + (source - BASE), (size_t)size);
  }

int socket(int, int, int) { return ::socket(AF_INET, SOCK_STREAM, 0); }

int connect(int handle, int *address, int size) { return ::connect(handle, (sockaddr *)address, (socklen_t)size); }

int ioctlsocket(int handle, int, int *argument) { return ::ioctl(handle, FIONREAD, argument); }

int recv(int handle, Bytes &bytes, int size, int flags)
  {
   return (int)::recv(handle, bytes.held.data(), (size_t)size, flags);
  }

int send(int handle, Bytes &bytes, int size, int)
  {
   return (int)::send(handle, bytes.held.data(), (size_t)size, MSG_NOSIGNAL);
  }

int closesocket(int handle) { return ::close(handle); }
}

// ---------------------------------------------------------------- script

static void Book(int type, double amount)
  {
   if(account.has_history != 0)
      account.history.push_back({type, amount});
  }

bool Step(const string &line)
  {
   char symbol[64], side[8];
   Position open;
   if(line == "quit")
      return false;
   double amount;
   if(std::sscanf(line.c_str(), "equity %lf", &account.equity) == 1
      || std::sscanf(line.c_str(), "history %d", &account.has_history) == 1
      || std::sscanf(line.c_str(), "pending %d", &account.pending) == 1
      || std::sscanf(line.c_str(), "connected %d", &account.is_connected) == 1)
      return true;
   if(std::sscanf(line.c_str(), "balance %lf", &amount) == 1)
     {
      Book(DEAL_TYPE_BUY, amount - account.balance);
      account.balance = amount;
      return true;
     }
   if(std::sscanf(line.c_str(), "cash %lf", &amount) == 1)
     {
      Book(DEAL_TYPE_BALANCE, amount);
      account.balance += amount;
      account.equity  += amount;
      return true;
     }
   if(std::sscanf(line.c_str(), "credit %lf", &amount) == 1)
     {
      Book(DEAL_TYPE_CREDIT, amount);
      account.credit += amount;
      account.equity += amount;
      return true;
     }
   if(line == "flat")
      account.positions.clear();
   else
      if(std::sscanf(line.c_str(), "open %lu %63s %7s %lf %lf %lf %ld", &open.ticket, symbol, side, &open.lots,
                     &open.entry, &open.stop, &open.opened_at) == 7)
        {
         open.symbol = symbol;
         open.side   = side;
         account.positions.push_back(open);
        }
      else
        {
         std::fprintf(stderr, "no such step: %s\n", line.c_str());
         std::exit(2);
        }
   return true;
  }

bool NextStep(string &line, int within)
  {
   static string waiting;
   size_t end = waiting.find('\n');
   if(end == string::npos)
     {
      pollfd standard = {0, POLLIN, 0};
      char   bytes[4096];
      if(::poll(&standard, 1, within) <= 0)
         return false;
      ssize_t size = ::read(0, bytes, sizeof(bytes));
      // Whoever wrote the script is gone.
      waiting += size > 0 ? string(bytes, (size_t)size) : string("quit\n");
      end = waiting.find('\n');
      if(end == string::npos)
         return false;
     }
   line = waiting.substr(0, end);
   waiting.erase(0, end + 1);
   return true;
  }
