// Pictures that a style of others has in itself, as data: URLs, which the page's policy forbids: each becomes a file beside it.
import { createHash } from 'node:crypto';

const TYPES = { 'image/svg+xml': 'svg', 'image/png': 'png', 'image/jpeg': 'jpg' };
const namespace = 'picture';

export const picturesAsFiles = {
    name: 'pictures-as-files',
    setup(build) {
        const pictures = new Map();
        build.onResolve({ filter: /^data:image\// }, ({ path: url, kind }) => {
            if (kind !== 'url-token') return undefined;
            const name = `docs-${createHash('sha256').update(url).digest('hex').slice(0, 8)}.${TYPES[/^data:([^;,]*)/.exec(url)[1]]}`;
            pictures.set(name, url);
            return { path: name, namespace };
        });
        build.onLoad({ filter: /./, namespace }, async ({ path: name }) => ({ contents: new Uint8Array(await (await fetch(pictures.get(name))).arrayBuffer()), loader: 'file' }));
    },
};
