#include <stdbool.h>
#include <malloc.h>
#include <sys/mman.h>

#include "lib/base/heap.h"
#include "tests/test.h"

enum { BLOCKS = 64 * 1024, BLOCK_BYTES = 1000, LIVE_ONE_IN = 64 };

static void *blocks[BLOCKS];

static size_t resident(void)
{
    size_t all, pages;
    FILE *file = fopen("/proc/self/statm", "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%zu %zu", &all, &pages), 2);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

// A sanitizer brings an allocator of its own, which keeps what it has.
static bool is_ours(void)
{
    size_t before = mallinfo2().uordblks;
    void *volatile block = malloc(10000);
    size_t after = mallinfo2().uordblks;
    free(block);
    return after >= before + 10000;
}

static void a_wave_that_has_passed_is_given_back(void **state)
{
    struct heap heap = {0};
    (void)state;
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(BLOCK_BYTES);
        memset(blocks[i], 1, BLOCK_BYTES);
    }
    size_t high = resident();
    for (int i = 0; i < BLOCKS; i++)
        if (i % LIVE_ONE_IN) free(blocks[i]);
    heap_tend(&heap, 1000);
    if (is_ours()) assert_true(resident() < high / 2);
    assert_true(heap.next_ms >= 1000 + HEAP_PAUSE_MS);
    for (int i = 0; i < BLOCKS; i += LIVE_ONE_IN) free(blocks[i]);
}

// As after 5000 connections that rested.
static void a_small_wave_is_given_back_when_it_has_passed(void **state)
{
    enum { FEW = BLOCKS / 8, PARTS = 8 };
    struct heap heap = {0};
    (void)state;
    heap_tend(&heap, 1000);
    for (int i = 0; i < FEW; i++) memset(blocks[i] = malloc(BLOCK_BYTES), 1, BLOCK_BYTES);
    heap_tend(&heap, heap.next_ms);
    size_t high = resident();
    for (int i = 0; i < FEW / PARTS; i++) free(blocks[i]); // 1 MB: it may come again
    heap_tend(&heap, heap.next_ms);
    if (is_ours()) assert_true(resident() > high - BLOCK_BYTES * FEW / PARTS / 2);
    for (int i = FEW / PARTS; i < FEW; i++)
        if (i % LIVE_ONE_IN) free(blocks[i]);
    heap_tend(&heap, heap.next_ms);
    if (is_ours()) assert_true(resident() < high - (size_t)BLOCK_BYTES * FEW * 3 / 4);
    for (int i = FEW / PARTS; i < FEW; i++)
        if (i % LIVE_ONE_IN == 0) free(blocks[i]);
}

static void a_large_block_is_given_back_at_once(void **state)
{
    enum { BYTES = 1024 * 1024, COUNT = 32 };
    void *large[COUNT];
    (void)state;
    for (int round = 0; round < 2; round++) { // the first would have taught glibc to keep the second
        for (int i = 0; i < COUNT; i++) memset(large[i] = malloc(BYTES), 1, BYTES);
        size_t high = resident();
        for (int i = 0; i < COUNT; i++) free(large[i]);
        if (is_ours()) assert_true(resident() < high - COUNT / 2 * BYTES);
    }
}

// Memory that is not the heap's looks unused, and trimming does not help.
static void who_cannot_help_tries_less_and_less_often(void **state)
{
    enum { BYTES = 64 * 1024 * 1024 };
    struct heap heap = {0};
    int64_t now_ms = 1000, last_ms = 0;
    (void)state;
    void *other = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(other, 1, BYTES);
    for (int i = 0; i < 20; i++) {
        heap_tend(&heap, now_ms);
        int64_t pause_ms = heap.again_ms - now_ms;
        assert_true(pause_ms >= last_ms && pause_ms <= 10 * 60 * 1000);
        heap_tend(&heap, heap.again_ms - 1); // too early
        assert_int_equal(heap.again_ms - now_ms, pause_ms);
        last_ms = pause_ms;
        now_ms = heap.next_ms > heap.again_ms ? heap.next_ms : heap.again_ms;
    }
    assert_int_equal(last_ms, 10 * 60 * 1000);
    munmap(other, BYTES);
    heap_tend(&heap, now_ms);
    if (is_ours()) assert_true(heap.again_ms <= now_ms);
}

// Memory that can't be given back does not keep what a wave left.
static void a_wave_is_given_back_while_the_rest_is_not_tried(void **state)
{
    enum { BYTES = 64 * 1024 * 1024, FEW = BLOCKS / 8 };
    struct heap heap = {0};
    (void)state;
    void *other = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(other, 1, BYTES);
    for (int64_t at_ms = 0; heap.pause_ms < 60 * 1000; at_ms = heap.again_ms) heap_tend(&heap, at_ms);
    for (int i = 0; i < FEW; i++) memset(blocks[i] = malloc(BLOCK_BYTES), 1, BLOCK_BYTES);
    heap_tend(&heap, heap.next_ms);
    size_t high = resident();
    for (int i = 0; i < FEW; i++)
        if (i % LIVE_ONE_IN) free(blocks[i]);
    heap_tend(&heap, heap.next_ms);
    assert_true(heap.next_ms < heap.again_ms);
    if (is_ours()) assert_true(resident() < high - (size_t)BLOCK_BYTES * FEW * 3 / 4);
    for (int i = 0; i < FEW; i += LIVE_ONE_IN) free(blocks[i]);
    munmap(other, BYTES);
}

// Large blocks are mapped, and what is not touched of them takes no memory: that hides nothing.
static void a_wave_is_given_back_beside_large_blocks(void **state)
{
    enum { BYTES = 64 * 1024 * 1024, FEW = BLOCKS / 8 };
    struct heap heap = {0};
    (void)state;
    void *volatile large = malloc(BYTES);
    for (int i = 0; i < FEW; i++) memset(blocks[i] = malloc(BLOCK_BYTES), 1, BLOCK_BYTES);
    heap_tend(&heap, 1000);
    size_t high = resident();
    for (int i = 0; i < FEW; i++)
        if (i % LIVE_ONE_IN) free(blocks[i]);
    heap_tend(&heap, heap.next_ms);
    if (is_ours()) assert_true(resident() < high - (size_t)BLOCK_BYTES * FEW * 3 / 4);
    for (int i = 0; i < FEW; i += LIVE_ONE_IN) free(blocks[i]);
    free(large);
}

static int setup(void **state)
{
    (void)state;
    heap_init();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_block_is_given_back_at_once),
        cmocka_unit_test(a_wave_that_has_passed_is_given_back),
        cmocka_unit_test(a_small_wave_is_given_back_when_it_has_passed),
        cmocka_unit_test(who_cannot_help_tries_less_and_less_often),
        cmocka_unit_test(a_wave_is_given_back_while_the_rest_is_not_tried),
        cmocka_unit_test(a_wave_is_given_back_beside_large_blocks),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
