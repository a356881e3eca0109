// One person at a browser: finds things by what they are called, and has every page looked at.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { visitor } from './browser.mjs';
import { violations } from './axe.mjs';
import { until } from './world.mjs';

export class Visit {
    /** Opens a window in `language`; pictures of its pages go to `pictures`. */
    static async open(browser, world, words, pictures, options = {}) {
        const context = await visitor(browser, { locale: words.locale, ...options });
        const page = await context.newPage();
        mkdirSync(pictures, { recursive: true });
        return new Visit(context, page, world, words, pictures);
    }

    constructor(context, page, world, words, pictures) {
        Object.assign(this, { context, page, world, words, pictures, seen: 0, refused: [] });
        page.on('console', (message) => {
            if (/Content Security Policy/.test(message.text())) this.refused.push(message.text());
        });
        page.on('pageerror', (error) => this.refused.push(error.message));
    }

    go(path) {
        return this.page.goto(this.world.origin + path);
    }

    button(name) {
        return this.page.getByRole('button', { name, exact: typeof name === 'string' });
    }

    link(name) {
        return this.page.getByRole('link', { name, exact: true });
    }

    heading() {
        return this.page.locator('h1').textContent();
    }

    /** Waits until this heading stands on the page. */
    async arrives(heading) {
        await until(async () => (await this.heading().catch(() => '')) === heading);
    }

    /** Fails when the page does not say this. */
    async says(text) {
        await this.page.getByText(text).first().waitFor();
    }

    /** Looks at the page in both themes: a picture of each, no violation, nothing that the policy refused. */
    async look(name) {
        this.seen += 1;
        const found = [];
        for (const theme of ['light', 'dark']) {
            await this.page.emulateMedia({ colorScheme: theme });
            const file = `${String(this.seen).padStart(2, '0')}-${name}-${theme}.png`;
            await this.page.screenshot({ path: join(this.pictures, file), fullPage: true });
            found.push(...(await violations(this.page)).map((line) => `${theme}: ${line}`));
        }
        await this.page.emulateMedia({ colorScheme: 'light' });
        found.push(...this.refused.splice(0));
        if (found.length > 0) throw new Error(`${name}: ${found.join('; ')}`);
    }

    /** Makes a picture of the code on the page, as a camera sees it. */
    async photograph(name) {
        const path = join(this.pictures, `${name}.png`);
        await this.page.locator('#qr').screenshot({ path });
        return path;
    }

    async signIn(name, password) {
        await this.go('/sign-in');
        await this.page.getByLabel(this.words.account).fill(name);
        await this.page.getByLabel(this.words.password).fill(password);
        await this.button(this.words.signIn).click();
    }

    /** Returns the digits of the number that is shown. */
    async number() {
        return (await this.page.locator('#number').textContent()).replace(/\s/g, '');
    }

    close() {
        return this.context.close();
    }
}
