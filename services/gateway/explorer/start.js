'use strict';

// The token that is typed in lives as long as the page: nothing is kept in the browser. No validator of others is asked.
window.ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#explorer',
  deepLinking: true,
  docExpansion: 'none',
  filter: true,
  persistAuthorization: false,
  queryConfigEnabled: false,
  validatorUrl: null,
  syntaxHighlight: {activated: true},
});
