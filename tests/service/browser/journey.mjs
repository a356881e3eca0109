// The journey: from a password to an approved sign-in, in a real browser, with the real service and the real terminal
// phone, in both languages; once with the keyboard alone; and what the pages do without a script or without events.
//
//     node journey.mjs PROGRAMS PICTURES

import { join } from 'node:path';
import { launch } from './browser.mjs';
import { Cases } from './cases.mjs';
import { startWorld, PASSWORD, until } from './world.mjs';
import { Visit } from './visit.mjs';
import { WORDS } from './words.mjs';

const [programs, pictures] = process.argv.slice(2);
const cases = new Cases('journey');

/** What a case leaves for the next ones; a case whose beginnings failed fails too. */
const people = {};

/** Returns a number of the same length that is another. */
const other = (number) => String((Number(number) + 1) % 10 ** number.length).padStart(number.length, '0');

async function setUpPhone(browser, world, language) {
    const words = WORDS[language];
    const name = `ada-${language}`;
    await world.addUser(name);
    const phone = world.phone(name);
    await phone.call('init');
    const visit = await Visit.open(browser, world, words, join(pictures, language));
    const person = { name, phone, visit, words };
    people[language] = person;
    const step = (what, action) => cases.run(`${language}: ${what}`, action);

    await step('a wrong password is told, a right one is stopped for a second step', async () => {
        await visit.signIn(name, 'wrong');
        await visit.says(words.wrong);
        await visit.look('wrong-password');
        cases.equal(await visit.page.getByText(words.reference, { exact: true }).count(), 1, 'reference service');
        await visit.signIn(name, PASSWORD);
        cases.equal(await visit.heading(), words.required, 'heading');
        await visit.look('required');
    });
    await step('the app is offered, and what to do on the phone', async () => {
        await visit.link(words.next).click();
        await visit.says(words.download);
        await visit.button(words.otherApp).waitFor();
        await visit.look('app');
        await visit.link(words.next).click();
        await visit.says(words.choice);
        await visit.look('prepare');
    });
    await step('the code is read from a picture of the page, and Next is refused before', async () => {
        await visit.button(words.next).click();
        cases.equal(await visit.heading(), words.scan, 'heading');
        await visit.look('scan');
        const { width } = await visit.page.locator('#qr svg').boundingBox();
        cases.holds(width >= 240, `the code is ${width} px wide`);
        await visit.button(words.next).click();
        await visit.says(words.notYet);
        await visit.look('scan-not-yet');
        const link = await visit.page.locator('#link').inputValue();
        const picture = await visit.photograph('qr');
        const read = await phone.call('qr', picture);
        cases.equal(read[0].text, link, 'what the picture says');
        person.enrolled = await phone.call('enrol', picture, '--yes', '--phone-name', `Phone of ${name}`);
    });
    await step('both screens show the same check number', async () => {
        await visit.arrives(words.check);
        cases.equal(await visit.number(), person.enrolled.check_number, 'check number');
        await visit.look('check');
        await visit.button(words.same).click();
        await visit.arrives(words.test);
    });
    await step('a denied test and a wrong number each have their text', async () => {
        await visit.look('test');
        await phone.call('deny', '-');
        await visit.says(words.denied);
        await visit.look('denied');
        await visit.button(words.again).click();
        await visit.arrives(words.test);
        await phone.refused('approve', '-', other(await visit.number()), '--yes').catch(() => '');
        await visit.says(words.wrongNumber);
        await visit.look('wrong-number');
        await visit.button(words.again).click();
        await visit.arrives(words.test);
    });
    await step('the approved test ends the set-up of the phone by itself', async () => {
        await phone.call('approve', '-', await visit.number(), '--yes');
        await visit.arrives(words.success);
        await visit.says(words.approved);
        await visit.look('success');
        const [row] = await phone.call('enrolments');
        cases.equal(row.state, 'active', 'state on the phone');
    });
}

async function addNumber(language, world) {
    const { visit, words } = people[language];
    const step = (what, action) => cases.run(`${language}: ${what}`, action);
    await step('a phone number is added with a code from a text message', async () => {
        await visit.link(words.done).click();
        await visit.says(words.phone);
        cases.equal(await visit.page.getByLabel(words.country).inputValue(), words.region, 'country');
        cases.holds((await visit.page.locator('#region option').count()) > 240, 'every country is there');
        await visit.look('phone');
        await visit.page.getByLabel(words.country).selectOption('NL');
        await visit.page.getByLabel(words.number).fill('06 12 34 56 78');
        await visit.button(words.text).click();
        await visit.says('+31 6 12345678');
        await visit.look('text');
        const code = await codeOf(world);
        await visit.page.getByLabel(words.textCode).fill(other(code));
        await visit.button(words.verify).click();
        await visit.says(words.wrongCode);
        await visit.page.getByLabel(words.textCode).fill(code);
        await visit.button(words.verify).click();
        await visit.arrives(words.complete);
        await visit.look('complete');
    });
}

async function printCodes(language) {
    const { visit, words } = people[language];
    await cases.run(`${language}: ten recovery codes are shown once`, async () => {
        await visit.go('/setup/recovery');
        await visit.look('recovery-offer');
        await visit.button(words.makeCodes).click();
        const codes = await visit.page.locator('ol.codes li').allTextContents();
        cases.equal(codes.length, 10, 'codes');
        await visit.look('recovery-codes');
        people[language].codes = codes;
        await visit.link(words.onPaper).click();
        cases.equal(await visit.heading(), words.signedIn, 'heading');
        await visit.look('home');
    });
}

// After three requests in five minutes none is sent: then the way to other methods is a link, else a button.
async function signInLater(language) {
    const { visit, words, phone, name } = people[language];
    const step = (what, action) => cases.run(`${language}: ${what}`, action);
    await step('the next sign-in is approved with the number', async () => {
        await visit.button(words.signOut).click();
        await visit.signIn(name, PASSWORD);
        await visit.arrives(words.approve);
        await visit.look('approve');
        await phone.call('approve', '-', await visit.number(), '--yes');
        await visit.arrives(words.signedIn);
    });
    await step('a sign-in is approved by scanning instead of typing', async () => {
        await visit.button(words.signOut).click();
        await visit.signIn(name, PASSWORD);
        await visit.link(words.showQr).click();
        await visit.look('approve-scan');
        await phone.call('approve', '-', '--scan', await visit.photograph('match'), '--yes');
        await visit.arrives(words.signedIn);
    });
    await step('another method: a printed code', async () => {
        await visit.button(words.signOut).click();
        await visit.signIn(name, PASSWORD);
        await visit.page.getByText(words.another, { exact: true }).click();
        await visit.look('methods');
        await visit.page.getByText(words.recoveryCode).click();
        await visit.look('recovery-code');
        await visit.page.getByLabel(words.recoveryCode).fill(people[language].codes[0]);
        await visit.button(words.verify).click();
        await visit.arrives(words.signedIn);
    });
    await step('another method: a text message', async () => {
        await visit.button(words.signOut).click();
        await visit.signIn(name, PASSWORD);
        await visit.page.getByText(words.another, { exact: true }).click();
        const before = world.messages.length;
        await visit.button(new RegExp(`^${words.textMessage}`)).click();
        await visit.says('•••• 78');
        await visit.look('text-instead');
        await until(() => world.messages.length > before);
        await visit.page.getByLabel(words.textCode).fill(await codeOf(world));
        await visit.button(words.verify).click();
        await visit.arrives(words.signedIn);
    });
    await step('another method: a code from the app', async () => {
        await visit.button(words.signOut).click();
        await visit.signIn(name, PASSWORD);
        await visit.page.getByText(words.another, { exact: true }).click();
        await visit.page.getByText(words.appCode).click();
        const [row] = await phone.call('codes');
        await visit.page.getByLabel(words.appCode).fill(row.code);
        await visit.button(words.verify).click();
        await visit.arrives(words.signedIn);
    });
    await step('security info lists the phone, and a removed one is gone', async () => {
        await visit.go('/security');
        await visit.says(`Phone of ${name}`);
        await visit.look('security');
        await visit.link(`${words.remove}: Phone of ${name}`).click();
        await visit.look('question');
        await visit.button(words.remove).click();
        await until(async () => (await visit.page.getByText(`Phone of ${name}`).count()) === 0);
    });
}

/** Returns the code of the newest text message. */
async function codeOf(world) {
    const message = await until(() => world.messages.at(-1));
    return JSON.stringify(message).match(/\b\d{6}\b/)[0];
}

const browser = await launch();
const world = await startWorld(programs);
try {
    for (const language of ['en', 'nl']) {
        await setUpPhone(browser, world, language);
        await addNumber(language, world);
        await printCodes(language);
        await signInLater(language);
    }
    await withKeyboard();
    await withoutScript();
    await withoutEvents();
    await behindTheLink();
} catch (error) {
    console.log(error.stack);
    console.log(world.log.join('').slice(-4000));
    await cases.run('the world', () => { throw error; });
} finally {
    await browser.close();
    await world.stop();
}
cases.end();

async function withKeyboard() {
    const words = WORDS.en;
    await cases.run('with the keyboard alone, from the password to the approved test', async () => {
        await world.addUser('key');
        const phone = world.phone('key');
        await phone.call('init');
        const visit = await Visit.open(browser, world, words, join(pictures, 'keyboard'));
        const { page } = visit;
        const reach = async (wanted) => {
            for (let n = 0; n < 40; n += 1) {
                await page.keyboard.press('Tab');
                const now = await page.evaluate(() => {
                    const at = document.activeElement;
                    const { outlineStyle, outlineWidth } = getComputedStyle(at);
                    const box = at.getBoundingClientRect();
                    return {
                        name: at.labels?.[0]?.textContent.trim() ?? at.textContent.trim(),
                        visible: outlineStyle !== 'none' && outlineWidth !== '0px' && box.top >= 0 && box.bottom <= innerHeight,
                        tag: at.tagName,
                    };
                });
                if (now.tag !== 'BODY') cases.holds(now.visible, `the focus on ${now.name} cannot be seen`);
                if (now.name === wanted) return;
            }
            throw new Error(`${wanted} is not reached with Tab`);
        };
        const press = async (wanted) => {
            await reach(wanted);
            await page.keyboard.press('Enter');
            await page.waitForLoadState();
        };
        await visit.go('/sign-in');
        await page.evaluate(() => document.activeElement.blur());
        await reach(words.account);
        await page.keyboard.type('key');
        await reach(words.password);
        await page.keyboard.type(PASSWORD);
        await page.keyboard.press('Enter');
        await visit.arrives(words.required);
        await press(words.next);
        await visit.says(words.download);
        await press(words.next);
        await visit.says(words.choice);
        await press(words.next);
        await visit.arrives(words.scan);
        await phone.call('enrol', await visit.photograph('qr'), '--yes');
        await visit.arrives(words.check);
        cases.equal(await page.evaluate(() => document.activeElement.tagName), 'H1', 'what has the focus');
        await until(async () => (await page.locator('#live').textContent()).includes(words.check));
        await press(words.same);
        await visit.arrives(words.test);
        await phone.call('approve', '-', await visit.number(), '--yes');
        await visit.arrives(words.success);
        await visit.close();
    });
}

/** Gives someone a phone, without looking at the pages on the way. */
async function withPhone(name) {
    const words = WORDS.en;
    await world.addUser(name);
    const phone = world.phone(name);
    await phone.call('init');
    const visit = await Visit.open(browser, world, words, join(pictures, name));
    await visit.signIn(name, PASSWORD);
    await visit.go('/setup/prepare');
    await visit.button(words.next).click();
    const link = await visit.page.locator('#link').inputValue();
    await phone.call('enrol', link, '--yes');
    await visit.arrives(words.check);
    await visit.button(words.same).click();
    await visit.arrives(words.test);
    await phone.call('approve', '-', await visit.number(), '--yes');
    await visit.arrives(words.success);
    await visit.close();
    return { phone, words, link };
}

async function withoutScript() {
    await cases.run('without a script, a page that waits goes on with its link', async () => {
        const { phone, words } = await withPhone('plain');
        const visit = await Visit.open(browser, world, words, join(pictures, 'plain'), { javaScriptEnabled: false });
        await visit.signIn('plain', PASSWORD);
        const number = await visit.number();
        await visit.link(words.refresh).click();
        cases.equal(await visit.number(), number, 'the number after a refresh');
        await phone.call('approve', '-', number, '--yes');
        await visit.link(words.refresh).click();
        cases.equal(await visit.heading(), words.signedIn, 'heading');
        await visit.close();
    });
}

async function withoutEvents() {
    await cases.run('where no events pass, a page that waits asks and goes on', async () => {
        const { phone, words } = await withPhone('polls');
        const visit = await Visit.open(browser, world, words, join(pictures, 'polls'));
        let asked = 0;
        await visit.context.route('**/live/ask', (route) => route.abort());
        await visit.context.route('**/live/ask?once', (route) => {
            asked += 1;
            return route.continue();
        });
        await visit.signIn('polls', PASSWORD);
        await phone.call('approve', '-', await visit.number(), '--yes');
        await visit.arrives(words.signedIn);
        cases.holds(asked > 0, 'it never asked');
        await visit.close();
    });
}

async function behindTheLink() {
    await cases.run('the page behind a link draws the code and sends no part of it', async () => {
        const words = WORDS.nl;
        const { phone } = await withPhone('link');
        await world.addUser('link-2');
        const first = await Visit.open(browser, world, WORDS.en, join(pictures, 'link'));
        await first.signIn('link-2', PASSWORD);
        await first.go('/setup/prepare');
        await first.button(WORDS.en.next).click();
        const link = await first.page.locator('#link').inputValue();
        const visit = await Visit.open(browser, world, words, join(pictures, 'link'));
        const sent = [];
        visit.page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`));
        await visit.page.goto(link);
        await visit.page.locator('#qr svg').waitFor();
        await visit.look('link');
        const token = link.split('#')[1];
        cases.equal(await visit.link(words.open).getAttribute('href'), `pushenrol:#${token}`, 'where the button leads');
        const read = await phone.call('qr', await visit.photograph('drawn'));
        cases.equal(read[0].text, link, 'what the drawn code says');
        cases.none(sent.filter((line) => line.replace(/#.*? /, ' ').includes(token.slice(0, 20))), 'sent to the service');
        await visit.page.goto(`${world.origin}/push-enrol#nothing`);
        await visit.page.reload();
        cases.equal(await visit.page.locator('#missing').isVisible(), true, 'a broken link is told');
        await visit.close();
        await first.close();
    });
}
