#include "services/events/live/command.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/replica/replica.h"
#include "services/events/live/aliases.h"
#include "services/events/live/commit.h"
#include "services/events/live/late.h"
#include "services/events/names/show.h"

enum { MOST_UNCHANGED = 10000 }; // nobody fills a log with nothing
static const int64_t FOLLOWED_BEHIND_NS = INT64_C(5) * 1000 * 1000 * 1000;

static void fill_random(void *arg, void *out, size_t len)
{
    (void)arg;
    randombytes_buf(out, len);
}

struct randomness system_randomness(void) { return (struct randomness){fill_random, NULL}; }

bool caller_is_dev(const struct rpc_call *call) { return call->caller->level == LEVEL_DEV; }

bool filled(const void *reply_part, struct err *err)
{
    return reply_part || err_fail(err, CALL_TOO_LARGE, "the reply needs more memory than a call may use");
}

// Whether the caller leads the event, unless they take part in it. An assistant does the work at the table
// alone; a god that lost the level leads no more.
static bool command_leads(const struct command *command, bool at_table)
{
    const Rpc__Caller *caller = command->call->caller;
    bool god = caller->level && caller->level <= LEVEL_GOD &&
               strcmp(command->game->god_id.text, caller->user_id) == 0;
    return god || caller_is_dev(command->call) ||
           (at_table && game_assistant(command->game, caller->user_id) != GAME_NO_ONE);
}

struct viewer command_viewer(const struct command *command)
{
    const Rpc__Caller *caller = command->call->caller;
    struct viewer viewer = view_as(command->game, caller->user_id, caller_is_dev(command->call));
    viewer.god &= viewer.all || command_leads(command, true);
    return viewer;
}

static void take_up(struct command *command)
{
    struct rpc_call *call = command->call;
    command->game = &command->aggregate->game;
    names_show(command->events->names, command->game);
    command->viewer = command_viewer(command);
    command->entries = (struct entries){.arena = call->arena,
                                        .now_ms = aggregate_time(command->aggregate, call->now_ms),
                                        .actor = call->caller->user_id,
                                        .randomness = system_randomness()};
}

// A dev that plays is a player: the replies to a god's commands would show them the cards.
static bool may_lead(const struct command *command, bool at_table, struct err *err)
{
    if (!command_leads(command, at_table)) return passport_refuse(command->call->method, "event", err);
    return !game_takes_part(command->game, command->viewer.person) ||
           err_fail(err, GOD_MAY_NOT_PLAY, "who has a seat in an event does not lead it");
}

static bool may_act(const struct command *command, struct err *err)
{
    const struct rpc_call *call = command->call;
    bool at_table = false;
    for (const struct schema_owner *owner = call->method->owners; owner->kind; owner++) {
        if (passport_is_self(owner, call->request, call->caller->user_id)) return true;
        at_table |= owner->kind == CONSE__METHOD__OWNER__KIND__EVENT_GOD_OR_ASSISTANT;
    }
    return may_lead(command, at_table, err);
}

// A client's condition is judged by what the client may see: others could count hidden acts by trying.
static bool stands_at(const struct command *command, struct err *err)
{
    const struct rpc_call *call = command->call;
    uint64_t act = view_act(command->game, &command->viewer);
    for (size_t i = 0; i < call->acts_count; i++)
        if (act && call->acts[i] == act) return true;
    return call->acts_count == 0 ||
           err_fail(err, PRECONDITION_FAILED, "the event's newest act is not the one that the request names");
}

// What the call needs of the event's copy.
static struct live_need need_of(const struct rpc_call *call)
{
    return (struct live_need){.fresh_from_ns = call->fresh_from_ns,
                              .movable = call->movable && !schema_reads(call->method)};
}

// What the finding, whatever it is, rests on.
static void take_finding(struct command *command, const struct live_need *need)
{
    struct rpc_call *call = command->call;
    rpc_decided_on(call, need->confirmed_ns);
    if (need->ticket) rpc_after(call, need->ticket);
    if (need->undone) rpc_park(call, need->undone);
    if (need->winner[0]) call->winner = arena_str(call->arena, need->winner);
}

bool command_enter(struct command *command, const char *event_id, struct err *err)
{
    struct live_need need = need_of(command->call);
    command->events = command->call->service;
    bool entered = aggregate_enter_fresh(command->events, event_id, &need, &command->aggregate, err);
    take_finding(command, &need);
    if (entered) take_up(command);
    return entered;
}

bool command_follow(struct command *command, const char *event_id, uint64_t at_least, bool fresh,
                    struct err *err)
{
    struct rpc_call *call = command->call;
    struct live_need need = {.fresh_from_ns = call->fresh_from_ns, .at_least = at_least};
    if (at_least) need.fresh_from_ns = call->arrived_ns - FOLLOWED_BEHIND_NS;
    if (fresh || call->fresh) need.fresh_from_ns = clock_mono_ns();
    command->events = call->service;
    bool entered = aggregate_enter_fresh(command->events, event_id, &need, &command->aggregate, err);
    take_finding(command, &need);
    if (entered) command->game = &command->aggregate->game;
    return entered;
}

// The right, and whether the command was carried out before. A missing event is a judgement too.
static bool command_judge(struct command *command, bool found, struct err *err)
{
    struct rpc_call *call = command->call;
    bool owned = call->method->owners->kind, shared = store_is_shared(command->events->store);
    if (!owned && !shared) return found; // looked up before
    if (found && shared) {
        call->knows = live_knows;
        call->known_by = &command->aggregate->live;
    }
    return rpc_judge(call, owned ? found && may_act(command, err) : true, err) && found;
}

bool command_begin(struct command *command, struct err *err)
{
    struct rpc_call *call = command->call;
    bool found = command_enter(command, schema_text(call->request, call->method->route_key), err);
    if (!found && !err_is(err, NOT_FOUND)) return false;
    if (!command_judge(command, found, err)) return false;
    aliases_settle(command->game, (ProtobufCMessage *)call->request, call->arena);
    return stands_at(command, err);
}

bool command_look(struct command *command, struct err *err)
{
    const struct game *game = command->game;
    int person = command->viewer.person;
    bool plays = person != GAME_NO_ONE && game->people[person].seat;
    bool late = game->terms.spectator_delay_ms && game->state == EVENTS__EVENT__STATE__RUNNING;
    return command->viewer.god || plays || !late || command_look_late(command, err);
}

bool command_look_late(struct command *command, struct err *err)
{
    if (!late_game(command->aggregate, command->call->now_ms, &command->game, err)) return false;
    names_show(command->events->names, command->game);
    return true;
}

bool command_begin_new(struct command *command, const char *event_id, struct err *err)
{
    struct live_need need = need_of(command->call);
    command->events = command->call->service;
    bool entered = aggregate_enter_new(command->events, event_id, &need, &command->aggregate, err);
    take_finding(command, &need);
    if (!entered) return false;
    take_up(command);
    return stands_at(command, err);
}

// What changed nothing may still be on its way to another process, and would be carried out there after what
// came between, unless the key is kept.
static void keep_key(struct command *command)
{
    struct entries *entries = &command->entries;
    bool keeps = command->call->command && !entries->count && !command->aggregate->live.gone;
    if (!keeps || !replica_all_know(command->events->replica, UNCHANGED_SINCE)) return;
    if (command->aggregate->unchanged++ < MOST_UNCHANGED)
        ENTRY(entries, command->game, UNCHANGED, Unchanged, unchanged);
}

bool command_commit(struct command *command, const ProtobufCMessage *reply, struct err *err)
{
    keep_key(command);
    if (command->entries.count == 0 && !command->entries.failed) return true;
    struct store_write write = *rpc_seal(command->call, reply, commit_done, NULL);
    if (command->call->arena->failed) return filled(NULL, err); // what is refused must not be written
    struct commit *commit = commit_create(command->aggregate, &command->entries);
    write.arg = commit;
    write.attached = command->attached;
    if (!commit_queue(command->aggregate, &command->entries, commit, &write, err)) return false;
    const struct aggregate *aggregate = command->aggregate;
    rpc_after(command->call, aggregate->live.ticket);
    if (aggregate->rows.ticket > aggregate->live.ticket) rpc_wait_for(command->call, aggregate->rows.ticket);
    return true;
}

// What was decided but not committed is undone by loading the event again.
void command_end(struct command *command)
{
    if (!command->aggregate) return;
    bool committed =
        !command->entries.failed &&
        (command->entries.count == 0 || command->aggregate->committed_seq == command->game->chain.seq);
    if (!committed) atomic_store(&command->aggregate->live.failed, true);
    aggregate_leave(command->aggregate);
}

bool command_secrets(struct command *command, const struct deal_secrets **secrets, struct err *err)
{
    *secrets = NULL;
    if (command->game->state != EVENTS__EVENT__STATE__LOCKED && !command->game->dealt) return true;
    if (!aggregate_secrets(command->aggregate, command->call->arena, err)) return false;
    *secrets = command->aggregate->secrets;
    return true;
}
