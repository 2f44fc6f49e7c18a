#include "services/events/live/turn.h"

#include <sodium.h>
#include <string.h>

#include "services/events/live/late.h"

static void fill_random(void *arg, void *out, size_t len)
{
    (void)arg;
    randombytes_buf(out, len);
}

struct randomness system_randomness(void) { return (struct randomness){fill_random, NULL}; }

bool caller_is_dev(const struct rpc_call *call) { return call->caller->level == LEVEL_DEV; }

bool need_user(const struct rpc_call *call, struct err *err)
{
    return call->caller->user_id[0] || err_fail(err, TOKEN_INVALID, "log in first");
}

static bool need_level(const struct rpc_call *call, uint32_t level, struct err *err)
{
    uint32_t mine = call->caller->level;
    return (mine && mine <= level) ||
           err_fail(err, LEVEL_TOO_LOW, "this needs level %s", level == LEVEL_DEV ? "dev" : "god");
}

bool need_god(const struct rpc_call *call, struct err *err)
{
    return need_user(call, err) && need_level(call, LEVEL_GOD, err);
}

// consectl on the socket is a dev without being a user.
bool need_dev(const struct rpc_call *call, struct err *err) { return need_level(call, LEVEL_DEV, err); }

bool filled(const void *reply_part, struct err *err)
{
    return reply_part || err_fail(err, CALL_TOO_LARGE, "the reply needs more memory than a call may use");
}

struct viewer turn_viewer(const struct turn *turn)
{
    const Rpc__Caller *caller = turn->call->caller;
    struct viewer viewer = view_as(turn->game, caller->user_id, caller_is_dev(turn->call));
    viewer.god &= viewer.all || (caller->level && caller->level <= LEVEL_GOD);
    return viewer;
}

static void take_up(struct turn *turn)
{
    struct rpc_call *call = turn->call;
    turn->game = &turn->aggregate->game;
    turn->viewer = turn_viewer(turn);
    turn->moves = (struct moves){.arena = call->arena,
                                 .now_ms = call->now_ms,
                                 .actor = call->caller->user_id,
                                 .randomness = system_randomness()};
    if (turn->aggregate->ticket) rpc_after(call, turn->aggregate->ticket);
}

// A dev who plays is a player: the replies to a god's commands would show him the cards.
static bool may_lead(const struct turn *turn, struct err *err)
{
    bool own = strcmp(turn->game->god_id.text, turn->call->caller->user_id) == 0;
    if (!own && !caller_is_dev(turn->call)) return err_fail(err, NOT_OWNER, "this event has another god");
    return !game_takes_part(turn->game, turn->viewer.person) ||
           err_fail(err, GOD_MAY_NOT_PLAY, "who has a seat in an event does not lead it");
}

bool turn_begin(struct turn *turn, const char *event_id, enum right right, struct err *err)
{
    turn->events = turn->call->service;
    if (right == AS_USER && !need_user(turn->call, err)) return false;
    if (right == AS_GOD && !(caller_is_dev(turn->call) || need_god(turn->call, err))) return false;
    if (!aggregate_enter(turn->events->aggregates, event_id, &turn->aggregate, err)) return false;
    take_up(turn);
    return right != AS_GOD || may_lead(turn, err);
}

bool turn_look(struct turn *turn, struct err *err)
{
    const struct game *game = turn->game;
    int person = turn->viewer.person;
    bool plays = person != GAME_NO_ONE && game->people[person].seat;
    bool late = game->terms.spectator_delay_ms && game->state == EVENTS__EVENT__STATE__RUNNING;
    if (turn->viewer.god || plays || !late) return true;
    return late_game(turn->aggregate, turn->call->now_ms - game->terms.spectator_delay_ms, &turn->game, err);
}

bool turn_begin_new(struct turn *turn, const char *event_id, struct err *err)
{
    turn->events = turn->call->service;
    turn->aggregate = aggregate_enter_new(turn->events->aggregates, event_id);
    if (!turn->aggregate) return err_fail(err, INTERNAL_ERROR, "out of memory");
    take_up(turn);
    return true;
}

bool turn_commit(struct turn *turn, const ProtobufCMessage *reply, struct err *err)
{
    if (turn->moves.count == 0 && !turn->moves.failed) return true;
    struct store_write write = *rpc_seal(turn->call, reply, commit_done, NULL);
    if (turn->call->arena->failed) return filled(NULL, err); // what is refused must not be written
    struct commit *commit = commit_create(turn->aggregate, &turn->moves);
    write.arg = commit;
    if (!aggregate_append(turn->aggregate, &turn->moves, commit, &write, err)) return false;
    rpc_after(turn->call, turn->aggregate->ticket);
    return true;
}

// What was decided but not committed is undone by loading the event again.
void turn_end(struct turn *turn)
{
    if (!turn->aggregate) return;
    bool committed = !turn->moves.failed &&
                     (turn->moves.count == 0 || turn->aggregate->committed_seq == turn->game->chain.seq);
    if (!committed) __atomic_store_n(&turn->aggregate->failed, true, __ATOMIC_RELEASE);
    aggregate_leave(turn->events->aggregates, turn->aggregate);
}

bool turn_secret(struct turn *turn, const uint8_t **secret, struct err *err)
{
    *secret = NULL;
    if (turn->game->state != EVENTS__EVENT__STATE__LOCKED && !turn->game->dealt) return true;
    if (!aggregate_secrets(turn->aggregate, turn->call->arena, err)) return false;
    *secret = aggregate_secret(turn->aggregate);
    return true;
}
