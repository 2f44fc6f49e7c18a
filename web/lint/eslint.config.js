import js from '@eslint/js';
import globals from 'globals';

const rules = {
    'no-unused-vars': ['error', { varsIgnorePattern: '^[A-Z]' }],
    'max-lines': ['error', { max: 200, skipBlankLines: true, skipComments: true }],
    'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    complexity: ['error', 20],
    eqeqeq: 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    'no-restricted-globals': ['error', 'event', 'name'],
    'no-restricted-syntax': ['error',
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'HTML is never made of text.' },
        { selector: "JSXAttribute[name.name='style'] > Literal", message: 'Styles are in src/styles.' }],
};
const jsx = { ecmaFeatures: { jsx: true } };

export default [
    js.configs.recommended,
    { files: ['src/**/*.{js,jsx}'], languageOptions: { globals: globals.browser, parserOptions: jsx }, rules },
    // Calls are made in one place.
    { files: ['src/sw.js'], languageOptions: { globals: { ...globals.serviceworker, SHELL: 'readonly', VERSION: 'readonly' } } },
    { files: ['src/**/*.{js,jsx}'], ignores: ['src/core/calls.js', 'src/sw.js'], rules: { 'no-restricted-globals': ['error', 'event', 'name', 'fetch', 'XMLHttpRequest', 'EventSource', 'WebSocket'] } },
    { files: ['src/words/{en,fa}.js'], rules: { 'max-lines': 'off' } },
    { files: ['build/**', 'test/**', '*.config.js'], languageOptions: { globals: globals.node } },
];
