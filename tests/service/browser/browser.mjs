// Chromium, and what every test needs from it.

import { chromium } from 'playwright-core';

const FLAGS = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
];

/** Starts Chromium with an empty profile, which goes when it is closed. */
export function launch() {
    return chromium.launch({ executablePath: process.env.KLINK_CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

/** Makes a window of its own, with its own cookies. */
export function visitor(browser, options = {}) {
    return browser.newContext({
        ignoreHTTPSErrors: true,
        viewport: { width: 800, height: 900 },
        deviceScaleFactor: 2,
        ...options,
    });
}
