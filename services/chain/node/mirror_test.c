// The other node, played here: it gets every block in order, earlier ones when it takes none, and is not
// waited for.
#include "services/chain/node/mirror.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include "lib/base/clock.h"
#include "services/chain/fields.h"
#include "services/chain/testing/house.h"

enum { PATIENCE_MS = 20000, FRAME_MOST = 64 * 1024, GREETING = 14 + 32 + 32, BLOCKS = 3 };

struct scene {
    struct house *house;
    struct mirror *mirror;
    int listener, fd; // of the other node
    char place[32];
    struct ledger_account authority; // as it was told
    uint8_t frame[FRAME_MOST];
};

static int set_up(void **state)
{
    struct scene *scene = *state = calloc(1, sizeof *scene);
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof place;
    assert_non_null(scene);
    scene->house = house_at(NULL);
    for (int i = 0; i < BLOCKS; i++) {
        house_must(scene->house, DEV, "chain.Grant", "{'to_username': 'ann', 'amount': '1', 'memo': 'x'}");
        house_seal(scene->house);
    }
    scene->fd = -1;
    scene->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(scene->listener, (struct sockaddr *)&place, sizeof place), 0);
    assert_int_equal(listen(scene->listener, 4), 0);
    assert_int_equal(getsockname(scene->listener, (struct sockaddr *)&place, &length), 0);
    snprintf(scene->place, sizeof scene->place, "127.0.0.1:%u", ntohs(place.sin_port));
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    mirror_stop(scene->mirror);
    if (scene->fd >= 0) close(scene->fd);
    if (scene->listener >= 0) close(scene->listener);
    house_close(scene->house);
    free(scene);
    return 0;
}

static void begin_mirror(struct scene *scene)
{
    struct err err = {0};
    scene->house->chain.settings.mirror = scene->place;
    assert_true(mirror_start(&scene->mirror, &scene->house->chain, &err));
}

// ---- The other node

static void wait_for(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
}

static void take_bytes(struct scene *scene, void *bytes, size_t length)
{
    for (size_t had = 0; had < length;) {
        wait_for(scene->fd);
        ssize_t count = recv(scene->fd, (char *)bytes + had, length - had, 0);
        assert_true(count > 0);
        had += (size_t)count;
    }
}

static size_t take_frame(struct scene *scene)
{
    uint8_t prefix[4];
    struct fields_reader reader = {prefix, sizeof prefix, false};
    take_bytes(scene, prefix, sizeof prefix);
    size_t length = fields_get_uint(&reader, 4);
    assert_true(length <= sizeof scene->frame);
    take_bytes(scene, scene->frame, length);
    return length;
}

static void want_block(struct scene *scene, uint64_t number)
{
    uint8_t bytes[4 + 8];
    struct fields_writer writer = {bytes};
    fields_put_uint(&writer, 8, 4);
    fields_put_uint(&writer, number, 8);
    assert_int_equal(send(scene->fd, bytes, sizeof bytes, MSG_NOSIGNAL), sizeof bytes);
}

static void be_greeted(struct scene *scene)
{
    wait_for(scene->listener);
    scene->fd = accept(scene->listener, NULL, NULL);
    assert_int_equal(take_frame(scene), GREETING);
    assert_memory_equal(scene->frame, "conse/mirror/1", 14);
    assert_memory_equal(scene->frame + 14, &scene->house->chain.id, 32);
    memcpy(&scene->authority, scene->frame + 46, sizeof scene->authority);
}

// A block that can be checked; returns its number.
static uint64_t take_block(struct scene *scene, struct ledger_block *block)
{
    struct merkle_hash leaves[LEDGER_BLOCK_RECORDS_MAX], root;
    uint8_t signature[LEDGER_SIGNATURE_BYTES];
    struct fields_reader reader = {scene->frame, take_frame(scene), false};
    assert_true(ledger_block_decode(block, scene->frame, LEDGER_BLOCK_BYTES));
    fields_skip(&reader, LEDGER_BLOCK_BYTES);
    fields_get(&reader, signature, sizeof signature);
    for (uint32_t i = 0; i < block->count; i++) fields_get(&reader, &leaves[i], sizeof leaves[i]);
    assert_true(fields_is_whole(&reader));
    root = merkle_root(leaves, block->count);
    assert_memory_equal(&root, &block->root, sizeof root);
    assert_true(ledger_block_verify(block, &scene->authority, signature));
    return block->index;
}

// ---- The story

static void blocks_come_in_order(void **state)
{
    struct scene *scene = *state;
    struct merkle_hash previous = scene->house->chain.id;
    begin_mirror(scene);
    be_greeted(scene);
    for (uint64_t i = 0; i <= BLOCKS; i++) {
        struct ledger_block block;
        want_block(scene, i);
        if (i == BLOCKS) { // there is one more by and by
            house_must(scene->house, DEV, "chain.Grant",
                       "{'to_username': 'ann', 'amount': '1', 'memo': 'x'}");
            house_seal(scene->house);
        }
        assert_int_equal(take_block(scene, &block), i);
        assert_memory_equal(&block.previous, &previous, sizeof previous);
        previous = ledger_block_hash(&block);
    }
}

static void earlier_ones_come_until_one_is_taken(void **state)
{
    struct scene *scene = *state;
    struct ledger_block block;
    begin_mirror(scene);
    be_greeted(scene);
    want_block(scene, BLOCKS + 4); // it has more than there is
    assert_int_equal(take_block(scene, &block), 2);
    want_block(scene, 2);
    assert_int_equal(take_block(scene, &block), 1);
    want_block(scene, 1);
    assert_int_equal(take_block(scene, &block), 0);
    want_block(scene, 1); // it took this one
    assert_int_equal(take_block(scene, &block), 1);
    want_block(scene, 2);
    assert_int_equal(take_block(scene, &block), 2);
}

// It is called again, and told from where anew.
static void who_hangs_up_is_called_again(void **state)
{
    struct scene *scene = *state;
    struct ledger_block block;
    begin_mirror(scene);
    be_greeted(scene);
    want_block(scene, 0);
    assert_int_equal(take_block(scene, &block), 0);
    close(scene->fd);
    be_greeted(scene);
    want_block(scene, 1);
    assert_int_equal(take_block(scene, &block), 1);
}

static void nobody_waits_for_a_silent_node(void **state)
{
    struct scene *scene = *state;
    begin_mirror(scene);
    be_greeted(scene); // and says nothing
    int64_t before_ms = clock_mono_ms();
    mirror_stop(scene->mirror);
    scene->mirror = NULL;
    assert_true(clock_mono_ms() - before_ms < 9000);
    close(scene->listener);
    scene->listener = -1;
    begin_mirror(scene); // nobody is there
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(blocks_come_in_order),
        TEST(earlier_ones_come_until_one_is_taken),
        TEST(who_hangs_up_is_called_again),
        TEST(nobody_waits_for_a_silent_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
