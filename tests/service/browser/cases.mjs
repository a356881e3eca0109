// Cases with their names, one line each, as `cargo xtask test` counts them: a line that begins with "case " is a case
// that passed, and when the program ends badly the last of them is one that failed.

export class Cases {
    #suite;
    #failed = [];

    constructor(suite) {
        this.#suite = suite;
    }

    /** Runs one case; one that fails does not stop the next. Answers whether it passed. */
    async run(name, action) {
        try {
            await action();
            console.log(`case ${this.#suite}: ${name}`);
            return true;
        } catch (error) {
            this.#failed.push(name);
            console.log(`FAILED ${this.#suite}: ${name}: ${error.message}`);
            return false;
        }
    }

    /** Fails when `list` has anything in it. */
    none(list, what) {
        if (list.length > 0) throw new Error(`${what}: ${list.join('; ')}`);
    }

    /** Fails when the two are not the same. */
    equal(actual, expected, what) {
        if (actual !== expected) throw new Error(`${what}: ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`);
    }

    /** Fails when this is not so. */
    holds(so, what) {
        if (!so) throw new Error(what);
    }

    /** Ends the program: badly when a case failed. */
    end() {
        if (this.#failed.length === 0) process.exit(0);
        console.log(`${this.#failed.length} failed`);
        console.log(`case ${this.#suite}: ${this.#failed[0]}`);
        process.exit(1);
    }
}
