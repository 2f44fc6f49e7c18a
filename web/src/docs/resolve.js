// Puts what is referred to in the place of each reference. Swagger UI's own resolver takes a minute for a description of this size.

/** @param {any} whole @param {string} pointer as #/components/schemas/auth.User */
const named = (whole, pointer) => pointer.slice(2).split('/').reduce((at, key) => at?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], whole);

/** What contains itself keeps its reference there. @param {any} whole @param {any} part @param {string[]} within @returns {any} */
function filled(whole, part, within) {
    if (typeof part !== 'object' || part === null) return part;
    if (Array.isArray(part)) return part.map((one) => filled(whole, one, within));
    const { $ref: pointer } = part;
    if (typeof pointer !== 'string') return Object.fromEntries(Object.entries(part).map(([key, one]) => [key, filled(whole, one, within)]));
    const found = within.includes(pointer) ? undefined : named(whole, pointer);
    return found === undefined ? part : filled(whole, found, [...within, pointer]);
}

/** @param {any} whole the description @param {(string | number)[]} path of the wanted part */
export const resolveSubtree = async (whole, path) => ({ spec: filled(whole, path.reduce((at, key) => at?.[key], whole), []), errors: [] });
