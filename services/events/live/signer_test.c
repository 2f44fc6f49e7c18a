// Which key signs checkpoints, and what rotating the keys of events leaves as it is.
#include "lib/store/testing/shared.h"
#include "services/events/game/checkpoint.h"
#include "services/events/live/signer.h"
#include "services/events/streams.h"
#include "services/events/testing/table.h"

static const struct asker operator_ = {"", LEVEL_DEV};

// From now on keys are rows.
static void reopen_sealed(struct service_world *world)
{
    events_close(&world->events);
    world->sealed = true;
    service_start(world);
}

// As auth would.
static void certify(struct signer *signer, const uint8_t identity_seed[KEY_BYTES])
{
    uint32_t number;
    uint8_t key[PUBLIC_KEY], identity[PUBLIC_KEY], certificate[KEY_CERTIFICATE];
    struct err err = {0};
    assert_true(signer_lacks(signer, &number, key));
    certificate_make(identity_seed, CERTIFIES_CHECKPOINTS, key, certificate);
    signing_public(identity_seed, identity);
    if (!signer_learn(signer, number, identity, certificate, &err)) fail_msg("%s", err.message);
    assert_false(signer_lacks(signer, &number, key));
}

static void without_a_master_key_the_identity_signs(void **state)
{
    struct service_world *world = *state;
    struct signing signing;
    uint32_t number;
    uint8_t key[PUBLIC_KEY], seed[KEY_BYTES];
    struct err err;
    char folder[96];
    snprintf(folder, sizeof folder, "%s/keys", world->dir);
    assert_true(signer_get(world->events.signer, &signing));
    assert_false(signing.own);
    assert_false(signer_lacks(world->events.signer, &number, key));
    assert_true(key_file_read(folder, "identity", seed, &err));
    signing_public(seed, key);
    assert_memory_equal(key, signing.public_key, PUBLIC_KEY);
}

static void an_own_key_signs_once_it_is_certified(void **state)
{
    struct service_world *world = *state;
    const uint8_t seed[KEY_BYTES] = {3}, foreign[KEY_BYTES] = {4};
    struct signing signing, again;
    uint32_t number;
    uint8_t key[PUBLIC_KEY], identity[PUBLIC_KEY], certificate[KEY_CERTIFICATE];
    struct err err;
    reopen_sealed(world);
    struct signer *signer = world->events.signer;
    assert_false(signer_get(signer, &signing));
    assert_true(signer_lacks(signer, &number, key));
    certificate_make(foreign, CERTIFIES_CHECKPOINTS, key, certificate);
    signing_public(seed, identity);
    assert_false(signer_learn(signer, number, identity, certificate, &err)); // of another identity
    assert_false(signer_get(signer, &signing));
    certify(signer, seed);
    assert_true(signer_get(signer, &signing));
    assert_true(signing.own);
    assert_memory_equal(signing.public_key, key, PUBLIC_KEY);
    assert_true(certificate_check(identity, CERTIFIES_CHECKPOINTS, signing.public_key, signing.certificate));
    reopen_sealed(world); // auth is not needed again
    assert_true(signer_get(world->events.signer, &again));
    assert_memory_equal(&again, &signing, sizeof again);
}

static void rotate(struct service_world *world, const char *name)
{
    char request[64];
    snprintf(request, sizeof request, "{'name':'%s'}", name);
    service_must(world, &operator_, "events.keys.Rotate", request);
}

static void a_rotated_key_signs_once_it_is_certified(void **state)
{
    struct service_world *world = *state;
    const uint8_t seed[KEY_BYTES] = {3};
    struct signing before, after;
    reopen_sealed(world);
    certify(world->events.signer, seed);
    assert_true(signer_get(world->events.signer, &before));
    rotate(world, "checkpoint");
    assert_true(signer_get(world->events.signer, &after));
    assert_memory_equal(&after, &before, sizeof after);
    certify(world->events.signer, seed);
    assert_true(signer_get(world->events.signer, &after));
    assert_int_equal(after.number, 2);
}

static const Events__LogReply *read_log(struct service_world *world)
{
    return (const void *)service_must(world, &god, "events.ReadLog", "{" EVENT "}").reply;
}

static void assert_signed_by(const Events__LogReply *log, const uint8_t key[PUBLIC_KEY], const char *event_id)
{
    uint8_t message[CHECKPOINT_MOST];
    assert_int_equal(log->n_checkpoints, 1);
    const Events__Checkpoint *checkpoint = log->checkpoints[0];
    size_t len = checkpoint_message(message, event_id, 1, checkpoint->hash.data);
    assert_int_equal(checkpoint->signature.len, 64);
    assert_int_equal(crypto_sign_verify_detached(checkpoint->signature.data, message, len, key), 0);
}

static void the_log_says_who_signed(void **state)
{
    struct service_world *world = *state;
    const uint8_t seed[KEY_BYTES] = {3};
    struct signing by_file, signing;
    char event_id[UUID_LEN + 1];
    open_dealt(world);
    snprintf(event_id, sizeof event_id, "%s", service_recall(world, "event"));
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    service_must(world, &god, "events.ClosePhase", "{" EVENT "}");
    assert_true(signer_get(world->events.signer, &by_file));
    assert_signed_by(read_log(world), by_file.public_key, event_id);
    assert_null(read_log(world)->signer);
    reopen_sealed(world);
    assert_int_equal(read_log(world)->checkpoints[0]->signature.len, 0); // it is signed later
    assert_null(read_log(world)->signer);
    for (int i = 0; i < 2; i++) {
        certify(world->events.signer, seed);
        assert_true(signer_get(world->events.signer, &signing));
        const Events__LogReply *log = read_log(world);
        assert_signed_by(log, signing.public_key, event_id);
        assert_memory_equal(log->signer->public_key.data, signing.public_key, PUBLIC_KEY);
        assert_memory_equal(log->signer->certificate.data, signing.certificate, KEY_CERTIFICATE);
        rotate(world, "checkpoint");
    }
}

// ---- The deal's keys

static uint32_t sealed_by(struct service_world *world)
{
    ProtobufCBinaryData attached;
    struct err err;
    assert_true(store_attached(world->events.store, events_stream(service_recall(world, "event")).text, 1,
                               &world->arena, &attached, &err));
    const Game__SecretRow *row =
        game__secret_row__unpack(&world->arena.allocator, attached.len, attached.data);
    return row->key_number;
}

static void deals_are_opened_by_the_key_that_sealed_them(void **state)
{
    struct service_world *world = *state;
    open_dealt(world); // sealed by the file's key
    service_remember(world, "first", service_recall(world, "event"));
    reopen_sealed(world);
    rotate(world, "deal");
    open_dealt(world);
    assert_int_equal(sealed_by(world), 2);
    rotate(world, "deal");
    reopen_sealed(world); // nothing is remembered in memory
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    service_must(world, &god, "events.CancelEvent", "{'event_id':'$first'}");
    const Events__DealReply *deal =
        (const void *)service_must(world, &nobody, "events.GetDeal", "{'event_id':'$first'}").reply;
    assert_int_equal(deal->deal->opened->secret.len, 32);
}

static void a_ticket_outlives_the_rotation(void **state)
{
    struct service_world *world = *state;
    reopen_sealed(world);
    open_event(world, "Evening", "2027-01-15T20:00:00");
    const Events__ReserveReply *guest =
        (const void *)service_must(world, &god, "events.Reserve", "{" EVENT ",'guest_name':'Nima'}").reply;
    service_remember(world, "guest", guest->reservation->user_id);
    const Events__ClaimTicketReply *made =
        (const void *)service_must(world, &god, "events.MakeClaimTicket", "{" EVENT ",'user_id':'$guest'}")
            .reply;
    service_remember(world, "ticket", made->ticket);
    rotate(world, "deal");
    service_must(world, &player, "events.ClaimSeat", "{" EVENT ",'ticket':'$ticket'}");
}

static void events_rotates_its_own_keys_alone(void **state)
{
    struct service_world *world = *state;
    reopen_sealed(world);
    assert_refuses(world, &operator_, "events.keys.Rotate", "{'name':'refresh'}", IS(INVALID_FIELD));
    assert_refuses(world, &operator_, "events.keys.Rotate", "{'name':'deal','at_once':true}",
                   IS(INVALID_FIELD));
    assert_refuses(world, &dev, "events.keys.Rotate", "{'name':'deal'}", IS(CALLER_REFUSED));
}

// ---- Several processes

static void a_shared_store_needs_a_master_key(void **state)
{
    (void)state;
    static const char url[] = "shared:signer";
    struct events third;
    struct err err;
    char id[64];
    struct key key;
    shared_store_register();
    struct service_world *one = service_world_at(url), *two = service_world_at(url);
    const struct events_options options = {
        .settings = &service_settings, .data_dir = one->dir, .store_url = url};
    assert_false(events_open(&third, &options, &err));
    assert_non_null(strstr(err.message, "CONSE_MASTER_KEY_FILE must be set"));
    certify(one->events.signer, (const uint8_t[KEY_BYTES]){3});
    assert_true(keyring_read(two->events.keys, &err));
    struct signing by_one, by_two;
    assert_true(signer_get(one->events.signer, &by_one));
    assert_true(signer_get(two->events.signer, &by_two));
    assert_memory_equal(&by_one, &by_two, sizeof by_one);
    assert_true(
        keyring_rotate(one->events.keys, "deal", &(struct rotation){.now_ms = one->now_ms}, id, &err));
    keyring_in_use(one->events.keys, "deal", &key);
    assert_int_equal(key.number, 1); // the other may not know it yet
    service_world_close(two);
    service_world_close(one);
    shared_store_drop(url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_master_key_the_identity_signs),
        TEST(an_own_key_signs_once_it_is_certified),
        TEST(a_rotated_key_signs_once_it_is_certified),
        TEST(the_log_says_who_signed),
        TEST(deals_are_opened_by_the_key_that_sealed_them),
        TEST(a_ticket_outlives_the_rotation),
        TEST(events_rotates_its_own_keys_alone),
        cmocka_unit_test(a_shared_store_needs_a_master_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
