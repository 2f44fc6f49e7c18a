#include <unistd.h>

#include "lib/base/log.h"
#include "lib/store/sqlite/sqlite.h"

// The log must be moved into the file from time to time, and can start over only when all of it is moved and
// nobody reads from it. A thread beside the commits moves the bulk; the commit thread, between two groups,
// moves the little that came meanwhile. SQLite itself would stop the commits at every thousandth page for as
// long as moving it all takes.
enum {
    ENOUGH_FRAMES = 4000,  // of 4 KiB: worth moving
    FEW_FRAMES = 200,      // left to the commit thread
    ROUNDS = 4,            // tries to come down to few
    KEEP_BYTES = 32 << 20, // of the log's file, when it has grown beyond
    WAIT_US = 50,
    READER_WAITS = 40,     // for readers to leave the log
    WRITER_WAITS = 100000, // for an operator's tool to finish its write
};

static int on_commit(void *arg, sqlite3 *db, const char *name, int frames)
{
    struct sqlite_store *store = arg;
    (void)db, (void)name;
    if (frames < store->wal.frames) store->wal.next_at = ENOUGH_FRAMES; // it started over
    store->wal.frames = frames;
    return SQLITE_OK;
}

static int on_busy(void *arg, int tries)
{
    const struct sqlite_store *store = arg;
    usleep(WAIT_US);
    return tries < (store->wal.moving ? READER_WAITS : WRITER_WAITS);
}

// A full disk is no fault: the log keeps what can't be moved yet.
static bool wal_checkpoint(struct sqlite_store *store, sqlite3 *db, int mode, int *frames, int *moved)
{
    int rc = sqlite3_wal_checkpoint_v2(db, NULL, mode, frames, moved);
    if (rc != SQLITE_OK && rc != SQLITE_BUSY && !sqlite_is_full(db)) sqlite_die(store, db, "checkpoint");
    return rc == SQLITE_OK;
}

static void move_bulk(struct sqlite_store *store)
{
    sqlite3 *db = store->wal.connection.db;
    int frames = 0, moved = 0, before;
    for (int round = 0; round < ROUNDS; round++) {
        before = moved;
        if (!wal_checkpoint(store, db, SQLITE_CHECKPOINT_PASSIVE, &frames, &moved)) break;
        if (frames - moved < FEW_FRAMES || moved == before) break;
    }
}

static void *wal_loop(void *arg)
{
    struct sqlite_store *store = arg;
    struct sqlite_wal *wal = &store->wal;
    pthread_mutex_lock(&wal->lock);
    while (!wal->stopping) {
        if (wal->state != SQLITE_WAL_BULK) {
            pthread_cond_wait(&wal->changed, &wal->lock);
            continue;
        }
        pthread_mutex_unlock(&wal->lock);
        move_bulk(store);
        pthread_mutex_lock(&wal->lock);
        wal->state = SQLITE_WAL_REST;
    }
    pthread_mutex_unlock(&wal->lock);
    return NULL;
}

static void set_state(struct sqlite_wal *wal, enum sqlite_wal_state state)
{
    pthread_mutex_lock(&wal->lock);
    wal->state = state;
    pthread_cond_signal(&wal->changed);
    pthread_mutex_unlock(&wal->lock);
}

static void move_rest(struct sqlite_store *store)
{
    store->wal.moving = true;
    wal_checkpoint(store, store->writer.db, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    store->wal.moving = false;
    store->wal.next_at = store->wal.frames + ENOUGH_FRAMES; // unless it starts over
}

// What was taken out is in the log until all of that is moved and its file is cut, and perhaps in unused
// bytes of the file. When readers hold the log, the next group tries again.
static void empty_log(struct sqlite_store *store)
{
    int frames = 0, moved = 0;
    store->wal.moving = true;
    bool emptied = wal_checkpoint(store, store->writer.db, SQLITE_CHECKPOINT_TRUNCATE, &frames, &moved);
    store->wal.moving = false;
    if (!emptied) return;
    sqlite_scrub(store);
    store->redacted = false;
}

void sqlite_wal_turn(struct sqlite_store *store)
{
    struct sqlite_wal *wal = &store->wal;
    if (store->redacted) empty_log(store);
    if (wal->frames < wal->next_at) return;
    pthread_mutex_lock(&wal->lock);
    enum sqlite_wal_state state = wal->state;
    pthread_mutex_unlock(&wal->lock);
    if (state == SQLITE_WAL_IDLE) set_state(wal, SQLITE_WAL_BULK);
    if (state != SQLITE_WAL_REST) return;
    move_rest(store);
    set_state(wal, SQLITE_WAL_IDLE);
}

bool sqlite_wal_start(struct sqlite_store *store, struct err *err)
{
    struct sqlite_wal *wal = &store->wal;
    char limit[96];
    sqlite3_snprintf(sizeof limit, limit, "PRAGMA journal_size_limit=%d; PRAGMA secure_delete=ON",
                     KEEP_BYTES);
    wal->next_at = ENOUGH_FRAMES;
    sqlite3_wal_hook(store->writer.db, on_commit, store);
    sqlite3_busy_handler(store->writer.db, on_busy, store);
    if (!sqlite_run(store->writer.db, limit, err) ||
        !sqlite_connect(&wal->connection, store->path, SQLITE_OPEN_READWRITE, err))
        return false;
    wal->running = pthread_create(&wal->thread, NULL, wal_loop, store) == 0;
    return wal->running || err_fail(err, INTERNAL_ERROR, "no thread for the log");
}

void sqlite_wal_stop(struct sqlite_store *store)
{
    struct sqlite_wal *wal = &store->wal;
    if (wal->running) {
        pthread_mutex_lock(&wal->lock);
        wal->stopping = true;
        pthread_cond_signal(&wal->changed);
        pthread_mutex_unlock(&wal->lock);
        pthread_join(wal->thread, NULL);
        wal->running = wal->stopping = false;
    }
    sqlite_disconnect(&wal->connection);
}
