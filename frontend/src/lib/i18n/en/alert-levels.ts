/** From how urgent on somebody wants to hear of alerts. */
export const alertLevels = {
  title: 'Alerts',
  hint: 'Nothing is thrown away: alerts that the inbox does not show are there again when you lower its level.',
  inbox: 'In the inbox',
  inboxHint: 'What needs you now is always shown.',
  popup: 'Over the page, wherever you are',
  popupHint: 'As soon as it happens, while Flotilla is open.',
  mail: 'By mail',
  mailHint: 'To {email}, in one mail for all that is unread, ten minutes apart at least.',
  mailNever: 'never',
  mailUnverified: 'None comes yet: confirm your e-mail address first, further up on this page.',
  from: {
    info: 'everything',
    warning: 'what to look at today',
    critical: 'only what needs you now',
  },
  never: 'never',
  saved: 'Saved.',
};
