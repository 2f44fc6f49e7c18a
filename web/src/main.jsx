import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { begin as beginOffline } from './core/offline.js';
import { begin as beginPrefs } from './core/prefs.js';
import { begin as beginPush } from './core/push.js';
import { begin as beginRouter, route } from './core/router.js';
import { begin as beginSession } from './core/session.js';
import { begin as beginSound } from './core/sound.js';
import { Shell } from './parts/shell.jsx';
import { LinkButton } from './parts/controls.jsx';
import { Empty, Loading } from './parts/shown.jsx';
import { Explore } from './screens/explore.jsx';
import { t } from './words/words.js';

/** Screens that come when they are wanted. @type {Record<string, () => Promise<{Screen: any}>>} */
const SCREENS = {
    door: () => import('./screens/door.jsx'),
    event: () => import('./screens/event.jsx'),
    fair: () => import('./screens/fair.jsx'),
    inbox: () => import('./screens/inbox.jsx'),
    me: () => import('./screens/me.jsx'),
    rooms: () => import('./screens/rooms.jsx'),
    table: () => import('./screens/table.jsx'),
    lead: () => import('./screens/lead.jsx'),
    market: () => import('./screens/market.jsx'),
    decks: () => import('./screens/decks.jsx'),
    ops: () => import('./screens/ops.jsx'),
    plan: () => import('./screens/plan.jsx'),
    print: () => import('./screens/print.jsx'),
    queue: () => import('./screens/queue.jsx'),
    replay: () => import('./screens/replay.jsx'),
    tv: () => import('./screens/tv.jsx'),
};

const RELOADED = 'conse.reloaded';

// After an upgrade the parts of an older page are gone: it is loaded again, once.
/** @param {unknown} fault */
function missing(fault) {
    if (sessionStorage.getItem(RELOADED)) throw fault;
    sessionStorage.setItem(RELOADED, '1');
    location.reload();
    return new Promise(() => {});
}

/** @param {{name: string}} props */
function Later({ name }) {
    const [loaded, load] = useState(/** @type {{name: string, Screen: any} | null} */ (null));
    useEffect(() => {
        SCREENS[name]().catch(missing).then(({ Screen }) => {
            sessionStorage.removeItem(RELOADED);
            load({ name, Screen });
        });
    }, [name]);
    return loaded?.name === name ? <loaded.Screen key={route.value.id} /> : <Loading />;
}

const Nowhere = () => (
    <div class="page">
        <Empty top title={t('problem.NOT_FOUND')}><LinkButton href="/" kind="main">{t('event.explore')}</LinkButton></Empty>
    </div>
);

function App() {
    const { screen } = route.value;
    const place = screen === 'explore' ? <Explore /> : SCREENS[screen] ? <Later name={screen} /> : <Nowhere />;
    return <Shell>{place}</Shell>;
}

beginPrefs();
beginRouter();
beginSession();
beginOffline();
beginPush();
beginSound();
render(<App />, /** @type {Element} */ (document.getElementById('app')));
