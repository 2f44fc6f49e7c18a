// A Debian that has nothing but git and make, and an operator who does what docs/operations.md says for one machine with units.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { enterRoot, inside, must } from './root.mjs';

const NAME = 'conse.example', PATIENCE_S = 60, OURS_S = 600;
let bridge;

const seconds = async (work_of) => {
    const from = process.hrtime.bigint();
    await work_of();
    return Math.round(Number(process.hrtime.bigint() - from) / 1e9);
};

// With the settings of the units.
const consectl = (words) => `env -u http_proxy -u https_proxy $(grep -v '^#' /etc/conse/settings.env) CONSE_DATA=/root/data CONSE_BUS_KEY_FILE=/etc/conse/bus /usr/lib/conse/consectl ${words}`;
const until = (line) => must(`for i in $(seq ${PATIENCE_S}); do ${line} >/tmp/said 2>&1 && exit 0; sleep 1; done; cat /tmp/said; exit 1`);
const ask = (words) => `curl -sS --fail-with-body --cacert /etc/conse/secrets/front.pem --noproxy '*' --resolve ${NAME}:443:127.0.0.1 ${words}`;

before(async () => {
    bridge = await enterRoot();
    fs.copyFileSync(new URL('systemctl.sh', import.meta.url), inside('usr/local/sbin/systemctl'));
    fs.chmodSync(inside('usr/local/sbin/systemctl'), 0o755);
});
after(() => bridge?.close());

test('from nothing to HTTPS that answers, with nothing that the doctor finds', async (t) => {
    const took = await seconds(async () => {
        await must(`deploy/setup.sh units ${NAME}`);
        await must(`deploy/setup.sh front ${NAME}`);
        await until(ask(`https://${NAME}/.well-known/conse`));
        await until(consectl('doctor'));
    });
    t.diagnostic(`${took} s`);
    assert.match(await must(consectl('doctor')), /^\d\d checks: 0 failed, \d+ warnings\n$/m);
    assert.ok(took <= OURS_S, `${took} s`);
});

test('people reach it by HTTPS, and by HTTP are sent there', async () => {
    const made = await must(ask(`-X POST -H 'Content-Type: application/json' -d '{"username":"ada","password":"correct horse battery"}' https://${NAME}/auth/signup`));
    assert.match(made, /ada/);
    assert.match(await must(`curl -sS -o /dev/null -w '%{http_code} %{redirect_url}' --noproxy '*' --resolve ${NAME}:80:127.0.0.1 http://${NAME}/x`), /^301 https:\/\/conse\.example\/x$/);
    assert.match(await must(ask(`-o /dev/null -D - https://${NAME}/.well-known/conse`)), /strict-transport-security: max-age=31536000/i);
});

test("systemd takes the units, and each program runs as its unit's user", async () => {
    await must('systemd-analyze verify --man=no conse.target conse@auth.service conse@gateway.service conse-backup@auth.timer conse-drill.timer conse-audit.timer');
    for (const service of ['auth', 'events', 'chain', 'ai', 'gateway']) {
        const pid = fs.readFileSync(inside('run', `conse-${service}.pid`), 'utf8').trim();
        assert.match(await must(`stat -c %U /proc/${pid}`), new RegExp(`conse-${service}`));
        assert.match(fs.readFileSync(`/proc/${pid}/status`, 'utf8'), /^CapBnd:\t0+$/m);
    }
});

test('it may be run again: what is there stays', async () => {
    const kept = ['bus', 'settings.env', 'secrets/front.pem'].map((name) => inside('etc/conse', name));
    const all = () => kept.map((file) => fs.readFileSync(file, 'utf8'));
    const had = all();
    await must(`deploy/setup.sh units ${NAME} && deploy/setup.sh front ${NAME}`);
    assert.deepEqual(all(), had);
    await until(ask(`https://${NAME}/.well-known/conse`));
});
