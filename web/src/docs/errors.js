// All reasons for which a call is refused. A problem document's type leads to its row.

/** @param {string} name @param {(Node | string)[]} children */
function element(name, ...children) {
    const made = document.createElement(name);
    made.append(...children);
    return made;
}

/** @param {string} code @param {HTMLElement} row */
function mark(code, row) {
    for (const other of document.querySelectorAll('#codes [aria-current]')) other.removeAttribute('aria-current');
    if (row.id === code) row.setAttribute('aria-current', 'true');
}

/** What the address names, when that is here: opened, and in sight. @param {string} hash */
export function showNamed(hash) {
    const errors = /** @type {HTMLDetailsElement} */ (document.getElementById('errors'));
    const named = hash.startsWith('#/') ? null : document.getElementById(hash.slice(1));
    if (!named || !errors.contains(named)) return;
    errors.open = true;
    mark(hash.slice(1), named);
    named.scrollIntoView({ block: named === errors ? 'start' : 'center' });
}

/** @param {any} api the description, as the gateway has it */
export function showErrors(api) {
    const rows = api['x-conse-reasons'].map((/** @type {any} */ { code, status, description }) => {
        const row = element('tr', element('td', element('code', code)), element('td', String(status)), element('td', description));
        row.id = code;
        return row;
    });
    document.getElementById('codes')?.append(...rows);
    addEventListener('hashchange', () => showNamed(location.hash));
}
