#include "lib/base/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool new_file_begin(struct new_file *file, const char *path, struct err *err)
{
    *file = (struct new_file){.path = strdup(path), .fd = -1};
    if (!file->path || asprintf(&file->part, "%s.XXXXXX", path) < 0) {
        free(file->path);
        return err_fail(err, INTERNAL_ERROR, "out of memory");
    }
    file->fd = mkostemp(file->part, O_CLOEXEC); // mode 0600
    if (file->fd >= 0) return true;
    int error = errno;
    free(file->path);
    free(file->part);
    return err_errno(err, error, path);
}

static bool link_part(const struct new_file *file, struct err *err)
{
    if (link(file->part, file->path) == 0) return true;
    return errno == EEXIST ? err_fail(err, CONFLICT, "%s exists", file->path)
                           : err_errno(err, errno, file->path);
}

bool new_file_keep(struct new_file *file, struct err *err)
{
    bool ok = fsync(file->fd) == 0 || err_errno(err, errno, file->path);
    ok = ok && link_part(file, err) && sync_folder_of(file->path, err);
    new_file_drop(file);
    return ok;
}

void new_file_drop(struct new_file *file)
{
    unlink(file->part);
    close(file->fd);
    free(file->path);
    free(file->part);
}

bool sync_folder_of(const char *path, struct err *err)
{
    char *copy = strdup(path), *slash = copy ? strrchr(copy, '/') : NULL;
    if (slash) slash[slash == copy] = 0;
    int fd = copy ? open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool ok = (fd >= 0 && fsync(fd) == 0) || err_errno(err, errno, path);
    if (fd >= 0) close(fd);
    free(copy);
    return ok;
}
