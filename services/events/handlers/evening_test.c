// Two whole evenings through the service's own methods, on a real store, that differ in one hidden role. A
// viewer that may not know it gets the same bytes, whatever they ask and follow and whenever, refusals
// included; so does their topic. Each evening is played in a process of its own, which writes down what every
// viewer saw.
#include <sys/wait.h>

#include "lib/base/cursor.h"
#include "notifications.pb-c.h"
#include "services/events/testing/evening_follow.h"
#include "services/events/tables.h"

// What differs between the two evenings.
struct variant {
    uint32_t secrets[DEAL_SECRETS]; // each deal secret is this number, repeated
    const char *changed_to;         // the role that A is silently changed to, or NULL
    bool no_abilities;              // no ability is used whose success would depend on the role
    bool whispers;                  // what the god and A say to each other alone, and what follows from it
    bool wakes;                     // A is there at night
    const char *delay;              // of spectators, or NULL
};

// ---- What may differ: hashes that commit to the hidden part, and secrets that were opened. Their length
// stays.

static const char *const committing[] = {"commitments", "root", "secret", "siblings", "hash", "signature"};

static bool is_committing(const ProtobufCFieldDescriptor *field, const ProtobufCMessageDescriptor *type)
{
    for (size_t i = 0; i < sizeof committing / sizeof *committing; i++)
        if (strcmp(field->name, committing[i]) == 0) return true;
    return strcmp(field->name, "salt") == 0 &&
           (type == &events__proof__descriptor || type == &game__card_dealt__descriptor);
}

static void blank(ProtobufCMessage *message);

// Packed messages within messages: an entry in the log, a notice of a topic.
static void blank_packed(ProtobufCBinaryData *bytes, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = protobuf_c_message_unpack(type, NULL, bytes->len, bytes->data);
    need(message);
    blank(message);
    need(protobuf_c_message_get_packed_size(message) == bytes->len);
    protobuf_c_message_pack(message, bytes->data);
    protobuf_c_message_free_unpacked(message, NULL);
}

static void blank_bytes(ProtobufCBinaryData *bytes, const ProtobufCFieldDescriptor *field,
                        const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    if (is_committing(field, type) && bytes->len) memset(bytes->data, 0, bytes->len);
    bool logged = type == &events__log_entry__descriptor || type == &events__me_entry__descriptor;
    if (logged && strcmp(field->name, "payload") == 0 && bytes->len)
        blank_packed(bytes, &game__entry__descriptor);
    if (type == &game__user_notice__descriptor && strcmp(field->name, "entry") == 0)
        blank_packed(bytes, &game__entry__descriptor);
    if (type != &bus__notice__descriptor || strcmp(field->name, "payload") != 0) return;
    bool personal = strncmp(((const Bus__Notice *)message)->stream, "users.", 6) == 0;
    blank_packed(bytes, personal ? &game__user_notice__descriptor : &events__log_entry__descriptor);
}

static bool is_set(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message)
{
    return !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
           *(const uint32_t *)((const char *)message + field->quantifier_offset) == field->id;
}

static void blank(ProtobufCMessage *message)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        char *at = (char *)message + field->offset;
        bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
        size_t count = repeated ? *(size_t *)((char *)message + field->quantifier_offset) : 1;
        if (!is_set(field, message)) continue;
        if (repeated) at = *(char **)at;
        for (size_t n = 0; n < count; n++) {
            if (field->type == PROTOBUF_C_TYPE_BYTES)
                blank_bytes((ProtobufCBinaryData *)at + n, field, message);
            if (field->type == PROTOBUF_C_TYPE_MESSAGE && ((ProtobufCMessage **)at)[n])
                blank(((ProtobufCMessage **)at)[n]);
        }
    }
}

// ---- Playing

struct evening {
    struct service_world *world;
    struct variant variant;
    FILE *seen[VIEWERS];
    struct evening_follow follow;
    const char *step; // being looked at
    size_t number;
};

static void forget_epoch(const char *cursor)
{
    need(strlen(cursor) > CURSOR_EPOCH);
    memset((char *)cursor, 'x', CURSOR_EPOCH);
}

// The store's own random number tells the evenings apart for everybody.
static void forget_generation(const ProtobufCMessage *reply)
{
    if (reply->descriptor == &bus__read_reply__descriptor) ((Bus__ReadReply *)reply)->generation = 0;
    if (reply->descriptor == &bus__heads__descriptor) ((Bus__Heads *)reply)->generation = 0;
    if (reply->descriptor == &events__list_notifications_reply__descriptor) {
        const Events__ListNotificationsReply *list = (const void *)reply;
        for (size_t i = 0; i < list->n_notifications; i++) forget_epoch(list->notifications[i]->cursor);
    }
    if (reply->descriptor != &events__log_reply__descriptor) return;
    Events__LogReply *log = (Events__LogReply *)reply;
    forget_epoch(log->cursor);
    for (size_t i = 0; i < log->n_entries; i++) forget_epoch(log->entries[i]->cursor);
}

// Through bytes, as replies travel: some are filled with bytes that were packed before.
static void print_reply(FILE *out, const ProtobufCMessage *reply)
{
    size_t len = protobuf_c_message_get_packed_size(reply);
    uint8_t *bytes = malloc(len + 1), hash[32];
    char hex[65];
    need(bytes);
    protobuf_c_message_pack(reply, bytes);
    blank_packed(&(ProtobufCBinaryData){len, bytes}, reply->descriptor);
    crypto_hash_sha256(hash, bytes, len);
    hex_encode(hex, hash, sizeof hash);
    fprintf(out, "%zu bytes %s\n", len, hex);
    free(bytes);
}

static void ask(struct evening *evening, size_t viewer, const struct step *step)
{
    FILE *out = evening->seen[viewer];
    struct asker asker = asker_of(&viewers[viewer]);
    service_remember(evening->world, "self", asker.user_id);
    struct answer answer = service_ask(evening->world, &asker, step->method, step->request);
    fprintf(out, "%zu %s: %s %s: ", evening->number, evening->step, step->method, step->request);
    if (answer.ok) forget_generation(answer.reply);
    if (answer.ok)
        print_reply(out, answer.reply);
    else
        fprintf(out, "%s '%s' '%s' %u\n", err_name(&answer.err), answer.err.field, answer.err.message,
                answer.err.retry_after_s);
}

// No route leads to a feed: for nobody the gateway asks it by itself, and tells nobody.
static bool can_ask(size_t viewer, const struct step *step)
{
    return viewers[viewer].user || strncmp(step->method, "events.feed.", strlen("events.feed.")) != 0;
}

static void everybody_asks(struct evening *evening, const struct step *steps, size_t count)
{
    for (size_t viewer = 0; viewer < VIEWERS; viewer++)
        for (size_t i = 0; i < count; i++)
            if (can_ask(viewer, &steps[i])) ask(evening, viewer, &steps[i]);
}

static void everybody_follows(struct evening *evening)
{
    for (size_t viewer = 0; viewer < VIEWERS; viewer++) {
        FILE *out = evening->seen[viewer];
        for (size_t room = 0; room < FOLLOWED_ROOMS; room++) {
            fprintf(out, "%zu %s: follows %s: ", evening->number, evening->step, followed_rooms[room]);
            follow_room_on(&evening->follow, viewer, room, out, print_reply);
        }
        fprintf(out, "%zu %s: follows who is there: ", evening->number, evening->step);
        follow_presence_on(&evening->follow, viewer, out, print_reply);
    }
}

// What the acting viewer is answered is written down too.
static void take_step(struct evening *evening, const struct step *step)
{
    struct service_world *world = evening->world;
    if (strcmp(step->who, "clock") == 0) {
        service_wait(world, atol(step->method));
        return;
    }
    bool change = strcmp(step->who, "change") == 0, whisper = strncmp(step->who, "whisper:", 8) == 0;
    bool skipped = (change && !evening->variant.changed_to) || (whisper && !evening->variant.whispers) ||
                   (step->may_fail && evening->variant.no_abilities);
    dice.request += skipped; // what comes later draws the same
    if (skipped) return;
    struct asker asker =
        asker_of(&viewers[change ? THE_GOD : viewer_named(whisper ? step->who + 8 : step->who)]);
    if (!change && !whisper && strcmp(step->who, "god") != 0) {
        ask(evening, viewer_named(step->who), step);
        return;
    }
    struct answer answer = step->may_fail ? service_ask(world, &asker, step->method, step->request)
                                          : service_must(world, &asker, step->method, step->request);
    if (answer.ok) remember_made(world, step->method, answer.reply);
}

static void fill_secret(uint8_t secret[DEAL_HASH], uint32_t number)
{
    for (size_t i = 0; i < DEAL_HASH; i += sizeof number) memcpy(secret + i, &number, sizeof number);
}

static void prepare(struct evening *evening, const char *folder)
{
    struct service_world *world = evening->world = service_world_open();
    Events__LastMove **moves;
    for (size_t i = 0; i < VIEWERS; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", folder, viewers[i].name);
        evening->seen[i] = fopen(path, "w");
        need(evening->seen[i]);
        service_remember(world, viewers[i].name, asker_of(&viewers[i]).user_id);
    }
    need(catalogue_list(world->events.catalogue, EVENTS_LAST_MOVES, false, &world->arena,
                        (ProtobufCMessage ***)&moves) > 1);
    service_remember(world, "move", moves[0]->id);
    service_remember(world, "secondmove", moves[1]->id);
    service_remember(world, "firstpoll", id_of(1));
    service_remember(world, "poll", id_of(1));
    service_remember(world, "other", id_of(A));
    service_remember(world, "mafiaside",
                     ((Events__Role *)catalogue_find(world->events.catalogue, EVENTS_ROLES,
                                                     service_recall(world, "nightmare"), &world->arena))
                         ->side_id);
    if (evening->variant.changed_to) {
        Events__Role *role =
            (Events__Role *)catalogue_find(world->events.catalogue, EVENTS_ROLES,
                                           service_recall(world, evening->variant.changed_to), &world->arena);
        service_remember(world, "changed", role->id);
        service_remember(world, "changedside", role->side_id);
    }
    for (size_t i = 0; i < DEAL_SECRETS; i++)
        fill_secret(dice.secrets + i * DEAL_HASH, evening->variant.secrets[i]);
    for (size_t i = 0; i < sizeof opening / sizeof *opening; i++) take_step(evening, &opening[i]);
}

// In the child process.
static void play(const struct variant *variant, const char *folder)
{
    struct evening evening = {.variant = *variant};
    char request[96];
    prepare(&evening, folder);
    evening.follow = (struct evening_follow){.world = evening.world, .wakes = variant->wakes};
    snprintf(request, sizeof request, "{" EVENT ",'spectator_delay':'%s'}",
             variant->delay ? variant->delay : "");
    const struct asker the_god = asker_of(&viewers[THE_GOD]);
    if (variant->delay) service_must(evening.world, &the_god, "events.UpdateEvent", request);
    const char *event_id = service_recall(evening.world, "event");
    for (size_t i = 0; i < sizeof evening_steps / sizeof *evening_steps; i++) {
        evening.number = i;
        evening.step = evening_steps[i].method;
        take_step(&evening, &evening_steps[i]);
        service_hand_out(evening.world, event_id);
        everybody_asks(&evening, questions, sizeof questions / sizeof *questions);
        everybody_follows(&evening);
    }
    everybody_asks(&evening, attempts, sizeof attempts / sizeof *attempts);
    for (size_t i = 0; i < VIEWERS; i++) need(fclose(evening.seen[i]) == 0);
    service_world_close(evening.world);
}

// ---- Comparing

struct folder {
    char path[64];
};

static struct folder folder_create(void)
{
    struct folder folder = {0};
    test_folder_make(folder.path);
    return folder;
}

static void in_a_process(void (*run)(const struct variant *variant, const char *folder),
                         const struct variant *variant, const struct folder *folder)
{
    int status = 1;
    pid_t child = fork();
    if (child == 0) {
        run(variant, folder->path);
        _exit(0);
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    assert_int_equal(status, 0);
}

static FILE *open_seen(const struct folder *folder, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

// True when both evenings' notes of the viewer are equal; otherwise *first is where they begin to differ.
static bool saw_the_same(const struct folder *one, const struct folder *two, const char *viewer,
                         char first[1024], size_t *lines)
{
    FILE *a = open_seen(one, viewer), *b = open_seen(two, viewer);
    char line_a[1024] = "", line_b[1024] = "";
    bool more_a, more_b;
    for (*lines = 0;; ++*lines) {
        more_a = fgets(line_a, sizeof line_a, a), more_b = fgets(line_b, sizeof line_b, b);
        if (!more_a || !more_b || strcmp(line_a, line_b) != 0) break;
    }
    fclose(a), fclose(b);
    snprintf(first, 1024, "%.500s%.500s", line_a, line_b);
    return !more_a && !more_b;
}

static void assert_all_but(const struct folder *one, const struct folder *two, size_t first_knowing)
{
    char first[1024];
    size_t lines, knowing = 0;
    for (size_t i = 0; i < first_knowing; i++) {
        bool same = saw_the_same(one, two, viewers[i].name, first, &lines);
        if (!same) print_error("%s can tell the evenings apart:\n%s", viewers[i].name, first);
        knowing += !same;
        assert_true(!same ||
                    lines > sizeof evening_steps / sizeof *evening_steps * 16); // nobody has 17 questions
    }
    assert_int_equal(knowing, 0);
    for (size_t i = first_knowing; i < VIEWERS; i++) // or the test could not fail
        assert_false(saw_the_same(one, two, viewers[i].name, first, &lines));
}

static void compare(const struct variant *one, const struct variant *two, size_t first_knowing)
{
    struct folder seen_one = folder_create(), seen_two = folder_create();
    in_a_process(play, one, &seen_one);
    in_a_process(play, two, &seen_two);
    assert_all_but(&seen_one, &seen_two, first_knowing);
    test_folder_remove(seen_one.path);
    test_folder_remove(seen_two.path);
}

// ---- Finding deal secrets that differ in one card

// What the deal rests on besides the secrets, as the service made it.
struct table {
    char event_id[UUID_LEN + 1];
    struct remembered roles[8]; // by id: slug and id
    size_t roles_count;
};

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct remembered *)a)->text, ((const struct remembered *)b)->text);
}

static const char *const slugs[] = {"spy", "opium", "jailer", "nightmare", "bomber", "surgeon"};
enum { CARDS = sizeof slugs / sizeof *slugs, SEATS = 4 };

static void lay(const struct variant *variant, const char *folder)
{
    struct evening evening = {.variant = *variant};
    struct table table = {.roles_count = CARDS};
    char path[256];
    prepare(&evening, folder);
    strcpy(table.event_id, service_recall(evening.world, "event"));
    for (size_t i = 0; i < CARDS; i++) {
        strcpy(table.roles[i].name, slugs[i]);
        strcpy(table.roles[i].text, service_recall(evening.world, slugs[i]));
    }
    qsort(table.roles, CARDS, sizeof *table.roles, by_id);
    snprintf(path, sizeof path, "%s/table", folder);
    FILE *file = fopen(path, "w");
    need(file && fwrite(&table, sizeof table, 1, file) == 1 && fclose(file) == 0);
    service_world_close(evening.world);
}

static struct table read_table(void)
{
    struct table table;
    struct folder folder = folder_create();
    in_a_process(lay, &(struct variant){.changed_to = NULL}, &folder);
    FILE *file = open_seen(&folder, "table");
    assert_int_equal(fread(&table, sizeof table, 1, file), 1);
    fclose(file);
    test_folder_remove(folder.path);
    return table;
}

static void deal_at(const struct table *table, uint8_t k, uint32_t number, const char *cards[SEATS])
{
    uint8_t nonces[2][DEAL_NONCE], secret[DEAL_HASH];
    char users[SEATS][UUID_LEN + 1];
    struct deal_seat seats[SEATS];
    struct deal_role roles[CARDS];
    uint16_t role_of[DEAL_MAX_SEATS];
    for (int i = 0; i < DEAL_NONCE; i++) nonces[0][i] = nonces[1][i] = (uint8_t)i;
    nonces[1][0] = 0x20;
    for (unsigned i = 0; i < SEATS; i++) {
        seats[i] =
            (struct deal_seat){strcpy(users[i], id_of(USER + i)), nonces[i / 2], i % 2 == 0 ? DEAL_NONCE : 0};
    }
    for (size_t i = 0; i < CARDS; i++) roles[i] = (struct deal_role){table->roles[i].text, 1};
    const struct deal_terms terms = {.event_id = table->event_id,
                                     .k = k,
                                     .roles = roles,
                                     .roles_count = CARDS,
                                     .seats = seats,
                                     .seats_count = SEATS};
    fill_secret(secret, number);
    assert_true(deal_cards(&terms, secret, role_of));
    for (size_t i = 0; i < SEATS; i++) cards[i] = table->roles[role_of[i]].name;
}

static bool holds(const char *const cards[SEATS], const char *card)
{
    for (size_t i = 0; i < SEATS; i++)
        if (strcmp(cards[i], card) == 0) return true;
    return false;
}

static bool is_mafia(const char *card) { return strcmp(card, "bomber") == 0 || strcmp(card, "surgeon") == 0; }

static bool same_but_first(const char *const one[SEATS], const char *const two[SEATS])
{
    for (size_t i = 1; i < SEATS; i++)
        if (strcmp(one[i], two[i]) != 0) return false;
    return strcmp(one[0], two[0]) != 0;
}

// Two secrets for deal k that give A a citizen with two uses and a mafioso with none, the others the same: of
// whom the neighbour alone is of the mafia, and knows A when A is, too.
static void find_deals(const struct table *table, uint8_t k, struct variant *one, struct variant *two)
{
    enum { TRIES = 1000000 };
    const char *cards[SEATS], *others[SEATS];
    uint32_t number = 0;
    do deal_at(table, k, ++number, cards);
    while (number < TRIES && (strcmp(cards[0], "jailer") != 0 || holds(cards, "nightmare") ||
                              !is_mafia(cards[1]) || is_mafia(cards[2]) || is_mafia(cards[3])));
    one->secrets[k - 1] = number;
    do deal_at(table, k, ++number, others);
    while (number < TRIES && (strcmp(others[0], "nightmare") != 0 || !same_but_first(cards, others)));
    two->secrets[k - 1] = number;
    assert_true(number < TRIES);
}

static void others_learn_nothing_of_a_dealt_role(void **state)
{
    (void)state;
    const struct table table = read_table();
    struct variant one = {.changed_to = NULL}, two = {.changed_to = NULL};
    for (int k = 2; k <= 3; k++) find_deals(&table, (uint8_t)k, &one, &two);
    two.wakes = true; // at night
    compare(&one, &two, THE_NEIGHBOUR);
    one.delay = two.delay = "120s";
    compare(&one, &two, THE_NEIGHBOUR);
}

static void not_even_the_owner_learns_of_an_untold_change(void **state)
{
    (void)state;
    compare(&(struct variant){.changed_to = "hana"}, &(struct variant){.changed_to = "anthrax"}, THE_GOD);
}

static void nor_that_there_was_one(void **state)
{
    (void)state;
    compare(&(struct variant){.no_abilities = true},
            &(struct variant){.changed_to = "anthrax", .no_abilities = true}, THE_GOD);
}

static void nobody_hears_what_two_say(void **state)
{
    (void)state;
    compare(&(struct variant){.whispers = false}, &(struct variant){.whispers = true}, THE_OWNER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_learn_nothing_of_a_dealt_role),
        cmocka_unit_test(not_even_the_owner_learns_of_an_untold_change),
        cmocka_unit_test(nor_that_there_was_one),
        cmocka_unit_test(nobody_hears_what_two_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
