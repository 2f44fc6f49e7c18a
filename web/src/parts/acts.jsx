// How a host does what can't be undone: by holding, or with a moment to take it back.
import { useEffect, useRef, useState } from 'preact/hooks';
import { GRACE_MS, due, flush, refused, takeBack } from '../core/later.js';
import { t } from '../words/words.js';
import { Button } from './controls.jsx';
import { Icon } from './icons.jsx';
import { Refused } from './shown.jsx';

const HOLD_MS = 600;

/** Pressed for a while. @param {{onDone: () => void, kind?: string, icon?: any, busy?: boolean, disabled?: boolean, children: any}} props */
export function HoldButton({ onDone, kind = 'main', icon, busy, disabled, children }) {
    const [held, hold] = useState(false);
    const timer = useRef(/** @type {any} */ (undefined));
    const begin = () => {
        if (busy || disabled || held) return;
        hold(true);
        timer.current = setTimeout(() => (hold(false), onDone()), HOLD_MS);
    };
    const end = () => (clearTimeout(timer.current), hold(false));
    useEffect(() => end, []);
    const isKey = (/** @type {KeyboardEvent} */ event) => event.key === ' ' || event.key === 'Enter';
    return (
        <button type="button" class={`button wide hold ${kind}${held ? ' held-down' : ''}`} disabled={disabled} aria-busy={busy || undefined}
            onPointerDown={begin} onPointerUp={end} onPointerLeave={end} onPointerCancel={end} onContextMenu={(event) => event.preventDefault()}
            onKeyDown={(event) => isKey(event) && (event.preventDefault(), event.repeat || begin())} onKeyUp={end}>
            {busy ? <span class="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
            <span>{children}</span>
            <small>{t('act.hold')}</small>
        </button>
    );
}

export const TakeBack = () => (
    <div class="take-back" role="status">
        {due.value && (
            <p class="notice">
                <span class="ring" aria-hidden="true" style={{ animationDuration: `${GRACE_MS}ms` }} />
                <span>{due.value.text}</span>
                <Button kind="quiet" onClick={takeBack}>{t('act.back')}</Button>
                <Button kind="quiet" onClick={flush}>{t('act.now')}</Button>
            </p>
        )}
        <Refused problem={refused.value} />
    </div>
);
