// Prints the names of countries and regions in English and Dutch, from the CLDR data inside Node.
//
//     node names.mjs > names.tsv
//
// Left out: codes that were replaced by another, codes that ISO 3166 leaves to its users (but for XK, Kosovo, which
// has a calling code), and groups of countries.

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const groups = new Set(['EU', 'EZ', 'QO', 'UN', 'ZZ']);
const [english, dutch] = ['en', 'nl'].map(
    (language) => new Intl.DisplayNames([language], { type: 'region', fallback: 'none' }),
);

for (const code of letters.flatMap((first) => letters.map((second) => first + second))) {
    const current = Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`;
    const forUsers = code === 'AA' || /^(Q[M-Z]|X[A-Z])$/.test(code);
    const country = current && !groups.has(code) && (!forUsers || code === 'XK');
    if (country && english.of(code) && dutch.of(code)) {
        console.log([code, english.of(code), dutch.of(code)].join('\t'));
    }
}
