// As much of MQL4 and MQL5 as the reporter uses, for C++: the source of the EA is compiled as it is.
//
// Sockets are real. The account, its positions and the terminal are those of a script (terminal.cpp). What is not
// declared here cannot be called, and no trading function is declared here.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

// ---------------------------------------------------------------- language

#define input

typedef unsigned char  uchar;
typedef unsigned short ushort;
typedef unsigned int   uint;
typedef unsigned long  ulong;
typedef long           datetime;
using std::string;

// A dynamic array of bytes. A function that fills it makes it larger where needed, as in MQL.
struct Bytes
  {
   std::vector<uchar> held;
  };
#define BYTES(name) Bytes name

static_assert(sizeof(long) == 8, "a long of MQL has 64 bits");

// ---------------------------------------------------------------- text and numbers

enum { CP_ACP = 0, CP_UTF8 = 65001 };

int    StringLen(const string &text);
int    StringFind(const string &text, const string &part, int start = 0);
string StringSubstr(const string &text, int start, int length = -1);
long   StringToInteger(const string &text);
string IntegerToString(long number);
string DoubleToString(double number, int digits = 8);
int    StringToCharArray(const string &text, Bytes &bytes, int start, int count, uint codepage);
string CharArrayToString(const Bytes &bytes, int start, int count, uint codepage);
int    ArrayResize(Bytes &bytes, int size);

inline double MathRound(double number) { return std::round(number); }
inline double MathAbs(double number) { return std::fabs(number); }
int    MathRand();

// ---------------------------------------------------------------- terminal

enum { INIT_SUCCEEDED = 0, INIT_FAILED = 1, INIT_PARAMETERS_INCORRECT = 32767 };

datetime TimeGMT();
datetime TimeTradeServer();
datetime TimeCurrent();
ulong    GetTickCount64();
ulong    GetMicrosecondCount();
bool     EventSetMillisecondTimer(int every);
void     EventKillTimer();
void     Comment(const string &text);
void     PrintText(const string &text);

template <class... Parts> void Print(const Parts &...parts)
  {
   string text;
   ((text += parts), ...);
   PrintText(text);
  }

// ---------------------------------------------------------------- MQL5: account, positions, symbols

enum Terminal { TERMINAL_CONNECTED };
enum AccountDouble { ACCOUNT_BALANCE, ACCOUNT_EQUITY, ACCOUNT_MARGIN, ACCOUNT_MARGIN_FREE, ACCOUNT_CREDIT };
enum AccountInteger { ACCOUNT_LOGIN, ACCOUNT_LEVERAGE, ACCOUNT_CURRENCY_DIGITS };
enum AccountText { ACCOUNT_CURRENCY };
enum PositionDouble { POSITION_VOLUME, POSITION_PRICE_OPEN, POSITION_SL, POSITION_TP, POSITION_PROFIT, POSITION_SWAP };
enum PositionInteger { POSITION_TYPE, POSITION_MAGIC, POSITION_TIME_MSC };
enum PositionText { POSITION_SYMBOL };
enum { POSITION_TYPE_BUY = 0, POSITION_TYPE_SELL = 1 };
enum SymbolDouble
  {
   SYMBOL_TRADE_CONTRACT_SIZE, SYMBOL_TRADE_TICK_SIZE, SYMBOL_TRADE_TICK_VALUE,
   SYMBOL_VOLUME_MIN, SYMBOL_VOLUME_STEP, SYMBOL_VOLUME_MAX
  };
enum SymbolInteger { SYMBOL_DIGITS };
enum SymbolText { SYMBOL_CURRENCY_PROFIT };

long   TerminalInfoInteger(Terminal what);
double AccountInfoDouble(AccountDouble what);
long   AccountInfoInteger(AccountInteger what);
string AccountInfoString(AccountText what);
int    PositionsTotal();
ulong  PositionGetTicket(int index);
double PositionGetDouble(PositionDouble what);
long   PositionGetInteger(PositionInteger what);
string PositionGetString(PositionText what);

enum OrderInteger { ORDER_TYPE, ORDER_STATE };
enum { ORDER_TYPE_BUY = 0, ORDER_TYPE_SELL = 1, ORDER_TYPE_BUY_LIMIT = 2 };
enum { ORDER_STATE_PLACED = 1, ORDER_STATE_PARTIAL = 3, ORDER_STATE_FILLED = 4 };

ulong  OrderGetTicket(int index);
long   OrderGetInteger(OrderInteger what);

enum DealInteger { DEAL_TYPE };
enum DealDouble { DEAL_PROFIT, DEAL_SWAP, DEAL_COMMISSION, DEAL_FEE };
enum { DEAL_TYPE_BUY = 0, DEAL_TYPE_BALANCE = 2, DEAL_TYPE_CREDIT = 3 };

bool   HistorySelect(datetime from, datetime to);
int    HistoryDealsTotal();
ulong  HistoryDealGetTicket(int index);
long   HistoryDealGetInteger(ulong ticket, DealInteger what);
double HistoryDealGetDouble(ulong ticket, DealDouble what);
double SymbolInfoDouble(const string &symbol, SymbolDouble what);
long   SymbolInfoInteger(const string &symbol, SymbolInteger what);
string SymbolInfoString(const string &symbol, SymbolText what);

// ---------------------------------------------------------------- MQL5: sockets

int  SocketCreate();
bool SocketConnect(int socket, const string &server, uint port, uint within);
bool SocketIsConnected(int socket);
uint SocketIsReadable(int socket);
int  SocketRead(int socket, Bytes &bytes, uint most, uint within);
int  SocketSend(int socket, const Bytes &bytes, uint size);
bool SocketClose(int socket);

// ---------------------------------------------------------------- MQL4: account, orders, symbols

enum { OP_BUY = 0, OP_SELL = 1, OP_BUYLIMIT = 2, OP_SELLSTOP = 5 };
enum { SELECT_BY_POS = 0 };
enum { MODE_TRADES = 0, MODE_HISTORY = 1 };
enum Market { MODE_LOTSIZE, MODE_DIGITS, MODE_TICKSIZE, MODE_TICKVALUE, MODE_MINLOT, MODE_LOTSTEP, MODE_MAXLOT };

bool     IsConnected();
int      AccountNumber();
double   AccountBalance();
double   AccountEquity();
double   AccountMargin();
double   AccountCredit();
double   AccountFreeMargin();
string   AccountCurrency();
int      AccountLeverage();
int      OrdersTotal();
int      OrdersHistoryTotal();
bool     OrderSelect(int index, int select, int pool);
int      OrderType();
int      OrderTicket();
string   OrderSymbol();
double   OrderLots();
double   OrderOpenPrice();
double   OrderStopLoss();
double   OrderTakeProfit();
double   OrderProfit();
double   OrderCommission();
double   OrderSwap();
int      OrderMagicNumber();
datetime OrderOpenTime();
double   MarketInfo(const string &symbol, Market what);

// ---------------------------------------------------------------- MQL4: what it imports from Windows

// In a namespace of their own, because the C library has functions of the same names.
namespace windows
{
int  WSAStartup(int version, Bytes &data);
int  WSACleanup();
int  gethostbyname(Bytes &name);
int  socket(int family, int type, int protocol);
int  connect(int handle, int *address, int size);
int  ioctlsocket(int handle, int command, int *argument);
int  recv(int handle, Bytes &bytes, int size, int flags);
int  send(int handle, Bytes &bytes, int size, int flags);
int  closesocket(int handle);
void RtlMoveMemory(int *target, int source, int size);
}
using namespace windows;
