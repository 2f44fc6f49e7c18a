#include "services/ai/standings/board.h"

#include <pthread.h>
#include <stdlib.h>

#include "lib/base/log.h"
#include "lib/names/names.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"
#include "services/ai/standings/read.h"

enum { PERIOD_MS = 200, SNAPSHOT_EVERY = 1000 };

struct ranking {
    uint32_t *numbers; // of players
    uint32_t *places;  // by number, from 1; 0: not ranked
    size_t count;
};

struct board {
    struct ai *ai;
    struct periodic *thread;
    pthread_rwlock_t lock; // of the standings
    struct standings standings;
    uint64_t kept; // entries that a snapshot has
    bool complained;

    pthread_mutex_t ranking_mutex; // of what follows, for those who hold the board
    struct ranking ranking;
    uint64_t ranked_seq, ranked_names; // names_rating_changes
    int64_t ranked_day;
};

// ---- Reading

bool board_read_on(struct board *board, struct err *err)
{
    pthread_rwlock_wrlock(&board->lock);
    bool ok = standings_read_on(&board->standings, board->ai->store, err);
    pthread_rwlock_unlock(&board->lock);
    return ok;
}

const struct standings *board_hold(struct board *board)
{
    pthread_rwlock_rdlock(&board->lock);
    return &board->standings;
}

void board_release(struct board *board) { pthread_rwlock_unlock(&board->lock); }

// An account that is gone is in no snapshot that a start would begin with.
static bool keep_some(struct board *board, struct err *err)
{
    const struct standings *standings = board_hold(board);
    bool ok = true;
    bool due = standings->seq >= board->kept + SNAPSHOT_EVERY || standings->gone > board->kept;
    if (due && replica_holds(board->ai->replica, AI_PROJECTS)) {
        ok = standings_keep(standings, board->ai, err);
        if (ok) board->kept = standings->seq;
    }
    board_release(board);
    return ok;
}

static int64_t board_work(void *arg)
{
    struct board *board = arg;
    struct err err = {0};
    bool ok = board_read_on(board, &err) && keep_some(board, &err);
    bool passing = err_is(&err, STORE_AWAY) || err_is(&err, STORE_FULL);
    if (!ok && !board->complained && !passing) log_err(LOG_ERROR, "ai.standings", &err);
    board->complained = !ok;
    return PERIOD_MS;
}

bool board_start(struct board *board, struct err *err)
{
    if (!board_read_on(board, err)) return false;
    board->kept = board->standings.seq;
    return periodic_start(&board->thread, "ai.standings", 0, board_work, board, err);
}

void board_wake(struct board *board)
{
    if (board && board->thread) periodic_wake(board->thread);
}

bool board_open(struct board **out, struct ai *ai, struct err *err)
{
    struct board *board = *out = calloc(1, sizeof *board);
    if (!board) return err_fail(err, INTERNAL_ERROR, "out of memory");
    board->ai = ai;
    standings_init(&board->standings);
    pthread_rwlock_init(&board->lock, NULL);
    pthread_mutex_init(&board->ranking_mutex, NULL);
    return true;
}

void board_close(struct board *board)
{
    if (!board) return;
    periodic_stop(board->thread);
    standings_finish(&board->standings);
    free(board->ranking.numbers);
    free(board->ranking.places);
    pthread_rwlock_destroy(&board->lock);
    pthread_mutex_destroy(&board->ranking_mutex);
    free(board);
}

// ---- The ranking

struct ranked {
    uint32_t number;
    double shown;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->shown != y->shown) return x->shown > y->shown ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

// Called with the names held.
static bool is_shown(const struct names *names, const struct standings_player *player)
{
    const struct uuid id = uuid_text(player->id);
    const struct bearer *bearer = names_bearer(names, id.text);
    return !bearer || !(bearer->opted_out & NAMES_NO_RATING);
}

static size_t collect_ranked(const struct board *board, int64_t day, struct ranked *ranked)
{
    const struct standings *standings = &board->standings;
    size_t count = 0;
    names_hold(board->ai->names);
    for (size_t i = 0; i < standings->player_count; i++) {
        const struct standings_player *player = &standings->players[i];
        if (!player->known || !player->games || !is_shown(board->ai->names, player)) continue;
        ranked[count++] = (struct ranked){(uint32_t)i + 1, rating_ordinal(standings_belief(player, day))};
    }
    names_release(board->ai->names);
    return count;
}

static bool make_ranking(struct board *board, int64_t day)
{
    const size_t room = board->standings.player_count + 1;
    struct ranked *ranked = calloc(room, sizeof *ranked);
    struct ranking made = {calloc(room, sizeof *made.numbers), calloc(room, sizeof *made.places), 0};
    bool ok = ranked && made.numbers && made.places;
    if (ok) {
        made.count = collect_ranked(board, day, ranked);
        qsort(ranked, made.count, sizeof *ranked, compare_ranked);
        for (size_t i = 0; i < made.count; i++) {
            made.numbers[i] = ranked[i].number;
            made.places[ranked[i].number - 1] = (uint32_t)i + 1;
        }
    }
    free(ranked);
    struct ranking out = ok ? board->ranking : made;
    free(out.numbers);
    free(out.places);
    if (ok) board->ranking = made;
    return ok;
}

// Called with the ranking's mutex.
static bool rank_for(struct board *board, int64_t day)
{
    const uint64_t changes = names_rating_changes(board->ai->names);
    if (board->ranking.numbers && board->ranked_seq == board->standings.seq && board->ranked_day == day &&
        board->ranked_names == changes)
        return true;
    if (!make_ranking(board, day)) return false;
    board->ranked_names = changes;
    board->ranked_seq = board->standings.seq;
    board->ranked_day = day;
    return true;
}

bool board_ranked(struct board *board, int64_t day, size_t place, uint32_t *numbers, size_t most,
                  size_t *count)
{
    pthread_mutex_lock(&board->ranking_mutex);
    bool ok = rank_for(board, day);
    if (ok) *count = board->ranking.count;
    for (size_t i = 0; ok && i < most && place - 1 + i < board->ranking.count; i++)
        numbers[i] = board->ranking.numbers[place - 1 + i];
    pthread_mutex_unlock(&board->ranking_mutex);
    return ok;
}

bool board_place(struct board *board, int64_t day, uint32_t number, uint32_t *place, size_t *count)
{
    pthread_mutex_lock(&board->ranking_mutex);
    bool ok = rank_for(board, day);
    if (ok) *count = board->ranking.count;
    if (ok) *place = number ? board->ranking.places[number - 1] : 0;
    pthread_mutex_unlock(&board->ranking_mutex);
    return ok;
}
