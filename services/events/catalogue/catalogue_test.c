// The catalogue in memory is the one that is stored.
#include <errno.h>
#include <sys/syscall.h>

#include "services/events/catalogue/acts.h"
#include "services/events/testing/table.h"

static bool disk_full; // for SQLite, whose writes pass here

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at);
ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    if (!disk_full) return syscall(SYS_pwrite64, fd, bytes, len, at);
    errno = ENOSPC;
    return -1;
}

static void reopen(struct service_world *world)
{
    char url[96];
    struct err err = {0};
    const struct events_settings settings = world->events.settings;
    snprintf(url, sizeof url, "sqlite:%s/events.db", world->dir);
    const struct events_options options = {.settings = &settings, .data_dir = world->dir, .store_url = url};
    events_close(&world->events);
    if (!events_open(&world->events, &options, &err)) fail_msg("%s", err.message);
}

static void wait_for(struct service_world *world, uint64_t ticket)
{
    struct err err;
    if (!store_wait(world->events.store, ticket, &err)) fail_msg("%s", err.message);
}

static void a_seed_leaves_alone_who_has_its_slug(void **state)
{
    struct service_world *world = *state;
    Events__Side **sides;
    ProtobufCMessage *stored;
    uint64_t version;
    struct err err;
    struct store *store = world->events.store;
    size_t count = catalogue_list(world->events.catalogue, EVENTS_SIDES, true, &world->arena,
                                  (ProtobufCMessage ***)&sides);
    assert_true(count > 1);
    Events__Side mine = *sides[0];
    mine.id = id_of(4242); // a dev's, from before the seed had it
    wait_for(world, store_delete(store, &events_tables[EVENTS_SIDES], sides[0]->id, 1, NULL));
    wait_for(world, store_put(store, &events_tables[EVENTS_SIDES], &mine.base, 0, NULL));
    reopen(world);
    assert_int_equal(catalogue_list(world->events.catalogue, EVENTS_SIDES, true, &world->arena,
                                    (ProtobufCMessage ***)&sides),
                     count);
    for (size_t i = 0; i < count; i++) {
        assert_true(store_get(world->events.store, &events_tables[EVENTS_SIDES], sides[i]->id, &world->arena,
                              &stored, &version, &err));
        assert_non_null(stored);
    }
}

static const Events__Side *find_side(struct service_world *world, const char *slug)
{
    Events__Side **sides;
    size_t count = catalogue_list(world->events.catalogue, EVENTS_SIDES, true, &world->arena,
                                  (ProtobufCMessage ***)&sides);
    for (size_t i = 0; i < count; i++)
        if (strcmp(sides[i]->slug, slug) == 0) return sides[i];
    fail_msg("there is no side %s", slug);
    return NULL;
}

// The row's version in the store.
static uint64_t stored_version(struct service_world *world, enum events_table table, const char *id)
{
    struct err err;
    uint64_t version;
    ProtobufCMessage *stored;
    if (!store_get(world->events.store, &events_tables[table], id, &world->arena, &stored, &version, &err))
        fail_msg("%s", err.message);
    assert_non_null(stored);
    return version;
}

// As older programs wrote it.
static void store_older_role(struct service_world *world, Events__Role *role)
{
    const struct store_table *roles = &events_tables[EVENTS_ROLES];
    role->wakes = EVENTS__ROLE__WAKES__WAKES_UNSPECIFIED;
    role->night_order = role->n = 0;
    role->meets = false;
    role->prompt = role->prompt_fa = role->effect_fa = "";
    uint64_t version = stored_version(world, EVENTS_ROLES, role->id);
    wait_for(world, store_put(world->events.store, roles, &role->base, version, NULL));
}

static void store_older_card(struct service_world *world, Events__LastMove *move)
{
    const struct store_table *moves = &events_tables[EVENTS_LAST_MOVES];
    move->name_fa = move->effect_fa = "";
    uint64_t version = stored_version(world, EVENTS_LAST_MOVES, move->id);
    wait_for(world, store_put(world->events.store, moves, &move->base, version, NULL));
}

static Events__Role *find_role(struct service_world *world, const char *slug)
{
    return (Events__Role *)catalogue_find(world->events.catalogue, EVENTS_ROLES, service_recall(world, slug),
                                          &world->arena);
}

// On the heap: requests empty the arena.
static Events__Role *copy_role(struct service_world *world, const char *slug)
{
    const Events__Role *role = find_role(world, slug);
    size_t len = events__role__get_packed_size(role);
    uint8_t *bytes = arena_alloc(&world->arena, len);
    events__role__pack(role, bytes);
    return events__role__unpack(NULL, len, bytes);
}

static void assert_same_night(const Events__Role *role, const Events__Role *seed)
{
    assert_int_equal(role->wakes, seed->wakes);
    assert_int_equal(role->night_order, seed->night_order);
    assert_int_equal(role->n, seed->n);
    assert_int_equal(role->meets, seed->meets);
    assert_string_equal(role->prompt, seed->prompt);
    assert_string_equal(role->prompt_fa, seed->prompt_fa);
    assert_string_equal(role->effect_fa, seed->effect_fa);
    assert_int_not_equal(role->wakes, EVENTS__ROLE__WAKES__WAKES_UNSPECIFIED);
}

static Events__LastMove *find_card(struct service_world *world, int32_t number)
{
    Events__LastMove **moves;
    size_t count = catalogue_list(world->events.catalogue, EVENTS_LAST_MOVES, true, &world->arena,
                                  (ProtobufCMessage ***)&moves);
    for (size_t i = 0; i < count; i++)
        if (moves[i]->number == number) return moves[i];
    fail_msg("there is no card %d", number);
    return NULL;
}

// A store of an older program. In it a dev edited the Doctor and card 3, switched the Thief off, and added a
// role and a card of their own.
static void store_older_catalogue(struct service_world *world)
{
    service_must(world, &dev, "events.CreateRole",
                 "{'slug':'stranger','name':'Stranger','side_id':'$side','copies':2}");
    service_must(world, &dev, "events.CreateLastMove", "{'number':4000,'name':'Mine'}");
    Events__Role **roles;
    Events__LastMove **moves;
    struct catalogue *catalogue = world->events.catalogue;
    size_t count = catalogue_list(catalogue, EVENTS_ROLES, true, &world->arena, (ProtobufCMessage ***)&roles);
    for (size_t i = 0; i < count; i++) {
        bool doctor = strcmp(roles[i]->slug, "doctor") == 0;
        if (doctor) roles[i]->name = "Healer", roles[i]->effect = "Heals", roles[i]->copies = 7;
        roles[i]->disabled = strcmp(roles[i]->slug, "thief") == 0;
        store_older_role(world, roles[i]);
    }
    count = catalogue_list(catalogue, EVENTS_LAST_MOVES, true, &world->arena, (ProtobufCMessage ***)&moves);
    for (size_t i = 0; i < count; i++) {
        if (moves[i]->number == 3) moves[i]->name = "Count", moves[i]->rate = 9;
        store_older_card(world, moves[i]);
    }
}

// Roles and cards in order, packed into the arena.
static ProtobufCBinaryData pack_catalogue(struct service_world *world)
{
    ProtobufCBinaryData packed = {0, arena_alloc(&world->arena, 1 << 20)};
    assert_non_null(packed.data);
    for (int table = EVENTS_ROLES; table <= EVENTS_LAST_MOVES; table++) {
        ProtobufCMessage **rows;
        size_t count =
            catalogue_list(world->events.catalogue, (enum events_table)table, true, &world->arena, &rows);
        for (size_t i = 0; i < count; i++)
            packed.len += protobuf_c_message_pack(rows[i], packed.data + packed.len);
    }
    return packed;
}

static void an_older_store_is_given_its_nights(void **state)
{
    struct service_world *world = *state;
    service_remember(world, "side", find_role(world, "doctor")->side_id);
    const char *const slugs[] = {"doctor", "priest", "mafia-boss", "thief", "healthy"};
    Events__Role *fresh[5];
    for (size_t i = 0; i < 5; i++) fresh[i] = copy_role(world, slugs[i]);
    store_older_catalogue(world);
    reopen(world);
    for (size_t i = 0; i < 5; i++) {
        assert_same_night(find_role(world, slugs[i]), fresh[i]);
        events__role__free_unpacked(fresh[i], NULL);
    }
    const Events__Role *doctor = find_role(world, "doctor");
    assert_string_equal(doctor->name, "Healer");
    assert_string_equal(doctor->effect, "Heals");
    assert_int_equal(doctor->copies, 7);
    assert_true(find_role(world, "thief")->disabled);
    assert_string_equal(find_card(world, 3)->name, "Count");
    assert_int_equal(find_card(world, 3)->rate, 9);
    assert_string_equal(find_card(world, 3)->name_fa, "سرشماری");
    assert_string_not_equal(find_card(world, 3)->effect_fa, "");
}

static void what_the_seed_has_not_stays_unsaid(void **state)
{
    struct service_world *world = *state;
    service_remember(world, "side", find_role(world, "doctor")->side_id);
    store_older_catalogue(world);
    uint64_t version = stored_version(world, EVENTS_ROLES, find_role(world, "stranger")->id);
    reopen(world);
    const Events__Role *stranger = find_role(world, "stranger");
    assert_int_equal(stranger->wakes, EVENTS__ROLE__WAKES__WAKES_UNSPECIFIED);
    assert_int_equal(stranger->night_order, 0);
    assert_int_equal(stored_version(world, EVENTS_ROLES, stranger->id), version);
    assert_string_equal(find_card(world, 4000)->name_fa, "");
    service_must(world, &dev, "events.UpdateRole", "{'id':'$stranger','copies':3}");
    assert_int_equal(find_role(world, "stranger")->wakes, EVENTS__ROLE__WAKES__WAKES_UNSPECIFIED);
}

static void a_store_is_completed_once(void **state)
{
    struct service_world *world = *state;
    service_remember(world, "side", find_role(world, "doctor")->side_id);
    store_older_catalogue(world);
    reopen(world);
    ProtobufCBinaryData once = pack_catalogue(world);
    uint8_t *kept = malloc(once.len + 1);
    assert_true(kept && once.len > 0);
    memcpy(kept, once.data, once.len);
    uint64_t version = stored_version(world, EVENTS_ROLES, find_role(world, "doctor")->id);
    reopen(world);
    ProtobufCBinaryData twice = pack_catalogue(world);
    assert_int_equal(twice.len, once.len);
    assert_memory_equal(twice.data, kept, once.len);
    assert_int_equal(stored_version(world, EVENTS_ROLES, find_role(world, "doctor")->id), version);
    free(kept);
}

// Older programs knew of no side that it meets.
static void a_side_of_an_older_program_meets_as_the_seed_says(void **state)
{
    struct service_world *world = *state;
    Events__Side older = *find_side(world, "mafia");
    older.meets__case = EVENTS__SIDE__MEETS___NOT_SET;
    uint64_t version = stored_version(world, EVENTS_SIDES, older.id);
    wait_for(world, store_put(world->events.store, &events_tables[EVENTS_SIDES], &older.base, version, NULL));
    reopen(world);
    assert_true(find_side(world, "mafia")->meets);
    service_remember(world, "mafia", find_side(world, "mafia")->id);
    service_must(world, &dev, "events.UpdateSide", "{'id':'$mafia','meets':false}");
    reopen(world);
    assert_false(find_side(world, "mafia")->meets);
}

// As after a kill in between: some rows are complete, and a dev has edited them since.
static void what_is_said_is_not_said_again(void **state)
{
    struct service_world *world = *state;
    service_must(
        world, &dev, "events.UpdateRole",
        "{'id':'$doctor','wakes':'NEVER','night_order':0,'prompt':'','prompt_fa':'','effect_fa':''}");
    service_remember(world, "card", find_card(world, 3)->id);
    service_must(world, &dev, "events.UpdateLastMove", "{'id':'$card','name_fa':'شمار','effect_fa':''}");
    store_older_role(world, find_role(world, "hunter"));
    store_older_card(world, find_card(world, 4));
    reopen(world);
    const Events__Role *hunter = find_role(world, "hunter");
    assert_int_equal(hunter->wakes, EVENTS__ROLE__WAKES__EVEN);
    assert_string_not_equal(hunter->prompt, "");
    assert_string_not_equal(find_card(world, 4)->name_fa, "");
    assert_int_equal(find_role(world, "doctor")->wakes, EVENTS__ROLE__WAKES__NEVER);
    assert_string_equal(find_role(world, "doctor")->effect_fa, "");
    assert_string_equal(find_card(world, 3)->name_fa, "شمار");
    assert_string_equal(find_card(world, 3)->effect_fa, "");
}

// The edit rests on the version that the store has after the completion.
static void a_completed_row_is_edited_as_any(void **state)
{
    struct service_world *world = *state;
    store_older_role(world, find_role(world, "hunter"));
    reopen(world);
    service_must(world, &dev, "events.UpdateRole", "{'id':'$hunter','prompt':'Hunt'}");
    reopen(world);
    assert_string_equal(find_role(world, "hunter")->prompt, "Hunt");
    assert_int_equal(find_role(world, "hunter")->wakes, EVENTS__ROLE__WAKES__EVEN);
}

// The catalogue is whole in memory, and an edit stores its row as soon as there is room.
static void a_full_disk_puts_it_off(void **state)
{
    struct service_world *world = *state;
    struct err err;
    struct catalogue *catalogue;
    const struct store_write write = {0};
    Events__Role *hunter = find_role(world, "hunter");
    store_older_role(world, hunter);
    disk_full = true;
    bool opened = catalogue_open(&catalogue, world->events.store, NULL, &err);
    disk_full = false;
    if (!opened) fail_msg("%s", err.message);
    ProtobufCMessage *row = catalogue_find(catalogue, EVENTS_ROLES, hunter->id, &world->arena), *stored;
    uint64_t version = stored_version(world, EVENTS_ROLES, hunter->id), now;
    while (!catalogue_save(catalogue, EVENTS_ROLES, row, NULL, &write, &err))
        if (!err_is(&err, STORE_FULL)) fail_msg("%s", err.message);
    assert_true(store_get(world->events.store, &events_tables[EVENTS_ROLES], hunter->id, &world->arena,
                          &stored, &now, &err));
    assert_int_equal(now, version + 1);
    assert_int_equal(((Events__Role *)stored)->wakes, EVENTS__ROLE__WAKES__EVEN);
    catalogue_close(catalogue);
}

// ---- The audit

static Audit__ListReply *acts(struct service_world *world)
{
    const Audit__ListRequest request = AUDIT__LIST_REQUEST__INIT;
    Audit__ListReply *reply = arena_new(&world->arena, Audit__ListReply);
    struct err err;
    audit__list_reply__init(reply);
    if (!audit_list(world->events.audit, &request, &world->arena, reply, &err)) fail_msg("%s", err.message);
    return reply;
}

static void an_edit_is_told_once_and_shown_to_nobody(void **state)
{
    struct service_world *world = *state;
    service_remember(world, "mafia", find_side(world, "mafia")->id);
    service_must(world, &dev, "events.UpdateSide", "{'id':'$mafia','meets':false}");
    service_must(world, &dev, "events.UpdateSide", "{'id':'$mafia','name':'The mafia','disabled':false}");
    for (int restarted = 0; restarted < 2; restarted++, reopen(world)) {
        const Audit__ListReply *reply = acts(world);
        assert_int_equal(reply->n_entries, 2);
        const Audit__Entry *entry = reply->entries[0]->entry;
        assert_int_equal(entry->kind, AUDIT__AUDIT_KIND__VALUE__SIDE_UPDATED);
        assert_string_equal(entry->target, find_side(world, "mafia")->id);
        assert_string_equal(entry->actor->user_id, dev.user_id);
        assert_int_equal(entry->edited->n_fields, 2);
        assert_int_equal(find_side(world, "mafia")->base.n_unknown_fields, 0);
    }
}

// Stored, and killed before the audit has it.
static void an_edit_of_before_a_crash_is_told_at_the_start(void **state)
{
    struct service_world *world = *state;
    struct err err;
    Rpc__Caller caller = RPC__CALLER__INIT;
    struct rpc_call call = {.arena = &world->arena, .caller = &caller, .now_ms = world->now_ms};
    const Events__Side *side = find_side(world, "mafia");
    const uint64_t version = stored_version(world, EVENTS_SIDES, side->id);
    const Audit__Entry *act =
        audit_act(world->events.audit, &call, AUDIT__AUDIT_KIND__VALUE__SIDE_UPDATED, side->id);
    const ProtobufCMessage *stored;
    assert_true(act_row(&side->base, act, &world->arena, &stored, &err));
    wait_for(world, store_put(world->events.store, &events_tables[EVENTS_SIDES], stored, version, NULL));
    assert_int_equal(acts(world)->n_entries, 0);
    for (int again = 0; again < 2; again++) {
        reopen(world);
        assert_int_equal(acts(world)->n_entries, 1);
        assert_string_equal(acts(world)->entries[0]->entry->id, act->id);
    }
}

static void a_list_stays_small_enough_for_one_reply(void **state)
{
    struct service_world *world = *state;
    char request[WORLD_REQUEST], effect[1025], fa[2049];
    struct answer answer = {.ok = true};
    int made = 0;
    for (int i = 0; i < 1024; i++) effect[i] = 'x', memcpy(fa + 2L * i, "ش", 2);
    effect[1024] = fa[2048] = 0;
    service_remember(world, "side", find_role(world, "doctor")->side_id);
    for (; answer.ok && made < 2000; made += answer.ok) {
        snprintf(request, sizeof request,
                 "{'slug':'r-%d','name':'R','side_id':'$side','copies':1,'effect':'%s','effect_fa':'%s'}",
                 made, effect, fa);
        answer = service_ask(world, &dev, "events.CreateRole", request);
    }
    assert_int_equal(answer.err.reason, CONSE__REASON__VALUE__LIMIT_REACHED);
    assert_in_range(made, 200, 500);
    const Events__ListRolesReply *reply =
        (const void *)service_must(world, &player, "events.ListRoles", "{}").reply;
    assert_int_equal(reply->n_roles, 67 + made);
    assert_true(protobuf_c_message_get_packed_size(&reply->base) < RPC_MAX_SEALED_BYTES);
    service_must(world, &dev, "events.UpdateRole", "{'id':'$spy','effect':''}"); // smaller
}

static void a_title_is_what_a_row_is_called_now(void **state)
{
    struct service_world *world = *state;
    Events__Title *role, *side, *unknown;
    const char *side_id = "";
    service_remember(world, "side", find_role(world, "doctor")->side_id);
    const struct title_place places[] = {
        {EVENTS_ROLES, service_recall(world, "doctor"), &role, &side_id, NULL},
        {EVENTS_SIDES, service_recall(world, "side"), &side, NULL, NULL},
        {EVENTS_ROLES, service_recall(world, "side"), &unknown, NULL, NULL},
    };
    assert_true(catalogue_titles(world->events.catalogue, places, 3, &world->arena));
    assert_string_equal(role->name, "Doctor");
    assert_true(role->name_fa[0] && side->name[0]);
    assert_string_equal(side_id, side->id);
    assert_string_equal(unknown->id, service_recall(world, "side"));
    assert_string_equal(unknown->name, "");
    uint64_t version = catalogue_version(world->events.catalogue);
    service_must(world, &dev, "events.UpdateRole", "{'id':'$doctor','name':'Healer'}");
    assert_int_not_equal(catalogue_version(world->events.catalogue), version);
    struct title_place again = places[0];
    again.id = service_recall(world, "doctor");
    assert_true(catalogue_titles(world->events.catalogue, &again, 1, &world->arena));
    assert_string_equal(role->name, "Healer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_seed_leaves_alone_who_has_its_slug),
        TEST(an_older_store_is_given_its_nights),
        TEST(what_the_seed_has_not_stays_unsaid),
        TEST(a_store_is_completed_once),
        TEST(a_side_of_an_older_program_meets_as_the_seed_says),
        TEST(what_is_said_is_not_said_again),
        TEST(a_completed_row_is_edited_as_any),
        TEST(a_full_disk_puts_it_off),
        TEST(an_edit_is_told_once_and_shown_to_nobody),
        TEST(an_edit_of_before_a_crash_is_told_at_the_start),
        TEST(a_list_stays_small_enough_for_one_reply),
        TEST(a_title_is_what_a_row_is_called_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
