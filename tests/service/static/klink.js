// The pages work without this script. With it, a page that waits goes on by itself.

document.documentElement.classList.add('js');

const live = document.getElementById('live');

/** Says `text` to people who hear the page; what was said before is said anew when it comes again. */
function say(text) {
    live.textContent = '';
    setTimeout(() => { live.textContent = text; }, 50);
}

/** Brings the page up to date without leaving it: content, title and what is read aloud. */
async function renew() {
    const here = new URL(location.href);
    here.searchParams.delete('say');
    const answer = await fetch(here, { headers: { Accept: 'text/html' }, credentials: 'same-origin' });
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const [main, foot] = ['main', 'footer'].map((part) => fresh.querySelector(part));
    if (!main || !foot) {
        location.assign(answer.url);
        return;
    }
    if (answer.redirected) history.replaceState(null, '', answer.url);
    document.querySelector('main').replaceWith(main);
    document.querySelector('footer').replaceWith(foot);
    document.title = fresh.title;
    prepare();
    const title = main.querySelector('h1');
    title.tabIndex = -1;
    title.focus();
    say([...main.querySelectorAll('h1, .say p')].map((part) => part.textContent.trim()).join('. '));
}

let stop = () => {};

/** Waits for another state than the one shown: by server-sent events, and by asking every 2 s while none arrive. */
function wait(main) {
    stop();
    const { live: path, state } = main.dataset;
    if (!path) return;
    let over = false;
    let arriving = false;
    const heard = (now) => {
        if (over || now === state) return;
        stop();
        renew().catch(() => location.reload());
    };
    const events = new EventSource(path);
    events.addEventListener('state', (event) => {
        arriving = true;
        heard(event.data);
    });
    events.onerror = () => { arriving = false; };
    const timer = setInterval(async () => {
        if (arriving) return;
        try {
            const answer = await fetch(`${path}?once`, { credentials: 'same-origin' });
            heard(answer.ok ? (await answer.text()).trim() : '');
        } catch {
            // No network for a moment: ask again.
        }
    }, 2000);
    stop = () => {
        over = true;
        clearInterval(timer);
        events.close();
    };
}

/** Lets the bar of a request run down; what the seconds mean stands beside it as text. */
function countDown(bar) {
    const end = performance.now() + Number(bar.value) * 1000;
    const tick = () => {
        bar.value = Math.max(0, (end - performance.now()) / 1000);
        if (bar.isConnected && bar.value > 0) setTimeout(tick, 500);
    };
    tick();
}

/** Prepares what the page holds now. */
function prepare() {
    const main = document.querySelector('main');
    for (const bar of main.querySelectorAll('progress')) countDown(bar);
    for (const button of main.querySelectorAll('[data-print]')) button.addEventListener('click', () => print());
    for (const text of main.querySelectorAll('textarea[readonly]')) text.addEventListener('focus', () => text.select());
    wait(main);
}

prepare();
