// Every method that keeps an Idempotency-Key is called with one: its command is kept together with a change
// of the table or stream that its passport names, and a repetition changes nothing. Other methods keep none.
#include <inttypes.h>

#include "services/events/testing/table.h"

struct step {
    const struct asker *who;
    const char *method, *request;
};

static const struct step steps[] = {
    {&dev, "events.CreateSide", "{'slug':'ghosts','name':'Ghosts'}"},
    {&dev, "events.UpdateSide", "{'id':'$ghosts','name':'The ghosts'}"},
    {&dev, "events.CreateRole", "{'slug':'poltergeist','name':'Poltergeist','side_id':'$ghosts','copies':2}"},
    {&dev, "events.UpdateRole", "{'id':'$poltergeist','copies':3}"},
    {&dev, "events.CreateLastMove", "{'number':9001,'name':'Haunt'}"},
    {&dev, "events.UpdateLastMove", "{'id':'$haunt','disabled':true}"},
    {&second_god, "events.CreateGroup", "{'name':'Theirs'}"},
    {&god, "events.UpdateGroup", "{'group_id':'$group','name':'Saturday'}"},
    {&god, "events.CreateDeck",
     "{'group_id':'$group','name':'doctors','roles':[{'role_id':'$doctor','copies':2}],"
     "'last_moves':[{'last_move_id':'$move','copies':1}]}"},
    {&god, "events.UpdateDeck", "{'deck_id':'$deck','name':'two doctors'}"},
    {&god, "events.CreateEvent",
     "{'group_id':'$group','deck_id':'$deck','title':'Evening','max_players':2,"
     "'starts_at':{'local':'2027-01-15T20:00:00','zone':'UTC'}}"},
    {&god, "events.UpdateEvent", "{" EVENT ",'title':'Late'}"},
    {&player, "events.VoteEvent", "{" EVENT ",'vote':'UP'}"},
    {&player, "events.Reserve", "{" EVENT "}"},
    {&other, "events.Reserve", "{" EVENT "}"},
    {&player, "events.CancelReservation", "{" EVENT ",'user_id':'$player'}"},
    {&player, "events.Reserve", "{" EVENT "}"},
    {&god, "events.OrderSeats", "{" EVENT ",'user_ids':['$other','$player']}"},
    {&god, "events.SetAttendance", "{" EVENT ",'user_id':'$player','attendance':'LATE'}"},
    {&god, "events.BanUser", "{" EVENT ",'username':'second'}"},
    {&god, "events.UnbanUser", "{" EVENT ",'user_id':'$second'}"},
    {&god, "events.AddAssistant", "{" EVENT ",'user_id':'01890000-0000-7000-8000-000000000002'}"},
    {&god, "events.RemoveAssistant", "{" EVENT ",'user_id':'01890000-0000-7000-8000-000000000002'}"},
    {&god, "events.LockEvent", "{" EVENT "}"},
    {&god, "events.UnlockEvent", "{" EVENT "}"},
    {&god, "events.LockEvent", "{" EVENT "}"},
    {&god, "events.Reveal", "{" EVENT "}"},
    {&god, "events.ShowCard", "{" EVENT ",'user_id':'$player'}"},
    {&god, "events.AddNote", "{" EVENT ",'user_id':'$player','audience':'PLAYER','text':'wake at two'}"},
    {&god, "events.AddTableNote", "{" EVENT ",'audience':'TABLE','text':'welcome'}"},
    {&god, "events.OpenPhase", "{" EVENT ",'kind':'DAY','timer':'600s'}"},
    {&god, "events.UpdatePhase", "{" EVENT ",'extend':'60s'}"},
    {&god, "events.UseAbility", "{" EVENT ",'user_id':'$player','target_id':'$other'}"},
    {&god, "events.ChainPlayer", "{" EVENT ",'user_id':'$player','to_id':'$other'}"},
    {&god, "events.ScorePlayer", "{" EVENT ",'user_id':'$player','score':7}"},
    {&god, "events.FoulPlayer", "{" EVENT ",'user_id':'$player'}"},
    {&god, "events.Undo", "{" EVENT ",'seq':'$foul'}"},
    {&god, "events.SetClock", "{" EVENT ",'seconds':90}"},
    {&god, "events.AskReady", "{" EVENT ",'seconds':60}"},
    {&player, "events.SayReady", "{" EVENT "}"},
    {&god, "events.OpenPoll", "{" EVENT ",'kind':'TRIAL','closes_in':'60s'}"},
    {&god, "events.UpdatePoll", "{" EVENT ",'poll_id':'$poll','extend':'60s'}"},
    {&player, "events.CastBallot", "{" EVENT ",'poll_id':'$poll','candidate_id':'$other'}"},
    {&god, "events.ClosePoll", "{" EVENT ",'poll_id':'$poll'}"},
    {&god, "events.UpdatePlayer", "{" EVENT ",'user_id':'$other','status':'KICKED'}"},
    {&god, "events.DrawLastMove", "{" EVENT ",'user_id':'$other'}"},
    {&god, "events.ClosePhase", "{" EVENT "}"},
    {&god, "events.FinishEvent", "{" EVENT ",'winning_side_ids':['$side']}"},
    {&god, "events.CreateEvent",
     "{'group_id':'$group','deck_id':'$deck','title':'Another','max_players':2,"
     "'starts_at':{'local':'2027-01-16T20:00:00','zone':'UTC'}}"},
    {&god, "events.HandOverEvent", "{" EVENT ",'god_id':'01890000-0000-7000-8000-000000000002'}"},
    {&second_god, "events.CancelEvent", "{" EVENT "}"},
    {&god, "events.CreateEvent",
     "{'group_id':'$group','deck_id':'$deck','title':'A third','max_players':2,"
     "'starts_at':{'local':'2027-01-17T20:00:00','zone':'UTC'}}"},
    {&god, "events.CreateTopic", "{'name':'third','pattern':'events.$event.public'}"},
    {&god, "events.DeleteEvent", "{" EVENT "}"},
};
enum { STEPS = sizeof steps / sizeof *steps };

static void remember_act(struct service_world *world, const char *name)
{
    char seq[24];
    const Events__EventReply *seen =
        (const void *)service_must(world, &god, "events.GetEvent", "{" EVENT "}").reply;
    snprintf(seq, sizeof seq, "%" PRIu64, seen->event->undo_seq);
    service_remember(world, name, seq);
}

static void remember(struct service_world *world, const char *method, const ProtobufCMessage *reply)
{
    if (strcmp(method, "events.CreateSide") == 0)
        service_remember(world, "ghosts", ((const Events__SideReply *)reply)->side->id);
    if (strcmp(method, "events.CreateRole") == 0)
        service_remember(world, "poltergeist", ((const Events__RoleReply *)reply)->role->id);
    if (strcmp(method, "events.CreateLastMove") == 0)
        service_remember(world, "haunt", ((const Events__LastMoveReply *)reply)->last_move->id);
    if (strcmp(method, "events.CreateDeck") == 0)
        service_remember(world, "deck", ((const Events__DeckReply *)reply)->deck->id);
    if (strcmp(method, "events.CreateEvent") == 0)
        service_remember(world, "event", ((const Events__EventReply *)reply)->event->id);
    if (strcmp(method, "events.OpenPoll") == 0)
        service_remember(world, "poll", ((const Events__PollReply *)reply)->poll->id);
    if (strcmp(method, "events.FoulPlayer") == 0) remember_act(world, "foul");
}

// ---- What is stored of a table, or of the streams whose names begin with a word

struct part {
    const char *table, *stream;
    crypto_generichash_state state;
};

static bool hash_item(void *arg, const struct store_item *item, struct err *err)
{
    (void)err;
    struct part *part = arg;
    size_t len = part->stream ? strlen(part->stream) : 0;
    bool is_of_stream =
        part->stream && !item->table && strncmp(item->id, part->stream, len) == 0 && item->id[len] == '.';
    bool is_of_table = part->table && item->table && strcmp(item->table->name, part->table) == 0;
    if (!is_of_stream && !is_of_table) return true;
    crypto_generichash_update(&part->state, (const uint8_t *)item->id, strlen(item->id) + 1);
    crypto_generichash_update(&part->state, item->bytes.data, item->bytes.len);
    return true;
}

static void hash_part(struct service_world *world, const struct schema_method *method, uint8_t hash[32])
{
    struct part part = {.table = method->keyed_table, .stream = method->keyed_stream};
    struct err err;
    crypto_generichash_init(&part.state, NULL, 0, 32);
    assert_true(store_each(world->events.store, hash_item, &part, &err));
    crypto_generichash_final(&part.state, hash, 32);
}

static bool is_kept(struct service_world *world, const struct schema_method *method,
                    const struct answer *answer)
{
    struct store_command command;
    struct err err;
    bool found;
    assert_true(store_command_find(world->events.store, method->keyed_table, answer->command, &world->arena,
                                   &found, &command, &err));
    return found;
}

// ---- Tests

static void take_step(struct service_world *world, const struct step *step, const char *key)
{
    uint8_t before[32], done[32], again[32];
    const struct schema_method *method = schema_method(step->method);
    hash_part(world, method, before);
    world->key = key;
    struct answer answer = service_must(world, step->who, step->method, step->request);
    assert_true(answer.keyed && !answer.repeated);
    if (!is_kept(world, method, &answer)) fail_msg("%s keeps no command", step->method);
    hash_part(world, method, done);
    if (memcmp(before, done, sizeof done) == 0) fail_msg("%s changes something else", step->method);
    answer = service_must(world, step->who, step->method, step->request);
    if (!answer.repeated) fail_msg("%s is done twice", step->method);
    hash_part(world, method, again);
    assert_memory_equal(done, again, sizeof done);
    world->key = NULL;
    remember(world, step->method, answer.reply);
}

static void prepare(struct service_world *world)
{
    Events__LastMove **moves;
    assert_true(catalogue_list(world->events.catalogue, EVENTS_LAST_MOVES, false, &world->arena,
                               (ProtobufCMessage ***)&moves) > 0);
    service_remember(world, "move", moves[0]->id);
    const Events__Role *doctor = (const Events__Role *)catalogue_find(
        world->events.catalogue, EVENTS_ROLES, service_recall(world, "doctor"), &world->arena);
    service_remember(world, "side", doctor->side_id);
}

static void every_keyed_method_keeps_its_command_where_its_passport_says(void **state)
{
    struct service_world *world = *state;
    char key[16];
    prepare(world);
    for (size_t i = 0; i < STEPS; i++) {
        snprintf(key, sizeof key, "step %zu", i);
        take_step(world, &steps[i], key);
    }
}

static bool is_a_step(const char *method)
{
    size_t i = 0;
    while (i < STEPS && strcmp(steps[i].method, method) != 0) i++;
    return i < STEPS;
}

static bool is_ours(const char *method) { return strncmp(method, "events.", strlen("events.")) == 0; }

static void no_keyed_method_was_forgotten_here(void **state)
{
    (void)state;
    size_t count;
    const struct schema_method *methods = schema_methods(&count);
    for (size_t i = 0; i < count; i++)
        if ((methods[i].keyed_table || methods[i].keyed_stream) && is_ours(methods[i].name) &&
            !is_a_step(methods[i].name))
            fail_msg("no step for %s", methods[i].name);
}

static void others_keep_none(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    world->key = "a key";
    assert_false(service_must(world, &god, "events.GetEvent", "{" EVENT "}").keyed);
    assert_false(service_ask(world, &god, "events.PutEventImage", "{'id':'$event','image':'AAAA'}").keyed);
    world->key = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_keyed_method_keeps_its_command_where_its_passport_says),
        cmocka_unit_test(no_keyed_method_was_forgotten_here),
        TEST(others_keep_none),
    };
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
