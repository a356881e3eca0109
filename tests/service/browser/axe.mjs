// What axe-core finds on a page.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

/** Returns one line for each violation on `page`; what axe could not decide counts when it is about contrast. */
export async function violations(page) {
    // Evaluated by the driver, not by the page: the page's own policy allows no script but ours.
    await page.evaluate(source);
    const found = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), RULES);
    const doubtful = found.incomplete.filter((rule) => rule.id === 'color-contrast');
    return [...found.violations, ...doubtful].flatMap((rule) =>
        rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${rule.help}`),
    );
}
