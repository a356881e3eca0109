/* Makes allocations fail: the STARVE_AT-th alone, or with STARVE_ON that one and all after it. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t align, size_t n);

static long at = -1, on = 0, came = 0;

static int due(void) {
    if (at == -1) {
        at = 0; /* getenv allocates nothing, and asks for nothing that is not there yet */
        const char *text = getenv("STARVE_AT");
        on = getenv("STARVE_ON") != NULL;
        at = text ? atol(text) : 0;
    }
    if (at <= 0) return 0;
    if (at == 1) {
        came = 1;
        if (!on) at = 0;
        errno = ENOMEM;
        return 1;
    }
    at--;
    return 0;
}

void *malloc(size_t n) { return due() ? NULL : __libc_malloc(n); }
void *calloc(size_t n, size_t size) { return due() ? NULL : __libc_calloc(n, size); }
void *realloc(void *p, size_t n) { return due() ? NULL : __libc_realloc(p, n); }
void *memalign(size_t align, size_t n) { return due() ? NULL : __libc_memalign(align, n); }
void *aligned_alloc(size_t align, size_t n) { return due() ? NULL : __libc_memalign(align, n); }
int posix_memalign(void **p, size_t align, size_t n) {
    void *got = due() ? NULL : __libc_memalign(align, n);
    if (!got) return ENOMEM;
    *p = got;
    return 0;
}

/* Whether it came is said at the end, so that the caller knows when there were fewer allocations. */
__attribute__((destructor)) static void say(void) {
    if (came) (void)!write(2, "starved\n", 8);
}
