// A full disk: acknowledged writes are found again, reads work, and writes are refused until there is room.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/base/metrics.h"
#include "lib/store/sqlite/ballast.h"
#include "lib/store/testing/world.h"

// ---- A disk of that many bytes, put in front of the system calls that SQLite and the store make. What the
// folder's files hold is used.

enum { MIB = 1 << 20, BLOCK = 4096 };

static off_t disk = -1; // bytes; -1: as large as it is
static char disk_folder[64];

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at);

static off_t length_of(int fd)
{
    struct stat info;
    assert_int_equal(fstat(fd, &info), 0);
    return info.st_size;
}

static off_t disk_used(void)
{
    off_t used = 0;
    DIR *dir = opendir(disk_folder);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        struct stat info;
        if (fstatat(dirfd(dir), entry->d_name, &info, 0) == 0 && S_ISREG(info.st_mode)) used += info.st_size;
    }
    closedir(dir);
    return used;
}

static bool disk_takes(int fd, off_t length)
{
    off_t more = length - length_of(fd);
    return disk < 0 || more <= 0 || disk_used() + more <= disk;
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    if (disk_takes(fd, at + (off_t)len)) return syscall(SYS_pwrite64, fd, bytes, len, at);
    errno = ENOSPC;
    return -1;
}

int posix_fallocate(int fd, off_t at, off_t len)
{
    if (!disk_takes(fd, at + len)) return ENOSPC;
    return syscall(SYS_fallocate, fd, 0, at, len) == 0 ? 0 : errno;
}

int fstatvfs(int fd, struct statvfs *info)
{
    (void)fd;
    off_t room = disk < 0 ? 1 << 30 : disk - disk_used();
    *info = (struct statvfs){.f_frsize = BLOCK, .f_bavail = room > 0 ? (fsblkcnt_t)(room / BLOCK) : 0};
    return 0;
}

// ---- The store on it

static bool open_kept(struct world *world)
{
    const struct store_options options = {
        .url = world->url, .tables = TABLES, .ballast = true, .metrics = world->metrics};
    return store_open(&world->store, &options, &world->err);
}

static int on_a_disk(void **state)
{
    disk = -1;
    set_up(state);
    struct world *world = *state;
    snprintf(disk_folder, sizeof disk_folder, "%s", world->folder);
    world_close(world);
    must(world, open_kept(world));
    return 0;
}

static const char *ballast_of(struct world *world)
{
    return arena_printf(&world->arena, "%s/store.ballast", world->folder);
}

static off_t ballast_length(struct world *world)
{
    struct stat info;
    return stat(ballast_of(world), &info) == 0 ? info.st_size : -1;
}

static void the_ballast_is_made_of_real_blocks(void **state)
{
    struct world *world = *state;
    struct stat info;
    assert_int_equal(stat(ballast_of(world), &info), 0);
    assert_int_equal(info.st_size, BALLAST_BYTES);
    assert_true(info.st_blocks * 512 >= BALLAST_BYTES);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void without_room_for_it_the_store_goes_without(void **state)
{
    struct world *world = *state;
    world_close(world);
    assert_int_equal(unlink(ballast_of(world)), 0);
    disk = disk_used() + BALLAST_BYTES + BALLAST_CLEARLY / 2;
    must(world, open_kept(world));
    assert_int_equal(ballast_length(world), -1);
    assert_durable(world, append(world, "a", 1, "a1"));
    world_close(world);
    disk += BALLAST_CLEARLY;
    must(world, open_kept(world));
    assert_int_equal(ballast_length(world), BALLAST_BYTES);
}

// Appends until the disk is full; the number that were acknowledged.
static uint64_t fill_disk(struct world *world, const char *stream)
{
    static uint8_t bytes[3000];
    ProtobufCBinaryData entry = {sizeof bytes, bytes};
    for (uint64_t seq = 1;; seq++)
        if (!wait_for(world, store_append(world->store, stream, seq, &entry, 1, NULL))) return seq - 1;
}

// A process that fills the disk and ends there and then.
static uint64_t fill_and_die(struct world *world)
{
    int pair[2], status;
    uint64_t acknowledged = 0;
    assert_int_equal(pipe(pair), 0);
    world_close(world);
    pid_t pid = fork();
    if (pid == 0) {
        if (!open_kept(world)) _exit(1);
        acknowledged = fill_disk(world, "a");
        bool told = world->err.reason == IS(STORE_FULL) &&
                    write(pair[1], &acknowledged, sizeof acknowledged) == sizeof acknowledged;
        _exit(told ? 0 : 2);
    }
    close(pair[1]);
    assert_int_equal(read(pair[0], &acknowledged, sizeof acknowledged), sizeof acknowledged);
    close(pair[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    return acknowledged;
}

static void killed_on_a_full_disk_it_starts_with_all_it_acknowledged(void **state)
{
    struct world *world = *state;
    disk = disk_used() + 3 * MIB;
    uint64_t acknowledged = fill_and_die(world);
    world->metrics = metrics_create();
    const struct metric *full = metrics_gauge(world->metrics, "conse_store_full", "", "");
    assert_true(acknowledged > 100);
    disk = disk_used() - 64 * 1024; // somebody else's file takes what the process left
    for (int starts = 1; starts <= 3; starts++) {
        must(world, open_kept(world));
        assert_int_equal(ballast_length(world), BALLAST_BYTES - BALLAST_PIECE);
        assert_int_equal(head(world, "a"), acknowledged);
        assert_failed(world, append(world, "b", 1, "no"), IS(STORE_FULL)); // what was given up is for starts
        assert_true(store_is_full(world->store));
        assert_int_equal(metric_value(full), 1);
        assert_int_equal(head(world, "b"), 0);
        world_close(world);
    }
    must(world, open_kept(world));
    disk = disk_used() + BALLAST_PIECE + BALLAST_CLEARLY - MIB; // which is not clearly more than is missing
    assert_failed(world, append(world, "b", 1, "no"), IS(STORE_FULL));
    disk += 2 * MIB;
    assert_durable(world, append(world, "b", 1, "yes"));
    assert_false(store_is_full(world->store));
    assert_int_equal(metric_value(full), 0);
    assert_int_equal(ballast_length(world), BALLAST_BYTES);
    assert_durable(world, append(world, "a", acknowledged + 1, "more"));
    world_close(world);
    metrics_destroy(world->metrics);
}

static void piece_by_piece_it_gives_up_what_is_needed(void **state)
{
    struct world *world = *state;
    disk = disk_used() + 3 * MIB;
    uint64_t acknowledged = fill_and_die(world);
    disk = disk_used() - 3 * BALLAST_PIECE - 64 * 1024;
    must(world, open_kept(world));
    assert_int_equal(ballast_length(world), BALLAST_BYTES - 4 * BALLAST_PIECE);
    assert_int_equal(head(world, "a"), acknowledged);
    world_close(world);
    disk = 0;
    assert_false(open_kept(world));
    assert_int_equal(world->err.reason, IS(STORE_FULL));
    assert_non_null(strstr(world->err.message, world->path));
    assert_int_equal(ballast_length(world), 0);
    disk = disk_used() + MIB;
    must(world, open_kept(world)); // room of others does as well
    assert_int_equal(head(world, "a"), acknowledged);
    assert_failed(world, append(world, "b", 1, "no"), IS(STORE_FULL));
    disk = -1;
    assert_durable(world, append(world, "b", 1, "yes"));
    assert_int_equal(ballast_length(world), BALLAST_BYTES);
}

// The commit thread, held in a write's done while others are queued.
static void hold_commits(void *arg, bool durable)
{
    (void)durable;
    sem_wait(arg);
}

static void what_was_decided_on_a_write_without_room_has_its_reason(void **state)
{
    enum { GROUP = 1024 };
    struct world *world = *state;
    sem_t queued;
    sem_init(&queued, 0, 0);
    disk = disk_used();
    uint64_t first = fill_disk(world, "a") + 1;
    const struct store_write held = {.done = hold_commits, .arg = &queued};
    person_put(world, (struct person){.id = "held", .username = "held"}, 0, &held);
    uint64_t one = append(world, "a", first, "no");
    for (int i = 0; i < GROUP; i++) append(world, "b", 1, "no");
    uint64_t next = append(world, "a", first + 1, "neither"); // in a later group
    const struct store_write after = {.after = one};
    uint64_t row = person_put(world, (struct person){.id = "u1", .username = "ada"}, 0, &after);
    sem_post(&queued);
    assert_failed(world, one, IS(STORE_FULL));
    assert_failed(world, next, IS(STORE_FULL));
    assert_failed(world, row, IS(STORE_FULL));
    disk = -1;
    assert_durable(world, append(world, "a", first, "yes"));
    sem_destroy(&queued);
}

#define ON_A_DISK(name) cmocka_unit_test_setup_teardown(name, on_a_disk, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_DISK(the_ballast_is_made_of_real_blocks),
        ON_A_DISK(without_room_for_it_the_store_goes_without),
        ON_A_DISK(killed_on_a_full_disk_it_starts_with_all_it_acknowledged),
        ON_A_DISK(piece_by_piece_it_gives_up_what_is_needed),
        ON_A_DISK(what_was_decided_on_a_write_without_room_has_its_reason),
    };
    return cmocka_run_group_tests_name("store: a full disk", tests, NULL, NULL);
}
