// Runs an EA, which the compiler is told by -DEA="file", at the account of a script.
//
//   reporter HOST PORT KEY < script
#include "mql.h"

#include EA

#include "script.h"

#include <cstdio>
#include <cstdlib>

int main(int count, char **words)
  {
   if(count != 4)
      return 2;
   ServerHost = words[1];
   ServerPort = std::atoi(words[2]);
   ApiKey     = words[3];
   int begun = OnInit();
   if(begun != INIT_SUCCEEDED)
      return 1;
   ulong  timer = GetTickCount64();
   string line;
   while(true)
     {
      long left = (long)(timer + (ulong)account.timer) - (long)GetTickCount64();
      if(NextStep(line, left > 0 ? (int)left : 0))
        {
         if(!Step(line))
            break;
         OnTick();
        }
      if(GetTickCount64() >= timer + (ulong)account.timer)
        {
         timer = GetTickCount64();
         OnTimer();
        }
     }
   OnDeinit(0);
   return 0;
  }
