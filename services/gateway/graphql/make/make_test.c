#include "services/gateway/graphql/make/make.h"

#include <sodium.h>

#include "lib/schema/schema.h"
#include "services/gateway/graphql/types/sdl.h"
#include "tests/test.h"

static struct arena arena;
static struct buf text, bare; // with comments as printed; without, and with one blank for any
static struct routes *routes;
static const struct gql_schema *schema;

static const struct gql_schema *make(const struct route_row *rows, size_t count, struct err *err)
{
    static const uint8_t key[GQL_NAMES_KEY] = {1};
    const struct gql_schema *made = NULL;
    routes_destroy(routes);
    routes = NULL;
    arena_reset(&arena);
    if (!routes_create(&routes, rows, count, err)) fail_msg("%s", err->message);
    return gql_make(&made, routes, key, &arena, err) ? made : NULL;
}

static void make_bare(void)
{
    bool blank = false;
    for (const char *at = text.bytes; *at; at++) {
        if (strncmp(at, "\"\"\"", 3) == 0) at = strstr(at + 3, "\"\"\"") + 3;
        bool is_blank = *at == ' ' || *at == '\n';
        if (!is_blank || !blank) buf_char(&bare, is_blank ? ' ' : *at);
        blank = is_blank;
    }
}

static int set_up(void **state)
{
    size_t count;
    struct err err;
    const struct route_row *rows = routes_table(&count);
    (void)state;
    arena_init(&arena, 16 << 20);
    buf_init(&text, 4 << 20);
    buf_init(&bare, 4 << 20);
    schema = make(rows, count, &err);
    if (!schema) fail_msg("%s", err.message);
    gql_sdl_print(schema, &text);
    make_bare();
    return text.failed ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_finish(&text);
    buf_finish(&bare);
    arena_finish(&arena);
    routes_destroy(routes);
    routes = NULL;
    return 0;
}

static void shows(const char *part)
{
    if (!strstr(bare.bytes, part)) fail_msg("not shown: %s", part);
}

static void tells(const char *part)
{
    if (!strstr(text.bytes, part)) fail_msg("not told: %s", part);
}

static void hides(const char *part)
{
    if (strstr(text.bytes, part)) fail_msg("shown: %s", part);
}

static void queries_are_nouns_and_mutations_named_as_methods(void **state)
{
    (void)state;
    shows(" event(id: ID!): Event ");
    shows(" poll(eventId: ID!, id: ID!): Poll ");
    shows(" me: User ");
    shows(" export: Export ");
    shows(" myPlayer(eventId: ID!): Me ");
    shows(" castBallot( input: BallotInput! idempotencyKey: String ): Done ");
    shows(" reserve( input: ReserveInput! idempotencyKey: String ): ReservePayload ");
    shows(" endOtherSessions: Session ");
    shows(" login(input: LoginInput!): Session ");
    shows("type ReservePayload { reservation: Reservation existing: Boolean! }");
}

static void comments_are_those_of_the_contract(void **state)
{
    (void)state;
    tells("  \"\"\"\n  One event as the viewer may see it. Anybody; with a token the reply is for its user.\n"
          "  \"\"\"\n  event(id: ID!)");
    tells("  \"\"\"from 1\"\"\"\n  seat: Int!");
    tells("\"\"\"At most so many, up to 50.\"\"\"");
}

static void lists_have_pages(void **state)
{
    (void)state;
    shows("type EventList { nodes: [Event!]! pageInfo: PageInfo! }");
    shows(" first: Int = 20 after: String ): EventList ");
    shows(" endCursor: String hasNextPage: Boolean! ");
    shows(" roles(includeDisabled: Boolean): [Role!] ");
    hides("page_token");
    hides("nextPageToken");
}

static void values_have_the_types_of_the_rules(void **state)
{
    (void)state;
    shows("enum EventState { OPEN LOCKED REVEALED RUNNING DONE CANCELLED EXPIRED }");
    shows("enum Vote { UP DOWN NONE }");
    shows("type StatusEffect { status: Status untilPhase: Int! }");
    shows(" state: EventState startsAt: WallTime expiresAt: DateTime minPlayers: Int! ");
    shows("type Price { amount: UInt64! currency: PriceCurrency }");
    shows(" winningSideIds: [ID!]! createdAt: DateTime spectatorDelay: Duration ");
    shows(" abilitiesLeft: Int ");
    shows(" salt: Bytes! ");
    shows("input RevealInput { eventId: ID! redeal: RevealRedealInput withoutBeacon: "
          "RevealWithoutBeaconInput }");
    shows("input FinishInput { eventId: ID! winningSideIds: [ID!]! }");
    shows("input ScoreInput { eventId: ID! userId: ID! score: Int! }");
    hides("UNSPECIFIED");
}

static void links_stand_beside_ids(void **state)
{
    (void)state;
    shows(" groupId: ID! group: Group ");
    shows("type Person { id: ID! profile: Profile username: String! }");
    shows(" deck: Deck deal: Deal myPlayer: Me phases( first: Int = 20 after: String ): PhaseReportList ");
    shows(" pollId: ID! poll: Poll ");
    shows(" log( from: UInt64 limit: Int ");
}

static void packed_bytes_are_shown(void **state)
{
    (void)state;
    shows(" payload: Bytes! actorId: ID fields: EntryFields ");
    shows("union EntryFields = EntryOpened | EntryEdited | ");
    shows("type EntryReopened { empty: Boolean! }");
}

// A method's name without its verb, or the noun that its passport says: then another name than the method's.
static void no_query_is_named_by_a_verb(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema->query->fields_count; i++) {
        const struct gql_field *field = &schema->query->fields[i];
        const char *method = strchr(field->route->method->name, '.') + 1;
        if (strcmp(field->name + 1, method + 1) == 0 && (field->name[0] ^ 0x20) == method[0])
            fail_msg("%s needs a noun in its passport", field->route->method->name);
    }
}

static void what_no_route_shows_is_not_there(void **state)
{
    (void)state;
    hides("ollowEvent");
    hides("type File ");
    hides("mage(");
    hides("wait: ");
    hides("listReplicas");
}

static void streams_are_subscriptions(void **state)
{
    (void)state;
    shows("type Subscription { event( id: ID! after: String ): EventUpdate! me( after: String ): MeUpdate! "
          "room( id: ID! after: String ): RoomUpdate! "
          "topic( name: String! after: String ): TopicUpdate! "
          "book( roleId: ID! after: String ): BookUpdate! "
          "orders( after: String ): OrdersUpdate! "
          "presence( eventId: ID! after: String ): PresenceUpdate! }");
    shows("union PresenceUpdate = PresenceSnapshot | StreamLive | StreamReset");
    shows("union TopicUpdate = TopicSnapshot | TopicEntry | StreamLive | StreamReset");
    shows("union BookUpdate = BookSnapshot | BookEntry | StreamLive | StreamReset");
    shows("union OrdersUpdate = OrdersSnapshot | OrdersEntry | StreamLive | StreamReset");
    shows("union RoomUpdate = RoomSnapshot | RoomEntry | StreamLive | StreamReset | RoomTyping");
    shows("type RoomSnapshot { cursor: String! state: RoomState! mine: RoomMine }");
    shows("union EventUpdate = EventSnapshot | LogEntry | StreamLive | StreamReset");
    shows("union MeUpdate = MeSnapshot | MeEntry | StreamLive | StreamReset");
    shows("type EventSnapshot { cursor: String! state: Event! mine: EventMine }");
    shows("type MeSnapshot { cursor: String! state: MeState! }");
    shows("type StreamLive { cursor: String! serverTime: DateTime! }");
    shows("type StreamReset { reason: ResetReason }");
    shows("enum ResetReason { EPOCH TRIMMED TOO_FAR RIGHTS }");
    shows(" sayPresence(input: SayPresenceInput!): Done renewToken(accessToken: String!): TokenLease }");
    shows("input SayPresenceInput { eventId: ID! away: Boolean! tab: String }");
}

static void it_is_printed_alike_each_time(void **state)
{
    size_t count;
    struct err err;
    struct buf again;
    const struct route_row *rows = routes_table(&count);
    (void)state;
    buf_init(&again, 4 << 20);
    schema = make(rows, count, &err);
    assert_non_null(schema);
    gql_sdl_print(schema, &again);
    assert_string_equal(again.bytes, text.bytes);
    buf_finish(&again);
}

static void refused(const struct route_row *rows, size_t count, const char *why)
{
    struct err err;
    assert_null(make(rows, count, &err));
    assert_string_equal(err.message, why);
}

static void what_collides_or_has_no_form_is_refused(void **state)
{
    static struct route_row twice[512];
    static const struct route_row loose[] = {
        {VERB_GET, "/decks/{deck_id}", "events.GetDeck", 200, PAGE_NONE}};
    size_t count;
    const struct route_row *rows = routes_table(&count);
    (void)state;
    assert_true(count < sizeof twice / sizeof *twice);
    memcpy(twice, rows, count * sizeof *rows);
    twice[count] = (struct route_row){VERB_GET, "/b", "auth.ListSessions", 200, PAGE_NONE};
    refused(twice, count + 1, "GraphQL: a name is there twice in Query");
    refused(loose, 1, "GraphQL: a link to what has no route: events.GetGroup");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(queries_are_nouns_and_mutations_named_as_methods),
        TEST(comments_are_those_of_the_contract),
        TEST(lists_have_pages),
        TEST(values_have_the_types_of_the_rules),
        TEST(links_stand_beside_ids),
        TEST(packed_bytes_are_shown),
        TEST(no_query_is_named_by_a_verb),
        TEST(what_no_route_shows_is_not_there),
        TEST(streams_are_subscriptions),
        TEST(it_is_printed_alike_each_time),
        TEST(what_collides_or_has_no_form_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
