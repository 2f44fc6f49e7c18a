export default {
    extends: 'stylelint-config-standard',
    rules: {
        'declaration-block-single-line-max-declarations': 1,
        'color-no-hex': true, // colours are in tokens.css
        'color-named': 'never',
        'function-disallowed-list': ['rgb', 'rgba', 'hsl', 'hsla', 'oklch', 'color'],
        'declaration-no-important': true,
        'import-notation': 'string',
        'property-disallowed-list': ['left', 'right', 'margin-left', 'margin-right', 'padding-left', 'padding-right', 'width', 'height'], // by the line's direction
        'rule-empty-line-before': null,
        'no-descending-specificity': null,
        'property-no-vendor-prefix': null,
        'value-no-vendor-prefix': null,
    },
    overrides: [{ files: ['**/tokens.css'], rules: { 'color-no-hex': null, 'function-disallowed-list': null } }],
};
