/* Preloaded into processes: from the FAIL_AT-th on of a process, fsync and fdatasync of files whose path holds
   FAIL_PATH return EIO, FAIL_TIMES times in all processes together. The file FAIL_TRACE gets a byte for each. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int calls;

static int fails(int fd) {
    const char *wanted = getenv("FAIL_PATH"), *at = getenv("FAIL_AT");
    const char *times = getenv("FAIL_TIMES"), *trace = getenv("FAIL_TRACE");
    char link[64], path[4096];
    if (!wanted || !at || !times || !trace)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    if (!strstr(path, wanted))
        return 0;
    if (__sync_add_and_fetch(&calls, 1) < atoi(at))
        return 0;
    int out = open(trace, O_WRONLY | O_APPEND);
    struct stat so_far;
    int now = out >= 0 && !fstat(out, &so_far) && so_far.st_size < atoi(times) && write(out, "x", 1) == 1;
    if (out >= 0)
        close(out);
    return now;
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
