// The page behind a set-up link. The part after # stays in this browser: it is drawn and handed on, never sent.

import encodeQR from './qr.js';

const token = location.hash.slice(1);
const whole = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(token) && token.length <= 700;

document.getElementById(whole ? 'whole' : 'missing').hidden = false;

if (whole) {
    document.getElementById('open').href = `pushenrol:#${token}`;
    const svg = encodeQR(location.href, 'svg', { ecc: 'low', border: 4 });
    const picture = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    const frame = document.getElementById('qr');
    picture.setAttribute('aria-hidden', 'true');
    frame.replaceChildren(document.importNode(picture, true));
}
