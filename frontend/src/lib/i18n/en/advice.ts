/**
 * What a reason means for the owner and what there is to do, after the sentence
 * that says what happened. Keys are reason codes.
 */
export const advice = {
  offline:
    'No order was sent, and none will be: a late open could start at a much worse price. Keep the terminal running, or open the trade by hand if you still want it.',
  stale:
    'No order was sent, so nothing is open. The age limit protects from prices that have moved away; raise it in the settings if your connection is slow.',
  reconciling:
    'No order was sent. An earlier order was in doubt, and opening more before it is clear could double a position. This lasts 30 seconds at most after the terminal is back.',
  paused:
    'No order was sent. While it is paused, new trades are not copied; copies that are open are still closed with the master.',
  close_only: 'No order was sent. Set the subscription to active to copy new trades again.',
  side_filtered:
    'No order was sent, as you asked. Choose both sides in the settings to copy such trades.',
  symbol_filtered:
    'No order was sent, as you asked. Change the lists of instruments in the settings to copy it.',
  symbol_invalid:
    'No order was sent, because no broker knows an instrument of that name. Correct the suffix or the mapping in the settings.',
  max_open_copies:
    'No order was sent. When one of the open copies is closed, the next trade is copied again. The limit is in the settings.',
  no_figures:
    'No order was sent, because a size without figures would be a guess. It works once both terminals have reported balance and equity in the same currency; until then choose a fixed size or a factor.',
  no_stop:
    'No order was sent, because without a stop loss nobody can say what the trade may lose. Choose another way of sizing to copy trades without a stop.',
  stopped:
    'No order was sent, and none will be. Copying is resumed in the strip above every page; ask the master’s owner if it was not you who stopped it.',
  group_stopped:
    'No order was sent, and none will be. Resume the group in the strip above every page, or take the account out of the group.',
  guard_stopped:
    'No order was sent, and none will be. Look at the account that came too near its line; when copying may go on, resume it in the strip above every page.',
  guard_blind:
    'No order was sent, and none will be. Copying goes on by itself as soon as the account reports figures again: check that its terminal runs and that it has rules. Open copies are closed as usual.',
  limit:
    'No order was sent, so nothing is open. Lower the smallest size or the step, or raise the factor, if such trades should be copied.',
  symbol_unknown:
    'No order was sent. Enter the contract that this symbol stands for in the symbol map of the settings; suggestions are shown there.',
  contract_closed:
    'No order was sent. The exchange opens and pauses contracts by itself; the next trade is tried again.',
  units_unknown:
    'No order was sent, because a guess could be a hundred times too large. Enter the units of one lot in the settings; the master’s broker lists them as the contract size.',
  price_unknown:
    'No order was sent, because nobody could tell whether the price is still the master’s. The next trade is tried again.',
  price_moved:
    'No order was sent, so nothing is open. If prices of the two markets always differ a little, raise the largest distance in the settings.',
  leverage:
    'No order was sent. Close something, choose a smaller size, or raise the leverage limit of the connection.',
  trading_off:
    'No order was sent, and none will be until you switch trading on for this account. Copies that are open are still closed.',
  opposite_side:
    'No order was sent, because it would have closed that position instead of opening its own. Accounts in hedge mode hold both sides.',
  master_closed:
    'Nothing was opened and nothing is lost: the trade was over before it could be copied.',
  refused:
    'The broker or the terminal gave a definite no, so nothing is open. Its words tell why; common are too little margin, a closed market or an unknown instrument.',
  silent:
    'It is not tried again, because a second order could open a second position. The next list of positions from the terminal decides; you may decide sooner.',
  session_lost:
    'It is not tried again, because a second order could open a second position. When the terminal is back, its list of positions decides; you may decide sooner.',
  unclear_answer:
    'It is not tried again, because a second order could open a second position. The next list of positions decides; you may decide sooner.',
  closed_externally:
    'The trade is not opened again here, even while the master is still in it. If only a part was closed by hand, the rest shows up with the terminal’s next list of positions and is followed again until the master closes.',
  close_refused:
    'The position is still open. The close is repeated until the terminal confirms it; close it in the terminal if that is faster.',
  late_evidence:
    'There is a position although this copy counted as ended. If the master is out of the trade, it is closed at once.',
  second_position:
    'One of the two is not managed from here and will not be closed with the master. Close the one too many in the terminal.',
  absent:
    'Nothing is open any more, but what it won or lost was never reported. Look in the terminal’s history.',
  not_opened:
    'Nothing was opened, and nothing will be: the trade is too old to send again. Open it by hand if you still want it.',
  inferred:
    'It is managed as this copy’s position and closed with the master. If it is not, unlink it by closing it in the terminal yourself.',
  ambiguous:
    'None of them is touched until it is clear. Compare time, size and price in the terminal, then decide below.',
  no_baseline:
    'It is not touched until it is clear, because it may have been opened by hand. Compare time, size and price in the terminal, then decide below.',
  owner_decides: 'You asked to be asked. It is not touched until you decide below.',
  left_alone:
    'Flotilla no longer watches it. If a position is open in the terminal, it is yours to close.',
  stop_out: 'The pair is closed on both sides, so that neither stays open alone.',
};

/** The same reasons in a word or two, for lists to choose from. */
export const reasonNames = {
  offline: 'Not connected',
  stale: 'Too old',
  reconciling: 'Positions being checked',
  paused: 'Paused',
  unfollowed: 'Unfollowed',
  close_only: 'Closes only',
  side_filtered: 'Side not copied',
  symbol_filtered: 'Symbol not copied',
  symbol_invalid: 'Name not valid',
  max_open_copies: 'Too many open',
  no_figures: 'Figures missing',
  no_stop: 'No stop loss',
  stopped: 'Copying stopped',
  group_stopped: 'Group stopped',
  guard_stopped: 'Stopped by the guard',
  guard_blind: 'Guard without figures',
  limit: 'Size too small',
  symbol_unknown: 'No such contract',
  contract_closed: 'Contract closed',
  units_unknown: 'Units not known',
  price_unknown: 'Price not known',
  price_moved: 'Price too far',
  leverage: 'Leverage limit',
  trading_off: 'Trading off',
  opposite_side: 'Other side held',
  master_closed: 'Master was out',
  refused: 'Refused',
  not_opened: 'Never executed',
  left_alone: 'Left as it is',
  silent: 'No answer',
  session_lost: 'Connection lost',
  unclear_answer: 'Unclear answer',
  late_evidence: 'Late report',
  second_position: 'Second position',
  ambiguous: 'Several may fit',
  no_baseline: 'Nothing to compare',
  owner_decides: 'You decide',
  inferred: 'Taken as its own',
  absent: 'Not listed',
  closed_externally: 'Closed outside',
  close_refused: 'Close refused',
  stop_out: 'Stop-out',
};
