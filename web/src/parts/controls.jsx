// What people press and write in.
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../words/words.js';
import { Icon } from './icons.jsx';

/**
 * @param {{kind?: 'main' | 'plain' | 'quiet' | 'danger', icon?: any, busy?: boolean, disabled?: boolean, wide?: boolean, type?: 'button' | 'submit',
 *   onClick?: (event: MouseEvent) => void, children?: any, label?: string, pressed?: boolean, shortcut?: string, focuses?: boolean}} props
 *   shortcut: its key (core/keys.js); focuses: which only goes there
 */
export const Button = ({ kind = 'plain', icon, busy, disabled, wide, type = 'button', onClick, children, label, pressed, shortcut, focuses }) => (
    <button
        class={`button ${kind}${wide ? ' wide' : ''}${children ? '' : ' round'}`} type={type} disabled={disabled} aria-busy={busy || undefined}
        aria-label={label} aria-pressed={pressed} aria-keyshortcuts={shortcut} data-focuses={focuses} onClick={(event) => busy || onClick?.(event)}
    >
        {busy ? <span class="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
        {children && <span>{children}</span>}
    </button>
);

/**
 * @param {{href: string, kind?: 'main' | 'plain' | 'quiet', icon?: any, wide?: boolean, download?: string, children?: any, label?: string}} props
 */
export const LinkButton = ({ href, kind = 'plain', icon, wide, download, children, label }) => (
    <a class={`button ${kind}${wide ? ' wide' : ''}${children ? '' : ' round'}`} href={href} download={download} aria-label={label}>
        {icon && <Icon name={icon} />}
        {children && <span>{children}</span>}
    </a>
);

/** The direction of what is written; as long as that is nothing, the page's: a hint in it stands where its lines begin. @param {string} text */
export const wayOf = (text) => (text ? 'auto' : undefined);

/**
 * A field with its name, a hint, and what is wrong with it.
 * @param {{label: string, name: string, value: string, onInput: (value: string) => void, type?: any, hint?: string, fault?: string,
 *   autocomplete?: string, inputmode?: any, required?: boolean, minLength?: number, maxLength?: number, dir?: 'ltr' | 'auto'}} props
 */
export function Field({ label, name, value, onInput, type = 'text', hint, fault, dir, ...more }) {
    const id = useId();
    const [shown, show] = useState(false);
    const secret = type === 'password';
    const told = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ');
    return (
        <div class="field">
            <label for={id}>{label}</label>
            <div class="box">
                <input
                    id={id} name={name} type={secret && shown ? 'text' : type} value={value} dir={dir ?? wayOf(value)} aria-describedby={told || undefined}
                    aria-invalid={fault ? true : undefined} onInput={(event) => onInput(event.currentTarget.value)} {...more}
                />
                {secret && <Button kind="quiet" icon={shown ? 'hidden' : 'eye'} label={t(shown ? 'door.hide' : 'door.show')} pressed={shown} onClick={() => show(!shown)} />}
            </div>
            {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
            {fault && <p class="fault" id={`${id}-fault`}>{fault}</p>}
        </div>
    );
}

/**
 * A field of several lines.
 * @param {{label: string, name: string, value: string, onInput: (value: string) => void, fault?: string, required?: boolean, maxLength?: number, lang?: string}} props
 */
export function Long({ label, name, value, onInput, fault, ...more }) {
    const id = useId();
    return (
        <div class="field">
            <label for={id}>{label}</label>
            <div class="box">
                <textarea id={id} name={name} rows={3} dir={wayOf(value)} value={value} aria-invalid={fault ? true : undefined} aria-describedby={fault && `${id}-fault`}
                    onInput={(event) => onInput(event.currentTarget.value)} {...more} />
            </div>
            {fault && <p class="fault" id={`${id}-fault`}>{fault}</p>}
        </div>
    );
}

/**
 * One of many, from the system's own list.
 * @param {{label: string, name: string, value: string, onInput: (value: string) => void, options: {value: string, label: string}[], fault?: string, required?: boolean}} props
 */
export function Choice({ label, name, value, onInput, options, fault, required }) {
    const id = useId();
    return (
        <div class="field">
            <label for={id}>{label}</label>
            <div class="box">
                <select id={id} name={name} value={value} required={required} aria-invalid={fault ? true : undefined} aria-describedby={fault && `${id}-fault`}
                    onChange={(event) => onInput(event.currentTarget.value)}>
                    {!options.some((one) => one.value === value) && <option value={value} />}
                    {options.map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}
                </select>
            </div>
            {fault && <p class="fault" id={`${id}-fault`}>{fault}</p>}
        </div>
    );
}

/** Brings the chosen one of a row that is wider than its window into the middle of it. @param {HTMLElement | null} row */
function showChosen(row) {
    const chosen = row?.querySelector('input:checked');
    if (!row || !chosen) return;
    const all = row.getBoundingClientRect(), one = chosen.getBoundingClientRect();
    row.scrollLeft += one.left + one.width / 2 - all.left - all.width / 2;
}

/**
 * One of a few. Arrow keys go from one to the next, as in any group of radio buttons.
 * @param {{label: string, value: string, options: {value: string, label: string}[], onChange: (value: string) => void}} props
 */
export function Segments({ label, value, options, onChange }) {
    const name = useId();
    const row = useRef(/** @type {HTMLFieldSetElement | null} */ (null));
    useLayoutEffect(() => showChosen(row.current), [value]);
    return (
        <fieldset class="segments" ref={row}>
            <legend class="unseen">{label}</legend>
            {options.map((option) => (
                <label key={option.value}>
                    <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => onChange(option.value)} />
                    <span>{option.label}</span>
                </label>
            ))}
        </fieldset>
    );
}

/** One of many. @param {{label: string, name: string, value: string, options: {value: string, label: string}[], onChange: (value: string) => void}} props */
export function Select({ label, name, value, options, onChange }) {
    const id = useId();
    return (
        <div class="field">
            <label for={id}>{label}</label>
            <div class="box">
                <select id={id} name={name} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
                    {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
                </select>
            </div>
        </div>
    );
}

/** @param {{label: string, on: boolean, onChange: (on: boolean) => void}} props */
export const Switch = ({ label, on, onChange }) => (
    <label class="switch">
        <span>{label}</span>
        <input type="checkbox" role="switch" checked={on} onChange={(event) => onChange(event.currentTarget.checked)} />
    </label>
);

/** Asks once more. @param {{title: string, hint?: string, yes: string, no: string, onYes: () => void, onNo: () => void}} props */
export function Sure({ title, hint, yes, no, onYes, onNo }) {
    const id = useId();
    const opened = useRef(false);
    /** @param {HTMLDialogElement | null} dialog */
    const open = (dialog) => {
        if (!dialog || opened.current) return;
        opened.current = true;
        dialog.showModal();
    };
    return (
        <dialog class="sheet" ref={open} aria-labelledby={id} onClose={onNo} onCancel={onNo}>
            <h2 id={id}>{title}</h2>
            {hint && <p>{hint}</p>}
            <div class="row end">
                <Button onClick={onNo}>{no}</Button>
                <Button kind="danger" onClick={onYes}>{yes}</Button>
            </div>
        </dialog>
    );
}
