// Every page in every state, in both languages and both themes: no violation that axe can see, nothing that is cut
// off at 320 px, and a picture of each.
//
//     node gallery.mjs PAGES PICTURES

import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { launch, visitor } from './browser.mjs';
import { violations } from './axe.mjs';
import { Cases } from './cases.mjs';

const [pages, pictures] = process.argv.slice(2);
const cases = new Cases('gallery');
const TYPES = { '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.html': 'text/html; charset=utf-8' };
const POLICY = readFileSync(new URL('../src/pages/policy.txt', import.meta.url), 'utf8').trim();

const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    const file = path.startsWith('/static/') ? new URL(`..${path}`, import.meta.url) : join(pages, path);
    try {
        const body = readFileSync(file);
        response.writeHead(200, { 'Content-Type': TYPES[extname(path)], 'Content-Security-Policy': POLICY });
        response.end(body);
    } catch {
        response.writeHead(404).end();
    }
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await launch();
try {
    for (const language of ['en', 'nl']) {
        const names = readdirSync(join(pages, language)).filter((name) => name.endsWith('.html')).sort();
        for (const theme of ['light', 'dark']) {
            const folder = join(pictures, language, theme);
            mkdirSync(folder, { recursive: true });
            const context = await visitor(browser, { colorScheme: theme, viewport: { width: 560, height: 760 }, deviceScaleFactor: 1 });
            const page = await context.newPage();
            const refused = [];
            page.on('console', (message) => message.type() === 'error' && /Content Security Policy/.test(message.text()) && refused.push(message.text()));
            for (const name of names) {
                const shown = name.replace('.html', '');
                await cases.run(`${shown}, ${language}, ${theme}`, async () => {
                    refused.length = 0;
                    const fragment = shown === 'link' ? '#aa.bb.cc' : '';
                    await page.goto(`${origin}/${language}/${name}${fragment}`, { waitUntil: 'load' });
                    await page.screenshot({ path: join(folder, `${shown}.png`), fullPage: true });
                    cases.none(await violations(page), 'axe');
                    cases.none(refused, 'refused by the policy');
                });
            }
            await context.close();
        }
    }
    const narrow = await visitor(browser, { viewport: { width: 320, height: 640 }, deviceScaleFactor: 1 });
    const page = await narrow.newPage();
    for (const name of readdirSync(join(pages, 'nl')).sort()) {
        await cases.run(`${name.replace('.html', '')} at 320 px`, async () => {
            await page.goto(`${origin}/nl/${name}`);
            const wide = await page.evaluate(() => document.documentElement.scrollWidth);
            cases.equal(wide, 320, 'width');
        });
    }
    await cases.run('qr.js is the package it says it is', async () => {
        const ours = readFileSync(new URL('../static/qr.js', import.meta.url), 'utf8');
        const theirs = readFileSync(createRequire(import.meta.url).resolve('qr'), 'utf8');
        cases.equal(ours === theirs, true, 'static/qr.js and the package qr are the same');
    });
    await cases.run('control: axe sees a field without a name and text without contrast', async () => {
        await page.goto(`${origin}/en/sign-in.html`);
        await page.evaluate(() => {
            document.querySelector('label[for=name]').remove();
            document.querySelector('.tag').classList.add('faint');
            const sheet = new CSSStyleSheet();
            sheet.replaceSync('.tag.faint { color: #ccc !important; }');
            document.adoptedStyleSheets = [sheet];
        });
        const found = (await violations(page)).map((line) => line.split(':')[0]);
        cases.equal([...new Set(found)].sort().join(' '), 'color-contrast label', 'what axe found');
    });
} finally {
    await browser.close();
    server.close();
}
cases.end();
