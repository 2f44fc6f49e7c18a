// The servers are what the tests on them rest on.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import { MongoClient } from 'mongodb';
import { pause } from '../e2e/parts/processes.mjs';
import { startServer } from './parts/servers.mjs';

// One command of Redis, its reply as it comes.
const redis = (port, line) =>
    new Promise((resolve, reject) => {
        const socket = net.connect(port, '127.0.0.1', () => socket.write(`${line}\r\n`));
        socket.once('error', reject).once('data', (bytes) => {
            resolve(bytes.toString().trim());
            socket.destroy();
        });
    });

test('FerretDB keeps what it acknowledged when it is killed', async () => {
    const server = await startServer('ferretdb');
    const client = await MongoClient.connect(server.url, { serverSelectionTimeoutMS: 5000, retryWrites: false });
    const things = client.db('test').collection('things');
    let acknowledged = 0;
    for (let run = 0; run < 3; run++) {
        const writing = (async () => {
            for (;;) {
                await things.insertOne({ _id: acknowledged + 1 });
                acknowledged++;
            }
        })().catch(() => {});
        while (acknowledged < (run + 1) * 20) await things.findOne({ _id: 1 });
        await server.kill();
        await writing;
        await server.start();
        const there = await things.countDocuments();
        assert.ok(there === acknowledged || there === acknowledged + 1, `${there} are there, ${acknowledged} were acknowledged`);
        acknowledged = there;
    }
    await client.close();
    await server.stop();
});

test('Redis keeps what it acknowledged when it is killed', async () => {
    const server = await startServer('redis');
    assert.equal(await redis(server.port, 'SET a 1'), '+OK');
    await server.kill();
    await server.start();
    assert.equal(await redis(server.port, 'INCR a'), ':2');
    await server.stop();
});

test('a stopped server answers when it goes on', async () => {
    const server = await startServer('redis');
    const state = () => fs.readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1][0];
    server.pause();
    while (state() !== 'T') await pause(1);
    const asked = redis(server.port, 'PING');
    server.resume();
    assert.equal(await asked, '+PONG');
    assert.notEqual(state(), 'T');
    await server.stop();
});

test('mongo-java-server updates by version once, whoever contends', async () => {
    const server = await startServer('mongo-java');
    const client = await MongoClient.connect(server.url, { maxPoolSize: 8, retryWrites: false });
    const things = client.db('test').collection('things');
    await things.insertOne({ _id: 'a', v: 0 });
    const tries = Array.from({ length: 8 }, async () => {
        let won = 0;
        for (let i = 0; i < 50; i++) {
            const { v } = await things.findOne({ _id: 'a' });
            won += (await things.updateOne({ _id: 'a', v }, { $inc: { v: 1 } })).modifiedCount;
        }
        return won;
    });
    const won = (await Promise.all(tries)).reduce((sum, n) => sum + n);
    assert.equal((await things.findOne({ _id: 'a' })).v, won);
    await client.close();
    await server.stop();
});
