// Acknowledged writes survive the death of the process at any moment, and no write is ever there by half.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/store/testing/world.h"

// ---- The disk's faults, put in front of the system calls that SQLite makes

static atomic_bool disk_full, sync_fails;
static atomic_ulong full_inode; // only this file can't grow or change

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at);
int fdatasync(int fd);

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    struct stat info;
    bool full = disk_full || (full_inode && fstat(fd, &info) == 0 && info.st_ino == full_inode);
    if (!full) return syscall(SYS_pwrite64, fd, bytes, len, at);
    errno = ENOSPC;
    return -1;
}

int fdatasync(int fd)
{
    if (!sync_fails) return (int)syscall(SYS_fdatasync, fd);
    errno = EIO;
    return -1;
}

static void a_full_disk_fails_the_writes_and_heals(void **state)
{
    struct world *world = *state;
    uint64_t version;
    const struct person ada = {.id = "u1", .username = "ada"};
    assert_durable(world, append(world, "a", 1, "a1"));
    disk_full = true;
    uint64_t entry = append(world, "a", 2, "lost"), row = person_put(world, ada, 0, NULL);
    assert_failed(world, entry, IS(STORE_FULL));
    assert_failed(world, row, IS(STORE_FULL));
    assert_string_equal(stream_text(world, "a", 1, 10), "a1"); // reading goes on
    assert_null(person_get(world, "u1", &version));
    disk_full = false;
    assert_durable(world, append(world, "a", 2, "a2"));
    assert_durable(world, person_put(world, ada, 0, NULL));
    world_reopen(world, TABLES);
    assert_string_equal(stream_text(world, "a", 1, 10), "a1 a2");
}

static uint64_t append_many(struct world *world, uint64_t from, uint64_t to)
{
    static uint8_t bytes[3000];
    ProtobufCBinaryData entry = {sizeof bytes, bytes};
    uint64_t ticket = 0;
    for (uint64_t seq = from; seq < to; seq++) {
        ticket = store_append(world->store, "a", seq, &entry, 1, NULL);
        if (seq % 500 == 0) assert_durable(world, ticket);
    }
    return ticket;
}

static void a_log_that_can_t_be_moved_yet_is_kept(void **state)
{
    struct world *world = *state;
    char wal[128];
    struct stat info;
    assert_int_equal(stat(world->path, &info), 0);
    full_inode = info.st_ino;
    assert_durable(world, append_many(world, 1, 20000)); // 60 MB, all of it in the log
    snprintf(wal, sizeof wal, "%s-wal", world->path);
    assert_int_equal(stat(wal, &info), 0);
    assert_true(info.st_size > 60000000);
    full_inode = 0;
    assert_durable(world, append_many(world, 20000, 40000));
    assert_int_equal(stat(wal, &info), 0);
    assert_true(info.st_size < 120000000); // it started over
    assert_int_equal(head(world, "a"), 39999);
}

// ---- A writer to be killed: this program again, with the store's URL and the first number of its
// operations. Operation n appends one to three entries "n.0 n.1 ..." to one of five streams with command n
// and, if n is odd, "n.0" attached, or every fourth time inserts row "n". Each acknowledged n goes through a
// pipe.

enum { STREAMS = 5, WINDOW = 64, OPERATIONS = 1000000 };

static void stream_of(uint32_t n, char name[16]) { snprintf(name, 16, "s%u", n % STREAMS); }
static size_t entries_of(uint32_t n) { return n % 3 + 1; }
static bool is_row(uint32_t n) { return n % 4 == 3; }
static bool attaches(uint32_t n) { return n % 2; }

static void acknowledge(void *arg, bool durable)
{
    uint32_t n = (uint32_t)(uintptr_t)arg;
    if (!durable || write(STDOUT_FILENO, &n, sizeof n) != sizeof n) _exit(3);
}

static uint64_t operate(struct store *store, uint32_t n, uint64_t seqs[STREAMS])
{
    char text[3][16], stream[16];
    ProtobufCBinaryData entries[3];
    struct store_command command = {.time_ms = n};
    struct store_write write = {.command = &command, .done = acknowledge, .arg = (void *)(uintptr_t)n};
    memcpy(command.id, &n, sizeof n);
    if (is_row(n)) {
        Auth__User user = AUTH__USER__INIT;
        snprintf(text[0], sizeof text[0], "%u", n);
        user.id = user.username = text[0];
        return store_put(store, USERS, &user.base, 0, &write);
    }
    stream_of(n, stream);
    for (size_t i = 0; i < entries_of(n); i++) {
        entries[i].len = (size_t)snprintf(text[i], sizeof text[i], "%u.%zu", n, i);
        entries[i].data = (uint8_t *)text[i];
    }
    if (attaches(n)) write.attached = entries[0];
    uint64_t first = seqs[n % STREAMS];
    seqs[n % STREAMS] += entries_of(n);
    return store_append(store, stream, first, entries, entries_of(n), &write);
}

// A writer that knows nothing of where it was, and makes all from the start again: entry n from source n.
enum { AGAIN = UINT32_MAX };

static int hand_on_until_killed(struct world *world)
{
    for (uint32_t n = 1; n < OPERATIONS; n++) {
        char text[16];
        const ProtobufCBinaryData entry = {(size_t)snprintf(text, sizeof text, "%u", n), (uint8_t *)text};
        const struct store_write write = {
            .done = acknowledge, .arg = (void *)(uintptr_t)n, .source = {"source", n, 0}};
        uint64_t ticket = store_append_next(world->store, "s0", &entry, 1, &write);
        if (n % WINDOW == 0 && !store_wait(world->store, ticket, &world->err)) return 2;
    }
    return 0;
}

static int write_until_killed(const char *url, uint32_t first)
{
    struct world world = {0};
    uint64_t seqs[STREAMS];
    snprintf(world.url, sizeof world.url, "%s", url);
    if (!world_open(&world, TABLES)) return 2;
    if (first == AGAIN) return hand_on_until_killed(&world);
    for (uint32_t i = 0; i < STREAMS; i++) {
        char stream[16];
        stream_of(i, stream);
        if (!store_head(world.store, stream, &seqs[i], &world.err)) return 2;
        seqs[i]++;
    }
    for (uint32_t n = first; n < first + OPERATIONS; n++) {
        uint64_t ticket = operate(world.store, n, seqs);
        if (n % WINDOW == 0 && !store_wait(world.store, ticket, &world.err)) return 2;
    }
    return 0;
}

struct victim {
    pid_t pid;
    int pipe;
};

static struct victim victim_start(struct world *world, uint32_t first, rlim_t file_limit)
{
    int pair[2];
    char number[16];
    snprintf(number, sizeof number, "%u", first);
    assert_int_equal(pipe(pair), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit limit = {file_limit, file_limit};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        dup2(pair[1], STDOUT_FILENO);
        close(pair[0]), close(pair[1]);
        execl("/proc/self/exe", "store_crash_test", world->url, number, NULL);
        _exit(127);
    }
    close(pair[1]);
    return (struct victim){pid, pair[0]};
}

struct acknowledged {
    uint32_t numbers[400000];
    size_t count;
};

// False at the end of the pipe.
static bool hear(struct victim victim, struct acknowledged *acknowledged)
{
    uint32_t n;
    if (read(victim.pipe, &n, sizeof n) != sizeof n) return false;
    assert_true(acknowledged->count < sizeof acknowledged->numbers / sizeof *acknowledged->numbers);
    acknowledged->numbers[acknowledged->count++] = n;
    return true;
}

static void kill_after(struct victim victim, size_t heard, struct acknowledged *acknowledged)
{
    int status;
    while (heard--) assert_true(hear(victim, acknowledged));
    kill(victim.pid, SIGKILL);
    while (hear(victim, acknowledged)) continue;
    close(victim.pipe);
    assert_int_equal(waitpid(victim.pid, &status, 0), victim.pid);
    assert_true(WIFSIGNALED(status));
}

// ---- What must hold afterwards

static bool has_command(struct world *world, uint32_t n)
{
    uint8_t id[32] = {0};
    struct store_command command;
    bool found;
    memcpy(id, &n, sizeof n);
    must(world, store_command_find(world->store, NULL, id, &world->arena, &found, &command, &world->err));
    return found;
}

struct census {
    struct world *world;
    uint32_t *present; // numbers of the operations found
    size_t count, room;
    char stream[16];
    uint64_t next_seq;
    uint32_t n;      // the append being read
    size_t expected; // which of its entries comes next; 0: none
};

static void census_add(struct census *census, uint32_t n)
{
    if (census->count == census->room) {
        census->room = census->room ? census->room * 2 : 1024;
        census->present = realloc(census->present, census->room * sizeof *census->present);
        assert_non_null(census->present);
    }
    census->present[census->count++] = n;
}

static bool census_item(void *arg, const struct store_item *item, struct err *err)
{
    struct census *census = arg;
    char text[32];
    unsigned n, i;
    (void)err;
    if (item->table) return census_add(census, (uint32_t)strtoul(item->id, NULL, 10)), true;
    if (strcmp(item->id, census->stream) != 0) {
        assert_int_equal(census->expected, 0);
        snprintf(census->stream, sizeof census->stream, "%s", item->id);
        census->next_seq = 1;
    }
    assert_int_equal(item->version, census->next_seq++);
    snprintf(text, sizeof text, "%.*s", (int)item->bytes.len, (char *)item->bytes.data);
    assert_int_equal(sscanf(text, "%u.%u", &n, &i), 2);
    assert_int_equal(i, census->expected);
    if (i) assert_int_equal(n, census->n);
    census->n = n;
    census->expected = i + 1 < entries_of(n) ? i + 1 : 0;
    if (i == 0) census_add(census, n);
    assert_int_equal(item->attached.len, i == 0 && attaches(n) ? item->bytes.len : 0);
    if (item->attached.len) assert_memory_equal(item->attached.data, item->bytes.data, item->bytes.len);
    return true;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

// Streams without gaps, appends whole, with their commands and what is attached; everything acknowledged is
// there.
static void check(struct world *world, const struct acknowledged *acknowledged)
{
    struct census census = {.world = world};
    must(world, store_each(world->store, census_item, &census, &world->err));
    assert_int_equal(census.expected, 0);
    if (census.count) qsort(census.present, census.count, sizeof *census.present, by_number);
    for (size_t i = 0; i < census.count; i++) {
        assert_true(i == 0 || census.present[i] != census.present[i - 1]);
        if (i % 17 == 0 || i + 100 > census.count) assert_true(has_command(world, census.present[i]));
    }
    for (size_t i = 0; acknowledged && i < acknowledged->count; i++)
        if (!bsearch(&acknowledged->numbers[i], census.present, census.count, sizeof(uint32_t), by_number))
            fail_msg("operation %u was acknowledged and is gone", acknowledged->numbers[i]);
    free(census.present);
    arena_reset(&world->arena);
}

// No command without its write: the operation after the last that is there has left none.
static void check_no_orphans(struct world *world, uint32_t first, uint32_t last)
{
    for (uint32_t n = first; n < last; n++) {
        char id[16], stream[16];
        uint64_t version;
        if (!has_command(world, n)) continue;
        snprintf(id, sizeof id, "%u", n);
        if (is_row(n)) {
            assert_non_null(person_get(world, id, &version));
            continue;
        }
        struct store_entries entries;
        bool found = false;
        stream_of(n, stream);
        uint64_t newest = head(world, stream), from = newest > 2000 ? newest - 2000 : 1;
        must(world, store_read(world->store, stream, from, 3000, &world->arena, &entries, &world->err));
        for (size_t i = 0; i < entries.count && !found; i++)
            found =
                entries.entries[i].len > strlen(id) && memcmp(entries.entries[i].data, id, strlen(id)) == 0;
        assert_true(found);
        arena_reset(&world->arena);
    }
}

static struct acknowledged acknowledged;

static void killed_again_and_again_nothing_acknowledged_is_lost(void **state)
{
    struct world *world = *state;
    acknowledged.count = 0;
    srand(7);
    for (uint32_t run = 0; run < 30; run++) {
        world_close(world);
        size_t heard = (size_t)rand() % (run % 5 ? 300 : 6000);
        kill_after(victim_start(world, run * OPERATIONS, RLIM_INFINITY), heard, &acknowledged);
        must(world, world_open(world, TABLES));
        check(world, &acknowledged);
        uint32_t last = acknowledged.count ? acknowledged.numbers[acknowledged.count - 1] : 0;
        check_no_orphans(world, last, last + 2 * WINDOW);
    }
    assert_true(acknowledged.count > 5000);
}

static void killed_again_and_again_what_has_a_source_comes_once(void **state)
{
    struct world *world = *state;
    struct store_entries entries;
    uint32_t newest = 0;
    srand(13);
    for (int run = 0; run < 20; run++) {
        acknowledged.count = 0;
        world_close(world);
        kill_after(victim_start(world, AGAIN, RLIM_INFINITY), (size_t)rand() % 3000, &acknowledged);
        must(world, world_open(world, TABLES));
        arena_reset(&world->arena);
        must(world, store_read(world->store, "s0", 1, OPERATIONS, &world->arena, &entries, &world->err));
        for (size_t i = 0; i < entries.count; i++) {
            char text[16];
            snprintf(text, sizeof text, "%.*s", (int)entries.entries[i].len, (char *)entries.entries[i].data);
            assert_int_equal(strtoul(text, NULL, 10), i + 1);
        }
        if (acknowledged.count) newest = acknowledged.numbers[acknowledged.count - 1];
        assert_true(entries.count >= newest);
    }
    assert_true(newest > 500);
}

// ---- A damaged log

static void copy_file(const char *from, const char *to, off_t len)
{
    char bytes[65536];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(in >= 0 && out >= 0);
    while (len > 0) {
        ssize_t got = read(in, bytes, len < (off_t)sizeof bytes ? (size_t)len : sizeof bytes);
        if (got <= 0) break;
        assert_int_equal(write(out, bytes, (size_t)got), got);
        len -= got;
    }
    close(in), close(out);
}

static void flip_byte(const char *path, off_t at)
{
    int fd = open(path, O_RDWR);
    char byte;
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x55;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void a_log_cut_or_damaged_anywhere_leaves_whole_writes(void **state)
{
    struct world *world = *state;
    struct world copy = *world;
    char wal[128], copied_wal[128];
    struct stat info;
    uint64_t longest = 0;
    acknowledged.count = 0;
    srand(11);
    world_close(world);
    kill_after(victim_start(world, 0, RLIM_INFINITY), 3000, &acknowledged);
    snprintf(wal, sizeof wal, "%s-wal", world->path);
    snprintf(copy.path, sizeof copy.path, "%s/copy", world->folder);
    snprintf(copy.url, sizeof copy.url, "sqlite:%s/copy", world->folder);
    snprintf(copied_wal, sizeof copied_wal, "%s-wal", copy.path);
    arena_init(&copy.arena, 64 << 20);
    assert_int_equal(stat(wal, &info), 0);
    for (int i = 0; i < 60; i++) {
        off_t at = rand() % info.st_size;
        copy_file(world->path, copy.path, INT64_MAX);
        copy_file(wal, copied_wal, i % 2 ? INT64_MAX : at);
        if (i % 2) flip_byte(copied_wal, at);
        must(&copy, world_open(&copy, TABLES));
        check(&copy, NULL);
        if (head(&copy, "s0") > longest) longest = head(&copy, "s0");
        world_close(&copy);
    }
    arena_finish(&copy.arena);
    must(world, world_open(world, TABLES));
    check(world, &acknowledged); // the original has it all
    assert_true(longest > 0);
}

// ---- Faults that end the process

static void a_failed_write_ends_the_process(void **state)
{
    struct world *world = *state;
    int status;
    acknowledged.count = 0;
    world_close(world);
    struct victim victim = victim_start(world, 0, 512 * 1024);
    while (hear(victim, &acknowledged)) continue;
    close(victim.pipe);
    assert_int_equal(waitpid(victim.pid, &status, 0), victim.pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    must(world, world_open(world, TABLES));
    check(world, &acknowledged);
    assert_true(acknowledged.count > 0);
}

static void a_failed_sync_ends_the_process(void **state)
{
    struct world *world = *state;
    int status;
    world_close(world);
    pid_t pid = fork();
    if (pid == 0) {
        if (!world_open(world, TABLES)) _exit(2);
        sync_fails = true;
        _exit(store_wait(world->store, append(world, "a", 1, "never acknowledged"), &world->err) ? 4 : 5);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    must(world, world_open(world, TABLES));
}

int main(int argc, char **argv)
{
    if (argc == 3) return write_until_killed(argv[1], (uint32_t)strtoul(argv[2], NULL, 10));
    const struct CMUnitTest tests[] = {
        TEST(a_full_disk_fails_the_writes_and_heals),
        TEST(a_log_that_can_t_be_moved_yet_is_kept),
        TEST(killed_again_and_again_nothing_acknowledged_is_lost),
        TEST(killed_again_and_again_what_has_a_source_comes_once),
        TEST(a_log_cut_or_damaged_anywhere_leaves_whole_writes),
        TEST(a_failed_write_ends_the_process),
        TEST(a_failed_sync_ends_the_process),
    };
    return cmocka_run_group_tests_name("store: crashes", tests, NULL, NULL);
}
