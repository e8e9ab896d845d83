import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Stream } from './api/stream/stream';
import { watchSession } from './app/leave';
import { App } from './app/providers';
import { createQueries } from './app/queries';
import { createAppRouter } from './app/router';
import { prepareLanguage } from './lib/i18n/provider';
import { apply, language } from './lib/preferences';
import { keepShell } from './lib/shell';
import './styles.css';

const queries = createQueries();
const stream = new Stream(queries);
const router = createAppRouter(queries);

apply();
watchSession(router, queries);
keepShell();

// A little English is always here; it is better than nothing when Thai cannot be fetched.
await prepareLanguage(language()).catch(() => undefined);

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App queries={queries} stream={stream} router={router} />
    </StrictMode>,
  );
}
