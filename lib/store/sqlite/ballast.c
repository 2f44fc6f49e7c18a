#include "lib/store/sqlite/ballast.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/log.h"

bool ballast_find(struct ballast *ballast, char *path, struct err *err)
{
    struct stat info;
    *ballast = (struct ballast){.path = path};
    if (stat(path, &info) != 0) return errno == ENOENT || err_errno(err, errno, path);
    ballast->held = info.st_size;
    ballast->given = info.st_size < BALLAST_BYTES;
    return true;
}

void ballast_finish(struct ballast *ballast) { free(ballast->path); }

static bool ballast_has_room(int fd, off_t missing)
{
    struct statvfs disk;
    if (fstatvfs(fd, &disk) != 0) return false;
    return (off_t)disk.f_bavail > (missing + BALLAST_CLEARLY) / (off_t)disk.f_frsize;
}

// Allocates all of it or nothing.
static bool ballast_allocate(struct ballast *ballast, int fd)
{
    bool ok = ballast_has_room(fd, BALLAST_BYTES - ballast->held) &&
              posix_fallocate(fd, 0, BALLAST_BYTES) == 0 && fsync(fd) == 0;
    if (ok)
        ballast->held = BALLAST_BYTES;
    else if (ftruncate(fd, ballast->held) != 0)
        log_warn("ballast", F_STR("path", ballast->path), F_STR("what", "what was allocated stays"));
    return ok;
}

static bool ballast_enlarge(struct ballast *ballast, const char *path, int flags)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | flags, 0600);
    bool ok = fd >= 0 && ballast_allocate(ballast, fd);
    if (fd >= 0) close(fd);
    return ok;
}

// Under another name until it is whole, because a short file means that some was given up.
void ballast_make(struct ballast *ballast)
{
    char *part = NULL;
    if (ballast->held || ballast->given || asprintf(&part, "%s.part", ballast->path) < 0) return;
    if (!ballast_enlarge(ballast, part, O_TRUNC) || rename(part, ballast->path) != 0) {
        log_warn("no room for ballast", F_STR("path", ballast->path));
        ballast->held = 0;
        unlink(part);
    }
    free(part);
}

bool ballast_give(struct ballast *ballast)
{
    off_t left = ballast->held > BALLAST_PIECE ? ballast->held - BALLAST_PIECE : 0;
    if (ballast->held == 0) return false;
    int fd = open(ballast->path, O_RDWR | O_CLOEXEC);
    bool ok = fd >= 0 && ftruncate(fd, left) == 0;
    if (ok && fsync(fd) != 0) log_warn("ballast", F_STR("path", ballast->path), F_STR("what", "fsync"));
    if (fd >= 0) close(fd);
    if (!ok) return false;
    ballast->held = left;
    ballast->given = true;
    log_warn("the disk is full: ballast is given up", F_STR("path", ballast->path), F_INT("left", left));
    return true;
}

bool ballast_fill(struct ballast *ballast)
{
    if (ballast->given) ballast->given = !ballast_enlarge(ballast, ballast->path, 0);
    return !ballast->given;
}
