// The store as a whole: opening, its lock, changed declarations, walking, backup, a full disk, damage.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/store/testing/world.h"

static const struct person ADA = {.id = "u1", .username = "ada", .phone = "+11", .created_s = 7};

// ---- Opening

static bool fails_to_open(struct world *world, const char *url)
{
    struct store *store;
    struct store_options options = {.url = url, .tables = TABLES};
    if (!store_open(&store, &options, &world->err)) return true;
    store_close(store);
    return false;
}

static void a_url_must_name_a_known_backend(void **state)
{
    struct world *world = *state;
    assert_true(fails_to_open(world, "mongo://mira:secret@host/x"));
    assert_non_null(strstr(world->err.message, "mongo..."));
    assert_null(strstr(world->err.message, "secret"));
    assert_true(fails_to_open(world, "sqlite:/nowhere/at/all/store.db"));
    assert_non_null(strstr(world->err.message, "/nowhere/at/all"));
}

static void an_open_store_is_locked(void **state)
{
    struct world *world = *state;
    assert_true(fails_to_open(world, world->url));
    assert_int_equal(world->err.reason, IS(SERVICE_BUSY));
    pid_t child = fork();
    if (child == 0) _exit(fails_to_open(world, world->url) && world->err.reason == IS(SERVICE_BUSY) ? 0 : 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    world_close(world);
    assert_false(fails_to_open(world, world->url));
    must(world, world_open(world, TABLES));
}

static void the_lock_ends_with_its_process(void **state)
{
    struct world *world = *state;
    int ready[2];
    char byte;
    world_close(world);
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        byte = world_open(world, TABLES) ? 'y' : 'n';
        if (write(ready[1], &byte, 1) != 1) _exit(1);
        for (;;) pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    assert_true(fails_to_open(world, world->url));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ready[0]), close(ready[1]);
    must(world, world_open(world, TABLES));
}

static void write_file(const char *path, const char *bytes, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void a_file_of_something_else_is_refused(void **state)
{
    struct world *world = *state;
    char url[128], path[96], command[300], junk[4096];
    snprintf(path, sizeof path, "%s/other", world->folder);
    snprintf(url, sizeof url, "sqlite:%s", path);
    memset(junk, 'j', sizeof junk);
    write_file(path, junk, sizeof junk);
    assert_true(fails_to_open(world, url));
    assert_int_equal(world->err.reason, IS(STORE_CORRUPT));
    snprintf(command, sizeof command, "rm %s; sqlite3 %s 'create table t(a)'", path, path);
    assert_int_equal(system(command), 0);
    assert_true(fails_to_open(world, url));
    assert_non_null(strstr(world->err.message, "not a store of Conse"));
    world_close(world);
    snprintf(command, sizeof command, "sqlite3 %s 'pragma user_version=99'", world->path);
    assert_int_equal(system(command), 0);
    assert_true(fails_to_open(world, world->url));
    assert_non_null(strstr(world->err.message, "format 99"));
}

static void other_content_has_another_generation(void **state)
{
    struct world *world = *state;
    struct world copy = *world;
    char path[96];
    uint64_t made = store_generation(world->store);
    assert_int_not_equal(made, 0);
    world_reopen(world, TABLES);
    assert_true(store_generation(world->store) == made);
    snprintf(path, sizeof path, "%s/copy", world->folder);
    snprintf(copy.url, sizeof copy.url, "sqlite:%s", path);
    must(world, store_backup(world->url, path, NULL, &world->err));
    must(&copy, world_open(&copy, TABLES));
    assert_true(store_generation(copy.store) != made);
    world_close(&copy);
}

static unsigned mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 0777;
}

static void nobody_else_may_read_the_files(void **state)
{
    struct world *world = *state;
    char path[128];
    mode_t before = umask(0);
    world_close(world);
    assert_int_equal(unlink(world->path), 0);
    must(world, world_open(world, TABLES));
    assert_durable(world, person_put(world, ADA, 0, NULL));
    snprintf(path, sizeof path, "%s/backup.db", world->folder);
    must(world, store_backup(world->url, path, NULL, &world->err));
    umask(before);
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(mode_of(world->path), 0600);
    snprintf(path, sizeof path, "%s-wal", world->path);
    assert_int_equal(mode_of(path), 0600);
}

// ---- Changed declarations

static const struct store_table CHANGED[] = {
    {.name = "user",
     .type = &auth__user__descriptor,
     .key = "id",
     .indexes = {{"by_phone", false, {"phone"}, 0}, {"by_time", false, {"created_at"}, 0}},
     .version = 2},
    {0},
};

static void an_older_program_does_not_open_what_a_newer_one_made(void **state)
{
    struct world *world = *state;
    world_reopen(world, CHANGED);
    world_close(world);
    assert_true(fails_to_open(world, world->url));
    assert_int_equal(world->err.reason, IS(STORE_CORRUPT));
    assert_non_null(strstr(world->err.message, world->path));
    assert_non_null(strstr(world->err.message, "version 2 of table user, this program knows 1"));
    must(world, world_open(world, CHANGED)); // nothing was changed
}

static void a_file_that_was_emptied_is_told(void **state)
{
    struct world *world = *state;
    assert_durable(world, person_put(world, ADA, 0, NULL));
    world_close(world);
    assert_int_equal(truncate(world->path, 0), 0);
    assert_true(fails_to_open(world, world->url));
    assert_int_equal(world->err.reason, IS(STORE_CORRUPT));
    assert_non_null(strstr(world->err.message, world->path));
    assert_non_null(strstr(world->err.message, "is empty"));
    assert_int_equal(unlink(world->path), 0);
    must(world, world_open(world, TABLES));
}

static void a_log_without_its_file_is_told(void **state)
{
    struct world *world = *state;
    char log[128];
    snprintf(log, sizeof log, "%s-wal", world->path);
    world_close(world);
    write_file(log, "entries", 7);
    assert_int_equal(unlink(world->path), 0);
    assert_true(fails_to_open(world, world->url));
    assert_non_null(strstr(world->err.message, log));
    assert_int_equal(access(world->path, F_OK), -1); // still not there
    assert_int_equal(unlink(log), 0);
    must(world, world_open(world, TABLES));
}

// What a start leaves that was killed as it made the file.
static void a_file_that_was_being_made_is_made_anew(void **state)
{
    struct world *world = *state;
    char part[96], part_log[128];
    snprintf(part, sizeof part, "%s/store.new", world->folder);
    snprintf(part_log, sizeof part_log, "%s-wal", part);
    world_close(world);
    assert_int_equal(unlink(world->path), 0);
    write_file(part, "half", 4);
    write_file(part_log, "half", 4);
    must(world, world_open(world, TABLES));
    assert_int_equal(access(part, F_OK), -1);
    assert_int_equal(access(part_log, F_OK), -1);
}

static void a_field_that_can_t_be_indexed_is_an_error(void **state)
{
    struct world *world = *state;
    static const struct store_table wrong[] = {{.name = "user",
                                                .type = &auth__user__descriptor,
                                                .key = "id",
                                                .indexes = {{"by_x", false, {"shoe_size"}, 0}}},
                                               {0}};
    static const struct store_table no_name[] = {
        {.name = "user\"", .type = &auth__user__descriptor, .key = "id"}, {0}};
    static const struct store_table no_key[] = {
        {.name = "user", .type = &auth__user__descriptor, .key = "level"}, {0}};
    world_close(world);
    assert_false(world_open(world, wrong));
    assert_non_null(strstr(world->err.message, "shoe_size"));
    assert_false(world_open(world, no_name));
    assert_non_null(strstr(world->err.message, "no name"));
    assert_false(world_open(world, no_key));
    assert_non_null(strstr(world->err.message, "level"));
}

// ---- Walking and backup

struct walk {
    struct world *world;
    const char *text;
    size_t stop_at, count;
};

static bool walk_item(void *arg, const struct store_item *item, struct err *err)
{
    struct walk *walk = arg;
    if (++walk->count == walk->stop_at) return err_fail(err, LIMIT_REACHED, "enough");
    const char *body = item->table ? item->table->name
                       : item->ended
                           ? "ended"
                           : arena_strn(&walk->world->arena, (const char *)item->bytes.data, item->bytes.len);
    walk->text = arena_printf(&walk->world->arena, "%s%s/%llu=%s ", walk->text, item->id,
                              (unsigned long long)item->version, body);
    return true;
}

struct writer {
    struct world *world;
    pthread_t thread;
    atomic_bool stop;
    atomic_uint_fast64_t acknowledged;
};

// Appends the same number to two streams, so that a consistent copy has them differ by at most one.
static void *write_on(void *arg)
{
    struct writer *writer = arg;
    struct err err;
    for (uint64_t seq = 1; !writer->stop; seq++) {
        append(writer->world, "left", seq, "x");
        if (!store_wait(writer->world->store, append(writer->world, "right", seq, "x"), &err)) break;
        writer->acknowledged = seq;
    }
    return NULL;
}

static void wait_until(atomic_uint_fast64_t *number, uint64_t reached)
{
    while (*number < reached) sched_yield();
}

static void a_backup_is_consistent_while_writing_goes_on(void **state)
{
    struct world *world = *state;
    struct writer writer = {.world = world};
    char path[96];
    snprintf(path, sizeof path, "%s/backup.db", world->folder);
    assert_int_equal(pthread_create(&writer.thread, NULL, write_on, &writer), 0);
    wait_until(&writer.acknowledged, 50);
    uint64_t before = writer.acknowledged;
    must(world, store_backup(world->url, path, NULL, &world->err));
    wait_until(&writer.acknowledged, writer.acknowledged + 10); // it never stopped
    writer.stop = true;
    pthread_join(writer.thread, NULL);
    assert_false(store_backup(world->url, path, NULL, &world->err)); // never over an older one
    assert_int_equal(world->err.reason, IS(CONFLICT));
    world_close(world);
    snprintf(world->url, sizeof world->url, "sqlite:%s", path);
    must(world, world_open(world, TABLES));
    uint64_t left = head(world, "left"), right = head(world, "right");
    assert_true(right >= before);
    assert_true(left == right || left == right + 1);
    assert_durable(world, append(world, "left", left + 1, "x"));
}

static void a_backup_may_leave_a_table_out(void **state)
{
    struct world *world = *state;
    struct world copy = *world;
    uint64_t version;
    char path[96];
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = "kept";
    assert_durable(world, person_put(world, (struct person){.id = "u1", .username = "ada"}, 0, NULL));
    assert_durable(world, store_put(world->store, NOTICES, &notice.base, 0, NULL));
    snprintf(path, sizeof path, "%s/copy", world->folder);
    snprintf(copy.url, sizeof copy.url, "sqlite:%s", path);
    must(world, store_backup(world->url, path, USERS, &world->err));
    must(&copy, world_open(&copy, TABLES));
    ProtobufCMessage *row;
    assert_null(person_get(&copy, "u1", &version));
    must(&copy, store_get(copy.store, NOTICES, "kept", &copy.arena, &row, &version, &copy.err));
    assert_non_null(row);
    world_close(&copy);
}

static void a_backup_that_fails_leaves_nothing(void **state)
{
    struct world *world = *state;
    assert_durable(world, person_put(world, ADA, 0, NULL));
    assert_false(store_backup(world->url, "/nowhere/at/all/backup.db", NULL, &world->err));
    assert_non_null(strstr(world->err.message, "/nowhere/at/all"));
    assert_durable(world, person_put(world, ADA, 1, NULL));
}

static void a_long_walk_does_not_stop_writers(void **state)
{
    struct world *world = *state;
    struct writer writer = {.world = world};
    assert_int_equal(pthread_create(&writer.thread, NULL, write_on, &writer), 0);
    wait_until(&writer.acknowledged, 10);
    struct walk walk = {world, "", 0, 0};
    must(world, store_each(world->store, walk_item, &walk, &world->err));
    wait_until(&writer.acknowledged, 200);
    writer.stop = true;
    pthread_join(writer.thread, NULL);
    assert_true(walk.count >= 20);
}

// ---- The log

static void the_log_begins_anew_under_load(void **state)
{
    struct world *world = *state;
    uint8_t *bytes = calloc(1, 3000);
    ProtobufCBinaryData entry = {3000, bytes};
    uint64_t ticket = 0;
    char wal[128];
    struct stat info;
    for (uint64_t seq = 1; seq <= 40000; seq++) { // 120 MB
        ticket = store_append(world->store, "a", seq, &entry, 1, NULL);
        if (seq % 500 == 0) assert_durable(world, ticket);
    }
    snprintf(wal, sizeof wal, "%s-wal", world->path);
    assert_int_equal(stat(wal, &info), 0);
    assert_true(info.st_size < 64 << 20);
    assert_int_equal(head(world, "a"), 40000);
    free(bytes);
}

// ---- Damage

static void a_damaged_file_is_reported_not_served(void **state)
{
    struct world *world = *state;
    char junk[4096];
    ProtobufCMessage *message;
    uint64_t version, ticket = 0;
    for (int i = 0; i < 2000; i++) {
        struct person person = {.id = arena_printf(&world->arena, "u%d", i),
                                .username = arena_printf(&world->arena, "n%d", i)};
        ticket = person_put(world, person, 0, NULL);
    }
    assert_durable(world, ticket);
    world_close(world);
    int fd = open(world->path, O_RDWR);
    memset(junk, 0xa5, sizeof junk);
    struct stat info;
    assert_int_equal(fstat(fd, &info), 0);
    for (off_t at = 10 * 4096; at < info.st_size; at += 4096)
        assert_int_equal(pwrite(fd, junk, sizeof junk, at), 4096);
    close(fd);
    must(world, world_open(world, TABLES));
    size_t refused = 0;
    for (int i = 0; i < 2000; i += 100) {
        const char *id = arena_printf(&world->arena, "u%d", i);
        if (store_get(world->store, USERS, id, &world->arena, &message, &version, &world->err)) continue;
        assert_int_equal(world->err.reason, IS(STORE_CORRUPT));
        refused++;
    }
    assert_true(refused > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(other_content_has_another_generation),
        TEST(a_url_must_name_a_known_backend),
        TEST(an_open_store_is_locked),
        TEST(the_lock_ends_with_its_process),
        TEST(a_file_of_something_else_is_refused),
        TEST(nobody_else_may_read_the_files),
        TEST(an_older_program_does_not_open_what_a_newer_one_made),
        TEST(a_file_that_was_emptied_is_told),
        TEST(a_log_without_its_file_is_told),
        TEST(a_file_that_was_being_made_is_made_anew),
        TEST(a_field_that_can_t_be_indexed_is_an_error),
        TEST(a_backup_is_consistent_while_writing_goes_on),
        TEST(a_backup_may_leave_a_table_out),
        TEST(a_backup_that_fails_leaves_nothing),
        TEST(a_long_walk_does_not_stop_writers),
        TEST(the_log_begins_anew_under_load),
        TEST(a_damaged_file_is_reported_not_served),
    };
    return cmocka_run_group_tests_name("store: files", tests, NULL, NULL);
}
