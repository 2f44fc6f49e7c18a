// Landlock by its system calls: Debian 12 has no library for it, and headers older than kernels it runs on.
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/guard/parts.h"

// What later kernels added, beyond the 13 rights of the first.
#define FENCE_REFER (1ULL << 13)
#define FENCE_TRUNCATE (1ULL << 14)
#define FENCE_IOCTL_DEV (1ULL << 15)
#define FENCE_FIRST ((1ULL << 13) - 1)

#define FENCE_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FENCE_WRITE                                                                                          \
    (FENCE_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                            \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |            \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | FENCE_REFER | FENCE_TRUNCATE)
// Those that a file can have; the others are of folders.
#define FENCE_OF_FILES                                                                                       \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FENCE_TRUNCATE | FENCE_IOCTL_DEV)

// Libraries, time zones, certificates, names of hosts (which systemd's resolver keeps in /run), the process
// itself, and how many processors there are. Nothing may be executed.
static const struct guard_place of_the_system[] = {
    {"/usr", GUARD_READ},           {"/lib", GUARD_READ},
    {"/lib64", GUARD_READ},         {"/etc", GUARD_READ},
    {"/proc", GUARD_READ},          {"/sys/devices/system", GUARD_READ},
    {"/sys/fs/cgroup", GUARD_READ}, {"/run/systemd/resolve", GUARD_READ},
    {"/dev/urandom", GUARD_READ},   {"/dev/random", GUARD_READ},
    {"/dev/null", GUARD_WRITE},
};

// All rights that this kernel can take away; 0: it has no Landlock.
static uint64_t fence_rights(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) return 0;
    return FENCE_FIRST | (version >= 2 ? FENCE_REFER : 0) | (version >= 3 ? FENCE_TRUNCATE : 0) |
           (version >= 5 ? FENCE_IOCTL_DEV : 0);
}

static bool fence_admit(int fence, uint64_t rights, const struct guard_place *place, struct err *err)
{
    struct stat info;
    struct landlock_path_beneath_attr rule = {.parent_fd = open(place->path, O_PATH | O_CLOEXEC)};
    if (rule.parent_fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES || err_errno(err, errno, place->path);
    bool ok = fstat(rule.parent_fd, &info) == 0;
    rule.allowed_access = rights & (place->right == GUARD_WRITE ? FENCE_WRITE : FENCE_READ) &
                          (S_ISDIR(info.st_mode) ? UINT64_MAX : FENCE_OF_FILES);
    ok = ok && syscall(SYS_landlock_add_rule, fence, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    int reason = errno;
    close(rule.parent_fd);
    return ok || err_errno(err, reason, place->path);
}

static bool fence_fill(int fence, uint64_t rights, const struct guard_options *options, struct err *err)
{
    for (size_t i = 0; i < sizeof of_the_system / sizeof *of_the_system; i++)
        if (!fence_admit(fence, rights, &of_the_system[i], err)) return false;
    for (size_t i = 0; i < options->count; i++)
        if (!fence_admit(fence, rights, &options->places[i], err)) return false;
    return true;
}

bool guard_fence(const struct guard_options *options, bool *fenced, struct err *err)
{
    const struct landlock_ruleset_attr attributes = {.handled_access_fs = fence_rights()};
    *fenced = attributes.handled_access_fs != 0;
    if (!*fenced) return true;
    int fence = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (fence < 0) return err_errno(err, errno, "Landlock");
    bool ok = fence_fill(fence, attributes.handled_access_fs, options, err);
    if (ok && syscall(SYS_landlock_restrict_self, fence, 0) != 0) ok = err_errno(err, errno, "Landlock");
    close(fence);
    return ok;
}
