// What is only looked at.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t, refusalOf } from '../words/words.js';
import { Button } from './controls.jsx';
import { Icon } from './icons.jsx';

/** Names the page. @param {string} [title] */
export const useTitle = (title) =>
    useEffect(() => {
        document.title = title ? `${title} · ${t('app.name')}` : t('app.name');
    }, [title]);

/** What people wrote, in their own direction. @param {{children: any}} props */
export const Said = ({ children }) => <bdi dir="auto">{children}</bdi>;

/** @param {{state: string}} props */
export const State = ({ state }) => <span class={`badge state-${state.toLowerCase()}`}>{t(`state.${state}`)}</span>;

/** @param {{title: string, hint?: string, icon?: any, top?: boolean, children?: any}} props top: it is all that the page has */
export const Empty = ({ title, hint, icon = 'moon', top, children }) => (
    <div class="empty">
        <span class="halo"><Icon name={icon} /></span>
        {top ? <h1>{title}</h1> : <h2>{title}</h2>}
        {hint && <p>{hint}</p>}
        {children}
    </div>
);

/** @param {{problem: any, onAgain?: () => void}} props */
export const Refused = ({ problem, onAgain }) =>
    problem && (
        <div class="notice bad" role="alert">
            <Icon name={problem.status === 0 ? 'away' : 'close'} />
            <p>{refusalOf(problem)}</p>
            {onAgain && <Button kind="quiet" onClick={onAgain}>{t('again')}</Button>}
        </div>
    );

/** While it is loading: its shape. @param {{rows?: number, kind?: 'card' | 'line'}} props */
export const Loading = ({ rows = 3, kind = 'card' }) => (
    <div class="loading" role="status">
        <span class="unseen">{t('wait.loading')}</span>
        {Array.from({ length: rows }, (_, i) => <span key={i} class={`ghost ${kind}`} aria-hidden="true" />)}
    </div>
);

/** @param {{id?: string, title: string, icon?: any, children: any, class?: string}} props */
export const Section = ({ id, title, icon, children, class: more = '' }) => (
    <section class={`panel ${more}`} aria-labelledby={id}>
        <h2 id={id}>{icon && <Icon name={icon} />}{title}</h2>
        {children}
    </section>
);

// ---- What is said once, and read aloud

const SAID_MS = 4000;
/** @type {import('@preact/signals').Signal<string>} */
const saying = signal('');
/** @type {ReturnType<typeof setTimeout> | undefined} */
let silence;

/** @param {string} text */
export function say(text) {
    clearTimeout(silence);
    saying.value = text;
    silence = setTimeout(() => (saying.value = ''), SAID_MS);
}

export const Saying = () => (
    <div class="toast" role="status" aria-live="polite">
        {saying.value && <p>{saying.value}</p>}
    </div>
);
