import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../words/words.js';
import { Button } from './controls.jsx';

/** A dialog from below. @param {{title: any, onClose: () => void, children: any}} props */
export function Sheet({ title, onClose, children }) {
    const id = useId();
    const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
    useEffect(() => dialog.current?.showModal(), []);
    return (
        <dialog class="sheet from-below" ref={dialog} aria-labelledby={id} onClose={onClose}>
            <header class="row split-row"><h2 id={id}>{title}</h2><Button kind="quiet" icon="close" label={t('close')} onClick={onClose} /></header>
            {children}
        </dialog>
    );
}
