#include "tools/consectl/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/new_file.h"

enum { FILES_AT_ONCE = 16, PATH = 4400 };

bool folder_make(char *path, struct err *err)
{
    return mkdtemp(path) != NULL || err_errno(err, errno, path); // mode 0700
}

static int folder_remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat, (void)type, (void)ftw;
    remove(path);
    return 0;
}

void folder_remove(const char *path)
{
    nftw(path, folder_remove_one, FILES_AT_ONCE, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

bool folder_keep(const char *from, const char *path, struct err *err)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, path, RENAME_NOREPLACE) == 0) return sync_folder_of(path, err);
    return errno == EEXIST ? err_fail(err, CONFLICT, "%s exists", path) : err_errno(err, errno, path);
}

static bool folder_copy_file(const char *from, const char *to, struct err *err)
{
    struct new_file file;
    struct stat stat;
    int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in < 0 || fstat(in, &stat) != 0) {
        int error = errno;
        if (in >= 0) close(in);
        return err_errno(err, error, from);
    }
    bool ok = new_file_begin(&file, to, err);
    if (!ok) return close(in), false;
    for (off_t left = stat.st_size; ok && left > 0;) {
        ssize_t sent = sendfile(file.fd, in, NULL, (size_t)left);
        ok = sent > 0 || (sent < 0 ? err_errno(err, errno, to) : err_fail(err, CONFLICT, "%s changes", from));
        if (sent > 0) left -= sent;
    }
    close(in);
    if (ok) return new_file_keep(&file, err);
    new_file_drop(&file);
    return false;
}

static bool folder_copy_entry(const char *from, const char *to, const char *name, struct err *err)
{
    char source[PATH], target[PATH];
    struct stat stat;
    snprintf(source, sizeof source, "%s/%s", from, name);
    snprintf(target, sizeof target, "%s/%s", to, name);
    if (lstat(source, &stat) != 0) return err_errno(err, errno, source);
    return !S_ISREG(stat.st_mode) || folder_copy_file(source, target, err);
}

bool folder_copy_files(const char *from, const char *to, struct err *err)
{
    DIR *folder = opendir(from);
    bool ok = true;
    if (!folder) return errno == ENOENT || err_errno(err, errno, from);
    for (struct dirent *entry; ok && (entry = readdir(folder));)
        ok = folder_copy_entry(from, to, entry->d_name, err);
    closedir(folder);
    return ok;
}
