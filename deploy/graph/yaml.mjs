// Plain objects, lists, texts and numbers as YAML, always the same way.
const isPlain = (text) => /^[A-Za-z_/][\w./-]*$/.test(text) && !/^(true|false|yes|no|on|off|null)$/i.test(text);
const scalar = (value) => (typeof value === 'string' && !isPlain(value) ? JSON.stringify(value) : String(value));
const isEmpty = (value) => Object.keys(value).length === 0;

function linesOf(value) {
    if (Array.isArray(value)) return value.flatMap((item) => linesOf(item).map((line, i) => (i ? '  ' : '- ') + line));
    if (typeof value !== 'object') return [scalar(value)];
    return Object.entries(value).flatMap(([key, item]) => {
        if (typeof item !== 'object') return [`${key}: ${scalar(item)}`];
        if (isEmpty(item)) return [`${key}: ${Array.isArray(item) ? '[]' : '{}'}`];
        return [`${key}:`, ...linesOf(item).map((line) => `  ${line}`)];
    });
}

export const yamlOf = (documents) => documents.map((document) => `${linesOf(document).join('\n')}\n`).join('---\n');
