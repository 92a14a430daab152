// Sets the colour scheme before the first paint, so that a dark room stays dark.
(function () {
  var scheme = 'auto';
  try {
    scheme = localStorage.getItem('porchlight-colour-scheme') || 'auto';
  } catch (error) {
    scheme = 'auto';
  }
  if (scheme !== 'light' && scheme !== 'dark')
    scheme = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme);
})();
