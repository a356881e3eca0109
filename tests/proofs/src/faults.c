/* Makes one call on one folder fail: the FAULT_AT-th of those that write. Loaded before the C library's own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long at = -1;

static int due(int fd) {
    char link[64], path[4096];
    const char *in = getenv("FAULT_IN");
    if (at == -1) at = getenv("FAULT_AT") ? atol(getenv("FAULT_AT")) : 0;
    if (at <= 0 || !in) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    if (strncmp(path, in, strlen(in)) != 0 || --at != 0) return 0;
    at = -2;
    return 1;
}

static int failed(void) {
    errno = getenv("FAULT_ERRNO") ? atoi(getenv("FAULT_ERRNO")) : EIO;
    return -1;
}

#define OWN(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
/* With FAULT_LIE the call does nothing and says that it did. */
#define FAULT(fd, done) if (due(fd)) return getenv("FAULT_LIE") ? (done) : failed()

ssize_t write(int fd, const void *b, size_t n) { FAULT(fd, (ssize_t)n); return OWN(write)(fd, b, n); }
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) { FAULT(fd, (ssize_t)n); return OWN(pwrite)(fd, b, n, o); }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) { FAULT(fd, (ssize_t)n); return OWN(pwrite64)(fd, b, n, o); }
int fsync(int fd) { FAULT(fd, 0); return OWN(fsync)(fd); }
int fdatasync(int fd) { FAULT(fd, 0); return OWN(fdatasync)(fd); }
int ftruncate(int fd, off_t n) { FAULT(fd, 0); return OWN(ftruncate)(fd, n); }
int ftruncate64(int fd, off64_t n) { FAULT(fd, 0); return OWN(ftruncate64)(fd, n); }

/* Whether the fault came is said at the end, so that the caller knows when there were fewer calls. */
__attribute__((destructor)) static void say(void) {
    if (at == -2) (void)!OWN(write)(2, "fault came\n", 11);
}
