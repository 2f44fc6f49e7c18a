#include "lib/base/private_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GROUPS_MOST = 256 };

static bool is_our_group(gid_t group)
{
    gid_t ours[GROUPS_MOST];
    int count = getgroups(GROUPS_MOST, ours);
    while (count > 0 && ours[count - 1] != group) count--;
    return count > 0 || group == getegid();
}

bool private_file_check(int fd, const char *path, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0) return err_errno(err, errno, path);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return err_fail(err, INTERNAL_ERROR, "%s: it belongs to another user", path);
    bool others = st.st_mode & (S_IRWXO | S_IWGRP | S_IXGRP);
    if (others || ((st.st_mode & S_IRGRP) && !is_our_group(st.st_gid)))
        return err_fail(err, INTERNAL_ERROR, "%s: others may read or write it; chmod 600", path);
    return true;
}
