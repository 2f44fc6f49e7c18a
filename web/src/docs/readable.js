// What Swagger UI lacks here: words that find operations, references that are followed at once, and a page that can be read aloud.
import { resolveSubtree } from './resolve.js';

/** A word finds operations by their path, summary and id, not tags alone. @param {any} tagged @param {string} phrase */
function opsFilter(tagged, phrase) {
    const word = phrase.toLowerCase();
    const has = (/** @type {any} */ text) => String(text ?? '').toLowerCase().includes(word);
    const fits = (/** @type {any} */ one) => has(one.get('path')) || has(one.get('method')) || has(one.getIn(['operation', 'summary'])) || has(one.getIn(['operation', 'operationId']));
    return tagged.map((/** @type {any} */ tag) => tag.update('operations', (/** @type {any} */ all) => all.filter(fits))).filter((/** @type {any} */ tag) => tag.get('operations').size > 0);
}

/** Words that are read aloud, not seen. @param {any} React @param {string} element @param {string} words */
const aloud = ({ createElement }, element, words) => createElement(element, { className: 'read-aloud' }, words);

// Parts that have no name, or another one than is seen.
const named = (/** @type {any} */ React) => {
    const { createElement } = React;
    const labelled = (/** @type {any} */ Field) => (/** @type {any} */ props) => createElement('label', null, aloud(React, 'span', props.description || 'Value'), createElement(Field, props));
    return {
        JsonSchema_string: labelled,
        JsonSchema_boolean: labelled,
        TextArea: (/** @type {any} */ Field) => (/** @type {any} */ props) => createElement(Field, { 'aria-label': 'Body', ...props }),
        Button: (/** @type {any} */ Button) => (/** @type {any} */ { 'aria-label': name, ...props }) => createElement(Button, typeof props.children === 'string' ? props : { 'aria-label': name, ...props }),
        CloseIcon: () => () => createElement('span', null, 'Close'),
        authorizationPopup: (/** @type {any} */ Popup) => (/** @type {any} */ props) => createElement('div', { role: 'dialog', 'aria-modal': true, 'aria-label': 'Log-in' }, aloud(React, 'h2', 'Log-in'), createElement(Popup, props)),
        // What scrolls can be reached by keys.
        PlainTextViewer: () => (/** @type {any} */ { className = '', children }) => createElement('pre', { className: `microlight ${className}`, tabIndex: 0 }, children),
        InfoContainer: (/** @type {any} */ Info) => (/** @type {any} */ props) => createElement('section', { 'aria-label': 'About' }, createElement(Info, props)),
    };
};

/** @param {any} system Swagger UI's, with its own React */
export const readable = ({ React }) => ({
    fn: { opsFilter, resolveSubtree },
    wrapComponents: {
        ...named(React),
        // A path within a button is no link of its own.
        DeepLink: () => (/** @type {any} */ { text }) => React.createElement('span', null, text),
        // There is one server: this one.
        ServersContainer: () => () => null,
        FilterContainer: () => (/** @type {any} */ { layoutSelectors, layoutActions }) => {
            const phrase = layoutSelectors.currentFilter();
            return React.createElement('div', { className: 'wrapper', role: 'search' }, React.createElement('input', {
                type: 'search', className: 'operation-filter-input', 'aria-label': 'Find operations', placeholder: 'Find operations: a path, a word',
                value: typeof phrase === 'string' ? phrase : '', onChange: (/** @type {any} */ { target }) => layoutActions.updateFilter(target.value),
            }));
        },
        operations: (/** @type {any} */ Operations) => (/** @type {any} */ props) => React.createElement('div', null, React.createElement('h2', { className: 'operations-title' }, 'Operations'), React.createElement(Operations, props)),
    },
});
