// Images under many hands: what a refused request leaves, what one god may have, and what is kept of a photo.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, consectl, eventually, ok, signUpAs } from './parts/people.mjs';
import { noisyPng } from './parts/png.mjs';
import { startSystem } from './parts/system.mjs';

const MANY = 60;
let system, god, group;

before(async () => {
    system = await startSystem({ env: { CONSE_LIMIT_AUTH: '100000/100000', CONSE_LIMIT_DEFAULT: '1000000/1000000', CONSE_GOD_IMAGES: String(MANY + 2) } });
    god = await signUpAs(system, 'judge', 'god');
    ({ group } = await ok(system, 'POST', '/groups', { token: god.token, body: { name: 'Friday' } }));
});
after(() => system?.stop());

const imageOf = () => `${system.url}/groups/${group.id}/image`;
const put = (body, type = 'image/png') => fetch(imageOf(), { method: 'PUT', headers: { Authorization: `Bearer ${god.token}`, 'Content-Type': type }, body });

// The files are free while the service is down.
async function keptImages() {
    await system.term('events');
    const { code, stdout, stderr } = await consectl(system, 'dump', 'events');
    assert.equal(code, 0, stderr);
    await system.start('events');
    await eventually(async () => (await call(system, 'GET', `/groups/${group.id}`)).status === 200, 10000);
    return stdout.split('\n').filter((line) => line && JSON.parse(line).table === 'images').length;
}

test('parallel requests keep as many images as they were granted', async () => {
    const images = Array.from({ length: MANY }, () => noisyPng(100, 100));
    const renames = Array.from({ length: MANY }, (_, i) => call(system, 'PATCH', `/groups/${group.id}`, { token: god.token, body: { description: `x${i}` } }));
    const replies = await Promise.all(images.map((image) => put(image)));
    await Promise.all(renames);
    const granted = replies.filter((reply) => reply.status === 204).length;
    const refused = new Set(['CONFLICT', 'SERVICE_BUSY']);
    for (const reply of replies) if (reply.status !== 204) assert.ok(refused.has((await reply.json()).code), `${reply.status}`);
    assert.ok(granted >= 1);
    assert.equal(await keptImages(), granted);
    const shown = Buffer.from(await (await fetch(imageOf())).arrayBuffer());
    assert.ok(images.some((image) => image.equals(shown)));
});

test('a photo loses what does not show, and its tag is that of what is left', async () => {
    const segment = (marker, text) => Buffer.concat([Buffer.from([0xff, marker, 0, text.length + 2]), Buffer.from(text, 'latin1')]);
    const photo = (...told) => Buffer.concat([Buffer.from([0xff, 0xd8]), ...told, segment(0xc0, '\x08\0\x02\0\x03\x01\x01\x11\0'), segment(0xda, '\x01\x01\0\0\x3f\0'), Buffer.from('pixels'), Buffer.from([0xff, 0xd9])]);
    const tags = [];
    for (const told of [[segment(0xe1, 'Exif\0\0where I live')], [segment(0xfe, 'by me'), segment(0xed, 'Photoshop 3.0\0')]]) {
        assert.equal((await put(photo(...told), 'image/jpeg')).status, 204);
        const got = await fetch(imageOf());
        assert.deepEqual(Buffer.from(await got.arrayBuffer()), photo());
        tags.push(got.headers.get('etag'));
    }
    assert.equal(tags[0], tags[1]);
});

test('too many images, or too large ones, are refused by name', async () => {
    const refusal = async (image) => {
        const reply = await put(image);
        return [reply.status, (await reply.json()).code];
    };
    let last;
    for (let i = 0; i <= MANY + 2; i++) if ((last = await put(noisyPng(4, 4))).status !== 204) break;
    assert.deepEqual([last.status, (await last.json()).code], [409, 'IMAGE_QUOTA']);
    const kept = await keptImages();
    assert.equal(kept, MANY + 2);
    const wide = noisyPng(4, 4);
    wide.writeUInt32BE(8193, 16);
    assert.deepEqual(await refusal(wide), [400, 'IMAGE_DIMENSIONS']);
    assert.equal(await keptImages(), kept);
});
