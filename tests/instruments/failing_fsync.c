/* Preloaded into one process: from the n-th call on (FAIL_AT), fsync and fdatasync of files whose path holds
   FAIL_PATH return EIO, FAIL_TIMES times. The file FAIL_TRACE gets a byte for each failure. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int calls;

static int fails(int fd) {
    const char *wanted = getenv("FAIL_PATH"), *at = getenv("FAIL_AT"), *times = getenv("FAIL_TIMES");
    char link[64], path[4096];
    if (!wanted || !at)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    if (!strstr(path, wanted))
        return 0;
    int number = __sync_add_and_fetch(&calls, 1);
    if (number < atoi(at) || number >= atoi(at) + (times ? atoi(times) : 1))
        return 0;
    const char *trace = getenv("FAIL_TRACE");
    int out = trace ? open(trace, O_WRONLY | O_CREAT | O_APPEND, 0666) : -1;
    if (out >= 0) {
        if (write(out, "x", 1) < 0) { /* nobody to tell */ }
        close(out);
    }
    return 1;
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    if (fails(fd)) {
        errno = EIO;
        return -1;
    }
    return real(fd);
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    if (fails(fd)) {
        errno = EIO;
        return -1;
    }
    return real(fd);
}
