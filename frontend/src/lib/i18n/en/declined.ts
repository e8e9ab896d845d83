/** Why the server declines what only signed-in users can ask for. */
export const declined = {
  open_copies: 'Copies of this account are still open. Wait until they are closed, then try again.',
  several_followers:
    'Several accounts follow this master. One-to-one copying needs exactly one follower.',
  master_not_found: 'No master has this token. Check it for missing characters.',
  master_has_partner: 'This master copies to one account only, and it has one already.',
  own_master: 'An account cannot follow itself.',
  already_following: 'The account follows this master already.',
  copy_not_in_doubt: 'This copy was settled meanwhile. Nothing was done; look at its new state.',
  not_a_candidate: 'The terminal has not listed this position, or another copy owns it.',
  slug_taken: 'This address is taken. Choose another one.',
  no_answer: 'The worker did not answer in time. Nothing was sent; try again.',
  master_full: 'This master takes no further followers.',
  not_pending: 'This follower no longer waits for approval.',
  no_ticket: 'Name a position of the account.',
  name_taken: 'Another group has this name. Choose a different one.',
  stale_version:
    'Somebody changed this in the meantime. Nothing was saved; close this and look again.',
  no_phase: 'This account has no rules yet. Choose a template of its firm first.',
  already_cleared: 'This was taken back already.',
  cash_is_reported:
    'The reporter of this account tells what is paid in and out, so this would count twice. Note a correction if something is missing.',
  too_many_groups: 'There are 100 groups already. Delete one first.',
  group_stopped: 'Copying is stopped for this group. Resume it first, then delete it.',
  key_not_verified: 'Connect a key first that may trade perpetual futures, and works.',
  environment_fixed:
    'This account is connected to the other environment. Disconnect it first, or add another account.',
  leverage_refused: 'BingX does not take this leverage.',
  archived: 'This account is archived.',
  already_done:
    'This was done already, only the answer was lost. It is in the list, but its secret cannot be shown again: revoke it and make another. The key of an account is under “Show API key”.',
  request_in_progress: 'This is still being done. Wait a moment, then try again.',
};
