// The scripted account. Its script comes by standard input, a step a line:
//
//   balance 10000        equity 9990.5        connected 0
//   cash -500            credit 200           history 0 (of what happens from now on nothing is known)
//   open TICKET SYMBOL SIDE LOTS ENTRY STOP OPENED_AT      flat       pending 2       quit
#pragma once

#include "mql.h"

static const long SERVER_AHEAD = 2 * 3600;

struct Position
  {
   ulong  ticket    = 0;
   string symbol, side;
   double lots      = 0.0, entry = 0.0, stop = 0.0;
   long   opened_at = 0;
  };

// An entry of the history.
struct Deal
  {
   int    type   = DEAL_TYPE_BUY;
   double amount = 0.0;
  };

struct Account
  {
   double                balance = 10000.0, equity = 10000.0;
   string                currency     = "USD";
   int                   is_connected = 1;
   int                   timer        = 0;
   std::vector<Position> positions;
   int                   pending      = 0;
   double                credit     = 0.0;
   int                   has_history = 1;
   std::vector<Deal>     history    = {{DEAL_TYPE_BALANCE, 10000.0}};
  };

extern Account account;

// Performs a step; false: the last one.
bool Step(const string &line);

// The next step, if it comes within that many milliseconds.
bool NextStep(string &line, int within);
