// A service, a terminal phone and a gateway for text messages, all real and all on loopback.

import { createServer } from 'node:http';
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const PASSWORD = 'correct horse battery';

/** Starts a service of its own, with its gateway. */
export async function startWorld(programs) {
    const folder = mkdtempSync(join(tmpdir(), 'klink-pages-'));
    const messages = [];
    const gateway = createServer((request, response) => {
        let body = '';
        request.on('data', (part) => { body += part; });
        request.on('end', () => {
            messages.push(JSON.parse(body));
            response.writeHead(200).end();
        });
    });
    await listen(gateway);
    const port = await freePort();
    const config = join(folder, 'service.toml');
    writeFileSync(config, [
        `listen = "127.0.0.1:${port}"`,
        `data = "${join(folder, 'data')}"`,
        'organisation = "Hupra"',
        'outgoing_private = true',
        '[text_messages]',
        `url = "http://127.0.0.1:${gateway.address().port}/"`,
    ].join('\n'));
    const program = join(programs, 'klink-service');
    const service = spawn(program, ['--config', config], { stdio: ['ignore', 'pipe', 'pipe'] });
    const log = [];
    for (const stream of [service.stdout, service.stderr]) stream.on('data', (part) => log.push(String(part)));
    const origin = `https://127.0.0.1:${port}`;
    const world = {
        origin,
        folder,
        messages,
        log,
        authority: join(folder, 'data', 'tls', 'ca.pem'),
        addUser: (name) => run(program, ['--config', config, 'user', 'add', name], `${PASSWORD}\n`),
        phone: (name) => new Phone(programs, world, name),
        async stop() {
            service.kill();
            await new Promise((ended) => service.on('exit', ended));
            gateway.close();
            rmSync(folder, { recursive: true, force: true });
        },
    };
    await until(() => log.join('').includes('started') || service.exitCode !== null);
    if (service.exitCode !== null) throw new Error(`the service ended: ${log.join('')}`);
    return world;
}

/** `klink`, with a vault of its own. */
class Phone {
    #program;
    #environment;

    constructor(programs, world, name) {
        const folder = join(world.folder, name);
        mkdirSync(folder);
        this.#program = join(programs, 'klink');
        this.folder = folder;
        this.#environment = {
            ...process.env,
            KLINK_VAULT: join(folder, 'vault'),
            KLINK_ANCHORS: join(folder, 'anchors'),
            KLINK_DEVICE: join(folder, 'device'),
            KLINK_PASSPHRASE: 'a passphrase of this test',
            KLINK_CA_FILE: world.authority,
        };
    }

    /** Runs a command and returns what its `--json` says. */
    async call(...words) {
        const text = await run(this.#program, [...words, '--json'], '', this.#environment);
        return text.trim() === '' ? null : JSON.parse(text);
    }

    /** Runs a command that is refused, and returns the refusal's code. */
    async refused(...words) {
        try {
            await this.call(...words);
        } catch (error) {
            return JSON.parse(error.stdout).error;
        }
        throw new Error(`klink ${words.join(' ')} was not refused`);
    }
}

/** Waits until `so` holds; the suite as a whole has the only limit of time. */
export async function until(so) {
    for (let n = 0; n < 6000; n += 1) {
        const found = await so();
        if (found) return found;
        await new Promise((next) => setTimeout(next, 20));
    }
    throw new Error('it never came');
}

function listen(server) {
    return new Promise((ready) => server.listen(0, '127.0.0.1', ready));
}

async function freePort() {
    const server = createServer();
    await listen(server);
    const { port } = server.address();
    await new Promise((closed) => server.close(closed));
    return port;
}

function run(program, words, input, environment = process.env) {
    return new Promise((done, failed) => {
        const child = execFile(program, words, { env: environment }, (error, stdout, stderr) => {
            if (error) {
                failed(Object.assign(new Error(`${program} ${words.join(' ')}: ${stderr}${stdout}`), { stdout }));
            } else {
                done(stdout);
            }
        });
        child.stdin.end(input);
    });
}
