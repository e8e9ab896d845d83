// Runs before the first paint, so that a dark screen never flashes white.
(() => {
  const choice = localStorage.getItem('flotilla.theme');
  const dark =
    choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  const language = localStorage.getItem('flotilla.language');
  if (language === 'th' || language === 'en') document.documentElement.lang = language;
})();
